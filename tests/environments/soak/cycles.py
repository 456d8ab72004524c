"""Predictors that come and go: threads and memory return."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from environments.soak.process import resident_kib, thread_count
from hrnet_native import Predictor


def cycle(model: Path, image: Any, count: int, **options: Any) -> list[tuple[int, float]]:
    """Creates, uses and closes a predictor `count` times; returns threads and resident KiB after each."""
    counts = []
    for _ in range(count):
        with Predictor(model, **options) as predictor:
            predictor.submit(image).result(600)
            predictor.predict([image] * 3)
        del predictor
        counts.append((thread_count(), resident_kib()))
    return counts


def check_cycles(counts: list[tuple[int, float]], settled: int = 2) -> None:
    """Raises AssertionError unless threads and memory stay within 2.5 % from the cycle on that had settled.

    The least of the later half is held against that of the earlier: single cycles differ by more, as malloc keeps an
    arena of 2 MB or gives it back.
    """
    counts = counts[settled - 1 :]
    middle = (len(counts) + 1) // 2
    for what, number in (("threads", 0), ("resident KiB", 1)):
        first, last = (min(count[number] for count in half) for half in (counts[:middle], counts[middle:]))
        assert last <= 1.025 * first, f"{what} grew from {first:.0f} to {last:.0f}"
