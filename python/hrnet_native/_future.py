"""The futures of ``Predictor.submit``."""

from __future__ import annotations

import os
import threading
import weakref
from concurrent.futures import Future
from concurrent.futures._base import CANCELLED, CANCELLED_AND_NOTIFIED, FINISHED

from hrnet_native.classification import Classification
from hrnet_native.errors import ForkedProcessError

_alive: weakref.WeakSet[PredictionFuture] = weakref.WeakSet()


class PredictionFuture(Future[Classification]):
    """One that ends with ``ForkedProcessError`` in a forked child, which has none of the predictor's threads."""

    def __init__(self) -> None:
        super().__init__()
        _alive.add(self)

    def _end_in_child(self) -> None:
        """Callbacks are not called: they, and those who wait, are the parent's."""
        self._condition = threading.Condition()  # a thread that is not here may have held its lock
        self._waiters.clear()
        if self._state == CANCELLED:
            self._state = CANCELLED_AND_NOTIFIED
        elif not self.done():
            self._exception = ForkedProcessError(
                "this future belongs to the process that this one was forked from, and is answered only there"
            )
            self._state = FINISHED


def _end_all_in_child() -> None:
    for future in list(_alive):
        future._end_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_all_in_child)
