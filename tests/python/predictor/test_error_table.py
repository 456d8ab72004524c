"""One row for each error: how a caller meets it, which built-in exception it also is, and the value in its message."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from paddle import nn
from paddle.nn import functional as F

import hrnet_native
from hrnet_native import Predictor
from support.busy import Busy
from support.paddle_models import Sequence, save


@pytest.fixture(scope="module")
def busy(small_model: Path) -> Iterator[Busy]:
    with Busy(small_model) as occupied:
        yield occupied


def use_closed(busy: Busy) -> None:
    closed = busy.predictor.clone()
    closed.close()
    closed.predict(busy.image)


def use_after_fork(busy: Busy) -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            busy.predictor.predict(busy.image)
        except hrnet_native.Error as error:
            os.write(write, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        name, _, message = stream.read().partition(": ")
    raise getattr(hrnet_native, name)(message)


def clone_without_threads(busy: Busy) -> None:
    """No thread can be started while the default stack is larger than any address space; this holds for root too."""
    libc = ctypes.CDLL(None)
    before, huge = ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
    libc.pthread_getattr_default_np(before)
    libc.pthread_attr_init(huge)
    libc.pthread_attr_setstacksize(huge, ctypes.c_size_t(1 << 60))
    libc.pthread_setattr_default_np(huge)
    try:
        busy.predictor.clone()
    finally:
        libc.pthread_setattr_default_np(before)


def run_two(_: Busy) -> None:
    """A network that was exported for one image, and runs on two without a complaint of Paddle's."""
    network = Sequence(nn.Conv2D(3, 4, 8, 8), lambda x: x.reshape([1, -1])[:, :4], F.softmax)
    with tempfile.TemporaryDirectory() as folder, Predictor(save(network, Path(folder), 224)) as predictor:
        predictor.infer(np.zeros((2, *predictor.input_shape), np.float32))


ROWS: list[tuple[type[Exception], type[Exception], str, Callable[[Busy], object]]] = [
    (hrnet_native.InvalidArgumentError, ValueError, "not -7", lambda _: Predictor(num_threads=-7)),
    (hrnet_native.InvalidTypeError, TypeError, "not float64", lambda b: b.predictor.infer(np.zeros((1, 3, 64, 64)))),
    (hrnet_native.InvalidImageError, ValueError, "4 bytes", lambda b: b.predictor.predict(b"text")),
    (hrnet_native.NotFoundError, FileNotFoundError, "no/such.jpg", lambda b: b.predictor.predict("no/such.jpg")),
    (hrnet_native.ModelLoadError, RuntimeError, "test_error_table", lambda _: Predictor(__file__)),
    (hrnet_native.UnsupportedError, RuntimeError, "tensorrt", lambda _: Predictor(backend="tensorrt")),
    (hrnet_native.QueueFullError, RuntimeError, "max_queue_size=2", Busy.fill),
    (hrnet_native.ClosedError, RuntimeError, "closed", use_closed),
    (hrnet_native.DeadlineExceededError, TimeoutError, "1e-06 s", lambda b: b.predictor.predict(b.image, timeout=1e-6)),
    (hrnet_native.ForkedProcessError, RuntimeError, "forked", use_after_fork),
    (hrnet_native.ResourceExhaustedError, OSError, "no thread could be started", clone_without_threads),
    (hrnet_native.InferenceError, RuntimeError, r"shape \(2, classes\)", run_two),
]


@pytest.mark.parametrize(("error", "builtin", "value", "provoke"), ROWS, ids=[row[0].__name__ for row in ROWS])
def test_every_error(
    busy: Busy, error: type[Exception], builtin: type[Exception], value: str, provoke: Callable[[Busy], object]
) -> None:
    with pytest.raises(error, match=value) as raised:
        provoke(busy)
    assert raised.type is error
    assert issubclass(error, builtin)
    assert issubclass(error, hrnet_native.Error)


def test_the_table_is_complete() -> None:
    """But for what prediction does not raise: a download's errors, and cancelling, which futures tell themselves."""
    of_others = {hrnet_native.Error, hrnet_native.DownloadError, hrnet_native.CancelledError}
    named = {getattr(hrnet_native, name) for name in hrnet_native.__all__}
    errors = {value for value in named if isinstance(value, type) and issubclass(value, Exception)}
    assert {row[0] for row in ROWS} == errors - of_others
