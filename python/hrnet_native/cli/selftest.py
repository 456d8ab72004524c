"""``hrnet-native selftest``: whether each backend of a device works on this machine, and how fast."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hrnet_native.cli.options import (
    add_cache_option,
    add_gpu_options,
    add_model_option,
    find_model,
    gpu_options,
    integer,
)
from hrnet_native.cli.terminal import complain, show
from hrnet_native.evaluation.backends import BATCH_SIZES, Result, selftest

# What device gpu is tried with unless said otherwise: the model of the package is small, and not in the format that
# TensorRT takes. docs/performance.md times this architecture.
_GPU_MODEL: Final[dict[str, Any]] = {"arch": "HRNet_W18_C", "model_format": "pdmodel", "native": False}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "selftest",
        help="check the backends of a device and time them",
        description="Runs a model with every backend and precision of a device: each must give the outputs that the "
        "model records and, at every batch size, those of the plainest backend of the CPU; TensorRT's engine must come "
        "from the cache the second time, and be built again where its file is damaged. Prints what failed, and the "
        "latency at batch 1, 4 and 8. Exits with 0 if everything that this installation and model have works. Without "
        "--model, device gpu is tried with an HRNet_W18_C of random weights, which is exported for it.",
    )
    add_model_option(parser)
    parser.add_argument(
        "--device", choices=("cpu", "gpu"), default="cpu", help="whose backends are checked (default: cpu)"
    )
    add_gpu_options(parser)
    add_cache_option(parser)
    parser.add_argument("--runs", type=integer, default=50, metavar="N", help="timed runs of each cell (default: 50)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line for each backend as it is done, and the table at the end."""
    results = []
    with _model(arguments) as model:
        for result in selftest(model, arguments.device, arguments.runs, gpu_options(arguments)):
            results.append(result)
            if arguments.json:
                print(json.dumps(result.to_dict()), flush=True)
            else:
                show(f"{result.name:16s} {result.status:8s} {result.message}")
                sys.stdout.flush()
    if not arguments.json:
        _print_table(results)
    if not any(result.status == "works" for result in results):
        complain("nothing works")
        return 1
    return 1 if any(result.status == "fails" for result in results) else 0


@contextlib.contextmanager
def _model(arguments: argparse.Namespace) -> Iterator[Path | None]:
    if arguments.device == "cpu" or arguments.model is not None:
        yield find_model(arguments)
        return
    from hrnet_native.export.exporter import ExportOptions, export

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        export(ExportOptions(allow_random=True, **_GPU_MODEL), model)
        yield model


def _print_table(results: list[Result]) -> None:
    columns = "".join(f"{f'batch {size}':>18s}" for size in BATCH_SIZES)
    print(f"\n{'ms a run':16s} {columns}   (median, 99th percentile)")
    for result in results:
        if result.status == "works":
            cells = "".join(f"{median:11.2f} {tail:6.2f}" for median, tail in result.latency_ms)
            print(f"{result.name:16s} {cells}")
