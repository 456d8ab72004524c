"""One row for each error: how a caller meets it, which built-in exception it also is, and the value in its message."""

from __future__ import annotations

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
from support.no_threads import no_threads
from support.paddle_models import Sequence, save
from support.paths import ROOT
from support.predictors import fill, patient

IMAGE = np.zeros((8, 8, 3), np.uint8)


@pytest.fixture(scope="module")
def predictor(small_model: Path) -> Iterator[Predictor]:
    with patient(small_model, batch_size=2, max_queue_size=2) as waiting:
        yield waiting


def use_closed(predictor: Predictor) -> None:
    closed = predictor.clone()
    closed.close()
    closed.predict(IMAGE)


def use_after_fork(predictor: Predictor) -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            predictor.predict(IMAGE)
        except hrnet_native.Error as error:
            os.write(write, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        name, _, message = stream.read().partition(": ")
    raise getattr(hrnet_native, name)(message)


def clone_without_threads(predictor: Predictor) -> None:
    with no_threads():
        predictor.clone()


def fill_with_cats(predictor: Predictor) -> None:
    fill(predictor, (ROOT / "examples" / "cat.jpg").read_bytes())


def run_two(_: Predictor) -> None:
    """A network that was exported for one image, and runs on two without a complaint of Paddle's."""
    network = Sequence(nn.Conv2D(3, 4, 8, 8), lambda x: x.reshape([1, -1])[:, :4], F.softmax)
    with tempfile.TemporaryDirectory() as folder, Predictor(save(network, Path(folder), 224)) as predictor:
        predictor.infer(np.zeros((2, *predictor.input_shape), np.float32))


ROWS: list[tuple[type[Exception], type[Exception], str, Callable[[Predictor], object]]] = [
    (hrnet_native.InvalidArgumentError, ValueError, "not -7", lambda _: Predictor(num_threads=-7)),
    (hrnet_native.InvalidTypeError, TypeError, "not float64", lambda p: p.infer(np.zeros((1, 3, 64, 64)))),
    (hrnet_native.InvalidImageError, ValueError, "4 bytes", lambda p: p.predict(b"text")),
    (hrnet_native.NotFoundError, FileNotFoundError, "no/such.jpg", lambda p: p.predict("no/such.jpg")),
    (hrnet_native.ModelLoadError, RuntimeError, "test_error_table", lambda _: Predictor(__file__)),
    (hrnet_native.UnsupportedError, RuntimeError, "tensorrt", lambda _: Predictor(backend="tensorrt")),
    (hrnet_native.QueueFullError, RuntimeError, "max_queue_size=2", fill_with_cats),
    (hrnet_native.ClosedError, RuntimeError, "closed", use_closed),
    (hrnet_native.DeadlineExceededError, TimeoutError, "0.01 s", lambda p: p.predict(IMAGE, timeout=0.01)),
    (hrnet_native.ForkedProcessError, RuntimeError, "forked", use_after_fork),
    (hrnet_native.ResourceExhaustedError, OSError, "no thread could be started", clone_without_threads),
    (hrnet_native.InferenceError, RuntimeError, r"shape \(2, classes\)", run_two),
]


@pytest.mark.parametrize(("error", "builtin", "value", "provoke"), ROWS, ids=[row[0].__name__ for row in ROWS])
def test_every_error(
    predictor: Predictor,
    error: type[Exception],
    builtin: type[Exception],
    value: str,
    provoke: Callable[[Predictor], object],
) -> None:
    with pytest.raises(error, match=value) as raised:
        provoke(predictor)
    assert raised.type is error
    assert issubclass(error, builtin)
    assert issubclass(error, hrnet_native.Error)


def test_the_table_is_complete() -> None:
    """But for what prediction does not raise: a download's errors, and cancelling, which futures tell themselves."""
    of_others = {hrnet_native.Error, hrnet_native.DownloadError, hrnet_native.CancelledError}
    named = {getattr(hrnet_native, name) for name in hrnet_native.__all__}
    errors = {value for value in named if isinstance(value, type) and issubclass(value, Exception)}
    assert {row[0] for row in ROWS} == errors - of_others
