"""How far the native engine's answers are from exact ones: `./dev numbers`.

Every architecture with calibrated random weights and the default model, batches of 1 to 8, every instruction set of
this CPU. Exact is the same graph in float64. The largest error, over the largest logit, may be four times that of
Paddle's plain float32 (no oneDNN, no fusing) on the same images, and 3e-5 at most. Takes about an hour; what was
computed once is kept in build/numbers.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hrnet_native
from engines.machine import instruction_sets
from engines.models import Network, make_bundle, make_weights
from hrnet_native.bundle.graph import Graph, Softmax
from hrnet_native.bundle.graph_file import read_graph
from hrnet_native.bundle.probe import probe_input
from hrnet_native.bundle.reference import run_reference

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "numbers"
MOST = 3e-5
TIMES_PADDLE = 4.0
IMAGES = 8
DEFAULT = "default"
ARCHITECTURES = (*(f"HRNet_W{width}_C" for width in (18, 30, 32, 40, 44, 48, 60, 64)), "SE_HRNet_W64_C", DEFAULT)

Logits = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Case:
    """A network with its images, exact logits of each, and those of Paddle."""

    bundle: Path
    images: NDArray[np.float32]
    exact: Logits
    paddle: Logits

    def errors(self, predictor: hrnet_native.Predictor, batch: int) -> tuple[float, float]:
        """The predictor's error on the first images, and its budget."""
        error = self._error(logits_of(predictor.infer(self.images[:batch])))
        return error, min(TIMES_PADDLE * self._error(self.paddle[:batch]), MOST)

    def _error(self, logits: Logits) -> float:
        exact = self.exact[: len(logits)]
        return float(np.abs(centred(logits) - centred(exact)).max() / np.abs(exact).max())


def main() -> int:
    """Prints a row for each architecture, instruction set and batch; returns 1 if one is out of its budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", nargs="+", choices=ARCHITECTURES, default=ARCHITECTURES, metavar="NAME")
    parser.add_argument("--isa", nargs="+", choices=instruction_sets(), default=instruction_sets(), metavar="WORD")
    parser.add_argument("--batch", nargs="+", type=int, default=range(1, IMAGES + 1), metavar="N")
    arguments = parser.parse_args()
    failures = 0
    print(f"{'network':16s} {'isa':8s} {'batch':>5s} {'error':>8s} {'budget':>8s}")
    for arch in arguments.arch:
        case = make_case(arch)
        for isa in arguments.isa:
            os.environ["HRNET_NATIVE_ISA"] = isa
            with hrnet_native.Predictor(case.bundle, backend="native", max_batch_size=IMAGES) as predictor:
                for batch in arguments.batch:
                    error, budget = case.errors(predictor, batch)
                    failures += error > budget
                    verdict = "" if error <= budget else "  too much"
                    print(f"{arch:16s} {isa:8s} {batch:5d} {error:8.1e} {budget:8.1e}{verdict}", flush=True)
    print(f"{failures} out of budget" if failures else "all within their budgets")
    return 1 if failures else 0


def centred(logits: Logits) -> Logits:
    """What softmax sees: it takes no notice of a constant, which is not to be had back from probabilities."""
    return logits - logits.mean(axis=1, keepdims=True)


def logits_of(probabilities: NDArray[np.float32]) -> Logits:
    """Up to a constant; a probability's own rounding is a hundredth of the smallest budget."""
    return np.log(probabilities.astype(np.float64))


def make_case(arch: str) -> Case:
    """Makes, or finds from an earlier run, a network and its answers."""
    folder = FOLDER / arch
    bundle = make_default(folder) if arch == DEFAULT else make_random(arch, folder)
    return case_of(bundle, IMAGES, folder)


def case_of(bundle: Path, count: int, folder: Path) -> Case:
    """A bundle with the files of both engines, and so many images; what is computed is kept in `folder`."""
    graph = read_graph(bundle / "native.safetensors")
    images = probe_input(7, (count, *graph.input_shape))
    exact = kept(folder / f"exact_{count}.npy", bundle, lambda: exact_logits(graph, images))
    paddle = kept(folder / f"paddle_{count}.npy", bundle, lambda: paddle_logits(bundle, images))
    return Case(bundle, images, exact, paddle)


def make_default(folder: Path) -> Path:
    """The weights of the default model, with Paddle's files."""
    from hrnet_native.export.exporter import ExportOptions, export

    weights, bundle = ROOT / "recipes" / "cifar10.safetensors", folder / "bundle"
    if not bundle.is_dir() or bundle.stat().st_mtime < weights.stat().st_mtime:
        shutil.rmtree(bundle, ignore_errors=True)
        export(ExportOptions(weights=weights), bundle)
    return bundle


def make_random(arch: str, folder: Path) -> Path:
    network = Network(arch)
    return make_bundle(network, make_weights(network, folder / "weights.safetensors"), folder / "bundle")


def kept(path: Path, source: Path, make: Callable[[], Logits]) -> Logits:
    """What `make` returns, from a file if that is newer than its source."""
    if not path.is_file() or path.stat().st_mtime < source.stat().st_mtime:
        np.save(path, make())
    logits: Logits = np.load(path)
    return logits


def exact_logits(graph: Graph, images: NDArray[np.float32]) -> Logits:
    layers = [layer for layer in graph.layers if not isinstance(layer, Softmax)]
    (softmax,) = (layer for layer in graph.layers if isinstance(layer, Softmax))
    before = dataclasses.replace(graph, layers=layers, output=softmax.input)
    return np.concatenate([run_reference(before, image[np.newaxis]) for image in images])  # one at a time: less memory


def paddle_logits(bundle: Path, images: NDArray[np.float32]) -> Logits:
    from support.paddle_models import run_paddle

    return logits_of(np.concatenate([run_paddle(bundle, image[np.newaxis]) for image in images]))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    raise SystemExit(main())
