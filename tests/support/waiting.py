"""Waiting for what another thread brings about, where nothing tells of it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hrnet_native import Predictor

_LONG_S = 60  # for what is there within milliseconds on an idle machine


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONG_S
    while not condition():
        assert time.monotonic() < end, "what is waited for does not come"
        time.sleep(0.001)


@contextmanager
def interrupt_once_running(predictor: Predictor) -> Iterator[None]:
    """Ctrl-C for the call in its body, once the predictor has run something in it. Expects it to end the call."""
    before = predictor.stats().execution_count

    def interrupt() -> None:
        wait_until(lambda: predictor.stats().execution_count > before)
        signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    thread.join()
