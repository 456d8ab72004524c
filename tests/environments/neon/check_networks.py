"""Runs small networks on an emulated AArch64 and compares with float64: check_networks.py COMMAND..."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from hrnet_native.bundle.graph import Graph
from hrnet_native.bundle.graph_file import write_graph
from hrnet_native.bundle.reference import run_reference

sys.path.insert(0, str(Path(__file__).parents[2]))
from support.native_graphs import TOLERANCE, every_operator, long_strides, random_convs

BATCH = 2


def main() -> int:
    """Returns 1 if an answer is wrong."""
    graphs = {"every operator": every_operator(), "long strides": long_strides()}
    graphs |= {f"convolutions {seed}": random_convs(seed) for seed in range(25)}
    wrong = 0
    for isa in ("neon", "scalar"):
        errors = {name: largest_error(graph, isa, threads=1 + i % 2) for i, (name, graph) in enumerate(graphs.items())}
        wrong += sum(error > TOLERANCE for error in errors.values())
        worst = max(errors, key=lambda name: errors[name])
        print(f"{isa}: {len(errors)} networks, the largest error {errors[worst]:.1e} of the largest output ({worst})")
    return 1 if wrong else 0


def largest_error(graph: Graph, isa: str, threads: int) -> float:
    """Of the largest output; the program is what the command line says."""
    inputs = np.random.default_rng(9).normal(size=(BATCH, *graph.input_shape)).astype(np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_graph(graph, folder / "network")
        inputs.tofile(folder / "input")
        paths = [folder / "network", folder / "input", str(BATCH), str(threads), folder / "output"]
        subprocess.run([*sys.argv[1:], *paths], check=True, env=os.environ | {"HRNET_NATIVE_ISA": isa})
        outputs = np.fromfile(folder / "output", np.float32).reshape(BATCH, -1)
    expected = run_reference(graph, inputs)
    return float(np.abs(outputs - expected).max() / np.abs(expected).max())


if __name__ == "__main__":
    raise SystemExit(main())
