"""Predictors that are kept from answering, without a race against how fast they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from hrnet_native import Predictor

_HOUR_US = 3_600_000_000


def patient(model: Path, batch_size: int, **options: Any) -> Predictor:
    """One that runs nothing before `batch_size` images have come: the first waits an hour for the others."""
    return Predictor(model, max_batch_size=batch_size, max_queue_delay_us=_HOUR_US, **options)


def fill(predictor: Predictor, encoded: bytes) -> NoReturn:
    """Submits an image again and again until the queue is full: to decode one takes far longer than to hand it over."""
    for _ in range(100_000):
        predictor.submit(encoded)
    raise AssertionError("the queue never was full")
