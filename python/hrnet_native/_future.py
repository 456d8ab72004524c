"""The futures of ``Predictor.submit``."""

from __future__ import annotations

import os
from concurrent.futures import Future

from hrnet_native.classification import Classification
from hrnet_native.errors import ForkedProcessError


class PredictionFuture(Future[Classification]):
    """One that says so where nobody will ever answer: in a forked child, which has none of the predictor's threads."""

    def __init__(self) -> None:
        super().__init__()
        self._home = os.getpid()
        self._has_answer = False  # done() takes a lock that a fork may have copied while it was held

    def set_result(self, result: Classification) -> None:
        super().set_result(result)
        self._has_answer = True

    def set_exception(self, exception: BaseException | None) -> None:
        super().set_exception(exception)
        self._has_answer = True

    def result(self, timeout: float | None = None) -> Classification:
        self._refuse_to_wait_in_a_child()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._refuse_to_wait_in_a_child()
        return super().exception(timeout)

    def cancel(self) -> bool:
        return not self._is_orphan() and super().cancel()

    def _is_orphan(self) -> bool:
        return not self._has_answer and os.getpid() != self._home

    def _refuse_to_wait_in_a_child(self) -> None:
        if self._is_orphan():
            raise ForkedProcessError(
                "this future belongs to the process that this one was forked from, and is answered only there"
            )
