"""Measuring: contestants take turns, disturbed windows are repeated, and only ratios within a round are compared."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engines.process import WorkerError
from engines.worker import Window, Worker

# A window is disturbed if other processes used more than this share of the CPUs.
DISTURBED = 0.03
# Of the largest logit: a peer with a larger error computes something else.
LARGEST_ERROR = 1e-3
_ATTEMPTS = 4
_TRIALS = 2


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much is measured: rounds, and the runs or seconds of each, whichever ends first."""

    rounds: int
    runs: int = 30
    seconds: float = 2.0


@dataclasses.dataclass(frozen=True)
class Summary:
    """A contestant's rounds: median and least milliseconds, and how its time compares with ours round by round."""

    median_ms: float
    least_ms: float
    ratio: float
    ratio_range: tuple[float, float]
    disturbed_rounds: int


def relative_error(probabilities: NDArray[np.float32], logits: NDArray[np.float64]) -> float:
    """Largest error of a logit over the largest logit. Softmax forgets a constant: the means are made equal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(probabilities.astype(np.float64))
        difference = (found - found.mean(axis=1, keepdims=True)) - (logits - logits.mean(axis=1, keepdims=True))
    error = float(np.abs(difference).max() / np.abs(logits).max())
    return error if np.isfinite(error) else float("inf")


def fastest(forms: dict[str, Callable[[], Worker]], effort: Effort) -> tuple[str, Worker]:
    """Starts one worker for each form, lets them take turns, and keeps the one with the least median.

    Raises:
        WorkerError: None of them works.
    """
    workers: dict[str, Worker] = {}
    errors: list[WorkerError] = []
    try:
        for form, start in forms.items():
            try:
                workers[form] = start()
            except WorkerError as error:
                errors.append(error)
        if not workers:
            raise errors[0]
        medians: dict[str, list[float]] = {form: [] for form in workers}
        for _ in range(_TRIALS if len(workers) > 1 else 0):
            for form, worker in workers.items():
                medians[form].append(_calm_window(worker, effort).median)
        winner = min(medians, key=lambda form: min(medians[form], default=0.0))
        return winner, workers.pop(winner)
    finally:
        for worker in workers.values():
            worker.close()


def measure(workers: dict[str, Worker], effort: Effort) -> dict[str, list[Window]]:
    """Windows of each contestant, one a round."""
    windows: dict[str, list[Window]] = {name: [] for name in workers}
    for _ in range(effort.rounds):
        for name, worker in workers.items():
            windows[name].append(_calm_window(worker, effort))
    return windows


def summarise(windows: list[Window], ours: list[Window]) -> Summary:
    """Compares a contestant with ours."""
    ratios = [theirs.median / our.median for theirs, our in zip(windows, ours)]
    return Summary(
        median_ms=statistics.median(window.median for window in windows),
        least_ms=min(min(window.ms) for window in windows),
        ratio=statistics.median(ratios),
        ratio_range=(min(ratios), max(ratios)),
        disturbed_rounds=sum(window.others > DISTURBED for window in windows),
    )


def _calm_window(worker: Worker, effort: Effort) -> Window:
    """An undisturbed window, or the least disturbed of several."""
    best = worker.run(effort.runs, effort.seconds)
    for _ in range(_ATTEMPTS - 1):
        if best.others <= DISTURBED:
            break
        best = min(best, worker.run(effort.runs, effort.seconds), key=lambda window: window.others)
    return best
