"""A predictor that has no time."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import numpy as np

import hrnet_native
from hrnet_native import Predictor


class Busy:
    """One instance, batches of 1, room for two images; a thread keeps the queue full, however fast the engine is."""

    def __init__(self, model: Path) -> None:
        self.predictor = Predictor(model, num_instances=1, max_batch_size=1, max_queue_size=2)
        self.image = np.zeros((8, 8, 3), np.uint8)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._occupy)

    def _occupy(self) -> None:
        inputs = np.zeros((100, *self.predictor.input_shape), np.float32)
        with contextlib.suppress(hrnet_native.ClosedError):
            while not self._stop.is_set():
                self.predictor.infer(inputs)

    def fill(self) -> NoReturn:
        """Submits until the queue is full, which is soon: the thread takes the other places."""
        while True:
            self.predictor.submit(self.image)

    def __enter__(self) -> Self:
        self._thread.start()
        while self.predictor.stats().queue_size < 2:
            pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self.predictor.close()
