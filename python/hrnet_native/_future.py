"""The futures of ``Predictor.submit``."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from concurrent.futures._base import CANCELLED, CANCELLED_AND_NOTIFIED, FINISHED

from hrnet_native.classification import Classification
from hrnet_native.errors import ForkedProcessError, InvalidArgumentError

# Not a WeakSet: its callback is Python code on whatever thread drops a future, and a Ctrl-C that falls into it is lost.
_pending: set[PredictionFuture] = set()


class PredictionFuture(Future[Classification]):
    """One that ends with ``ForkedProcessError`` in a forked child, which has none of the predictor's threads.

    Args:
        answering_thread: Identifier of the thread that sets the result and calls the callbacks.
    """

    def __init__(self, answering_thread: int) -> None:
        super().__init__()
        self._answering_thread = answering_thread

    def expect_answer(self) -> None:
        """The core has taken the image. Before that nothing remembers the future: a full queue may refuse the image."""
        _pending.add(self)
        self.add_done_callback(_forget_answered)

    def set_running_or_notify_cancel(self) -> bool:
        """As the base class; who waits for a cancelled one is told here, so until then a child has to."""
        runs = super().set_running_or_notify_cancel()
        if not runs:
            _pending.discard(self)
        return runs

    def result(self, timeout: float | None = None) -> Classification:
        """As ``Future.result``; in a callback, which would wait for itself, an ``InvalidArgumentError``."""
        self._refuse_to_wait_for_itself()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As ``Future.exception``; in a callback, which would wait for itself, an ``InvalidArgumentError``."""
        self._refuse_to_wait_for_itself()
        return super().exception(timeout)

    def _refuse_to_wait_for_itself(self) -> None:
        if threading.get_ident() == self._answering_thread and not self.done():
            raise InvalidArgumentError(
                "the callback of a future cannot wait for another future of the same predictor, whose one thread "
                "answers both: use predict there, or add a callback to the other"
            )

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


def _forget_answered(future: Future[Classification]) -> None:
    if not future.cancelled():
        _pending.discard(future)


def _end_all_in_child() -> None:
    for future in _pending:
        future._end_in_child()
    _pending.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_all_in_child)
