"""Tries every supported Paddle with the models of every other, and writes the tables of docs/paddle-versions.md.

Run by `./dev paddle-matrix`. Fails if a cell is neither right nor refused with a sentence that says what is needed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
from pathlib import Path

from environments.paddle_matrix.environments import BUILD, Environment
from environments.paddle_matrix.networks import NETWORKS, SMALL, SQUEEZE, W18, make_weights
from environments.paddle_matrix.processes import build_refuses, export, run_trials
from environments.paddle_matrix.report import DOCUMENT, Cell, Column, Row, tables, write
from support.paths import ROOT

VERSIONS = ("2.6.2", "3.0.0", "3.2.2", "3.3.1")
BACKENDS = ("cpu", "onednn", "openvino")
UP_SAMPLINGS = ("reshape", "nearest_interp")
FEEDS = ("x", "inputs")


def formats(version: str) -> tuple[str, ...]:
    return ("pdmodel",) if version.startswith("2.") else ("pdmodel", "json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=BUILD / "paddle-matrix", help="environments and models (6 GB)")
    parser.add_argument("--output", type=Path, default=DOCUMENT, help="the document (default: in docs/)")
    parser.add_argument("--without-w18", action="store_true", help="the small networks only")
    arguments = parser.parse_args()
    cache = arguments.cache.resolve()
    for network in NETWORKS.values():
        make_weights(network, cache / "models" / network.name)
    environments = {version: Environment(version, cache) for version in VERSIONS}
    probes = {version: environment.make() for version, environment in environments.items()}
    strangers = {
        version: build_refuses(environment) for version, environment in environments.items() if version != VERSIONS[-1]
    }
    rows = [Row(SMALL.name, *row) for row in itertools.product(VERSIONS, ("pdmodel", "json"), UP_SAMPLINGS)]
    # As PaddleClas's users have them.
    others = [SQUEEZE] if arguments.without_w18 else [SQUEEZE, W18]
    written = (("2.6.2", "pdmodel"), ("3.0.0", "json"), ("3.3.1", "json"))
    rows += [Row(network.name, *by, UP_SAMPLINGS[1]) for network in others for by in written]
    rows = [row for row in rows if row.model_format in formats(row.exporter)]
    columns = [Column(*column) for column in itertools.product(VERSIONS, BACKENDS)]
    cells = measure(environments, rows, columns, cache / "models")
    write(arguments.output, tables(probes, strangers, rows, columns, cells))
    bad = [at for at, cell in cells.items() if not cell.explained or (runs_surely(*at) and cell.outcome != "right")]
    for at in bad:
        print(f"not explained: {at}: {cells[at]}", file=sys.stderr)
    return 1 if bad else 0


def runs_surely(row: Row, column: Column) -> bool:
    """Whether no excuse counts: a Paddle with its own models, on what every Paddle has."""
    return row.exporter == column.version and column.backend in ("cpu", "onednn")


def measure(
    environments: dict[str, Environment], rows: list[Row], columns: list[Column], models: Path
) -> dict[tuple[Row, Column], Cell]:
    """Exports the rows' models and tries each in every column."""
    cells: dict[tuple[Row, Column], Cell] = {}
    for row in rows:
        folder = models / row.network / f"{row.exporter}-{row.model_format}"
        export(environments[row.exporter], NETWORKS[row.network], folder, row.model_format, row.up_sampling, FEEDS)
    for column in columns:
        print(f"Paddle {column.version}, {column.backend}", file=sys.stderr)
        for name in dict.fromkeys(row.network for row in rows):
            tried = [row for row in rows if row.network == name]
            folders = {row: models / name / f"{row.exporter}-{row.model_format}" for row in tried}
            directories = [folders[row] / f"{row.up_sampling}-{feed}" for row in tried for feed in FEEDS]
            answers = run_trials(environments[column.version], column.backend, models / name, directories)
            for row in tried:
                both = [answers[folders[row] / f"{row.up_sampling}-{feed}"] for feed in FEEDS]
                cells[row, column] = Cell.of(*both)
    return cells


if __name__ == "__main__":
    os.environ.pop("HRNET_NATIVE_PADDLE_DIR", None)
    if shutil.which("ninja") is None:
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.chdir(ROOT)
    sys.exit(main())
