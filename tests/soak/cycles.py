"""Predictors that come and go: threads and memory return."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hrnet_native import Predictor
from soak.process import resident_kib, thread_count


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
    """Raises AssertionError unless the last cycle is within 5 % of the one that had settled, the second by default."""
    first, last = counts[settled - 1], counts[-1]
    assert last[0] <= 1.05 * first[0], f"threads grew from {first[0]} to {last[0]}"
    assert last[1] <= 1.05 * first[1], f"resident memory grew from {first[1]:.0f} to {last[1]:.0f} KiB"
