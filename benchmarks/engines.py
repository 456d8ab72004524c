"""HRNet in this project's engine and in others: the same weights and inputs, in turns, with the answers checked.

Each engine runs in an environment of its own, built on first use under build/engines (some GB), and in a process of its
own on fixed CPUs. benchmarks/README.md tells more.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

from engines import machine
from engines.cell import Settings, measure_cell
from engines.layers import show_layers
from engines.models import NETWORKS
from engines.overhead import show_overhead
from engines.paddle_settings import PADDLE_SETTINGS
from engines.peers import PADDLE_BACKENDS, PEERS, Engine, ours
from engines.process import WorkerError
from engines.report import show
from engines.rounds import Effort

# (network, batch, threads): what the best peer's time over ours should be at least.
GOALS = {
    ("W18", 1, 1): 1.62,
    ("W18", 1, 2): 1.62,
    ("W18", 8, 2): 1.65,
    ("W48", 1, 1): 1.98,
    ("W48", 1, 2): 1.98,
    ("W48", 8, 2): 2.05,
}
FULL = list(itertools.product(("W18", "W32", "W48", "SE_W64"), (1, 4, 8), (1, 2)))
PADDLE = list(itertools.product(("W18", "W48", "SE_W64"), (1, 4, 8), (2,)))
OVERHEAD = ("W18", 1)  # with --paddle-only, what Predictor::Infer adds to a bare Paddle program is told of this one
ROUNDS, ROUNDS_OF_FULL = 7, 3
BUILD = Path(__file__).parent.parent / "build"


def main() -> None:
    arguments = parse()
    settings = Settings(
        *contestants(arguments),
        arguments.upsampling,
        arguments.isa,
        arguments.cache.resolve(),
    )
    facts = machine.describe()
    print(f"{facts['cpu']}, {facts['cpus']} CPUs, {' '.join(facts['simd'])}")
    if arguments.layers:
        for name, batch, threads in cells(arguments):
            print(f"\n{name}, batch {batch}, {threads} threads")
            show_layers(NETWORKS[name], batch, threads, arguments.isa, settings.cache)
        return
    goals = {} if arguments.paddle_only or arguments.paddle_settings else GOALS
    results = []
    for cell in cells(arguments):
        name, batch, threads = cell
        rounds = arguments.rounds or (ROUNDS if cell in goals else ROUNDS_OF_FULL)
        effort = Effort(rounds, arguments.runs, arguments.seconds)
        try:
            result = measure_cell(NETWORKS[name], batch, threads, effort, settings)
        except WorkerError as error:
            sys.exit(f"this project's engine failed: {error}")
        results.append({"network": name, "goal": goals.get(cell), **result})
        show(results[-1])
        if arguments.json:  # after every cell: a run takes long, and may be stopped
            arguments.json.write_text(as_json({"machine": facts, "cells": results}))
    if arguments.paddle_only and any(cell[:2] == OVERHEAD for cell in cells(arguments)):
        show_overhead(NETWORKS[OVERHEAD[0]], OVERHEAD[1], settings.cache)


def as_json(document: dict[str, Any]) -> str:
    """With a list of numbers on one line, so that a result can be read, and kept in the repository."""
    text = json.dumps(document, indent=1)
    return re.sub(r"\[[-+.,\seE\d]+\]", lambda numbers: " ".join(numbers[0].split()), text) + "\n"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also the cells that have no goal")
    parser.add_argument(
        "--paddle-only", action="store_true", help="instead, this project's Paddle backends side by side"
    )
    parser.add_argument("--paddle-settings", action="store_true", help="instead, settings of Paddle with oneDNN")
    parser.add_argument("--layers", action="store_true", help="instead, the native engine's layers, with their shares")
    parser.add_argument("--models", nargs="+", choices=NETWORKS, help="default: W18 and W48")
    parser.add_argument("--batches", nargs="+", type=int, metavar="N", help="default: 1, and 8 with 2 threads")
    parser.add_argument("--threads", nargs="+", type=int, metavar="N", help="default: 1 and 2; each has its own CPU")
    names = [peer.name for peer in PEERS]
    parser.add_argument("--peers", nargs="*", choices=names, default=names, help="default: all")
    parser.add_argument("--backend", default="auto", help="of this project (default: auto)")
    parser.add_argument("--upsampling", choices=("reshape", "resize"), help="default: the faster one for each peer")
    parser.add_argument("--isa", choices=("avx2", "avx512"), help="cap the instruction set")
    parser.add_argument("--rounds", type=int, help=f"default: {ROUNDS}; {ROUNDS_OF_FULL} for cells without a goal")
    parser.add_argument("--runs", type=int, default=30, help="of a round (default: 30)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of a round, if they end first (default: 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    parser.add_argument("--cache", type=Path, default=BUILD / "engines", metavar="DIR", help="for all that it makes")
    return parser.parse_args()


def contestants(arguments: argparse.Namespace) -> tuple[Engine, list[Engine]]:
    """Whom the others are compared with, and the others."""
    for asked, engines in ((arguments.paddle_only, PADDLE_BACKENDS), (arguments.paddle_settings, PADDLE_SETTINGS)):
        if asked:
            return engines[0], list(engines[1:])
    return ours(arguments.backend), [peer for peer in PEERS if peer.name in arguments.peers]


def cells(arguments: argparse.Namespace) -> list[tuple[str, int, int]]:
    """The usual cells, narrowed to what is asked for; any others only if they are named in all three."""
    asked = (arguments.models, arguments.batches, arguments.threads)
    if all(asked):
        return list(itertools.product(*asked))
    through_paddle = arguments.paddle_only or arguments.paddle_settings
    usual = dict.fromkeys(PADDLE if through_paddle else [*GOALS, *(FULL if arguments.full else [])])
    return [cell for cell in usual if all(not wanted or value in wanted for value, wanted in zip(cell, asked))]


if __name__ == "__main__":
    main()
