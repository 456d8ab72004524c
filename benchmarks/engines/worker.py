"""This side of a worker process: one engine with one model."""

from __future__ import annotations

import dataclasses
import statistics
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.process import Process

_BENCHMARKS = Path(__file__).parent.parent
_WATCHED_SECONDS = 0.5


@dataclasses.dataclass(frozen=True)
class Window:
    """One stretch of runs: milliseconds of each, and the share of the machine's CPUs that others used meanwhile."""

    ms: list[float]
    others: float

    @property
    def median(self) -> float:
        return statistics.median(self.ms)


class Worker(Process):
    """Runs a module of `engines.workers`."""

    def __init__(
        self,
        python: Path,
        module: str,
        model: Path,
        inputs: Path,
        cpus: list[int],
        variables: dict[str, str],
        log: Path,
    ) -> None:
        command = [python, "-m", f"engines.workers.{module}", model, inputs, str(len(cpus))]
        super().__init__(command, cpus, {"PYTHONPATH": str(_BENCHMARKS), **variables}, log)
        self.load_seconds: float = self.first_reply["seconds"]

    def run(self, count: int, seconds: float) -> Window:
        """Runs `count` times or for `seconds`, whichever ends first, after a short warm-up."""
        return Window(**self.ask(f"run {count} {seconds}"))

    def runs_use_avx512(self) -> bool | None:
        """None: the kernel does not say."""
        return self.avx512_seen(f"run {sys.maxsize} {_WATCHED_SECONDS}")

    def outputs(self, file: Path) -> NDArray[np.float32]:
        """Probabilities (batch, classes)."""
        self.ask(f"outputs {file}")
        outputs: NDArray[np.float32] = np.load(file)
        return outputs
