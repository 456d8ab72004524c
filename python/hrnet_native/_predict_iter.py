"""``Predictor.predict_iter``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any

from hrnet_native._core import Predictor
from hrnet_native.classification import Classification
from hrnet_native.errors import Error, InvalidArgumentError, QueueFullError


def predict_iter(
    predictor: Predictor, images: Iterable[Any], batch_size: int | None, top_k: int | None, color: str, on_error: str
) -> Iterator[Any]:
    """Checks the arguments now, and takes the first image when the first answer is asked for."""
    if batch_size is None:
        batch_size = predictor.max_batch_size
    if batch_size < 1:
        raise InvalidArgumentError(f"batch_size must be at least 1, not {batch_size}")
    if on_error not in ("raise", "return"):
        raise InvalidArgumentError(f"on_error must be one of raise, return, not {on_error!r}")
    ahead = batch_size * (predictor.num_instances + 1)  # the instances are busy while the next images are decoded
    return _answers(predictor, iter(images), ahead, on_error == "raise", {"top_k": top_k, "color": color})


def _answers(
    predictor: Predictor, images: Iterator[Any], ahead: int, raises: bool, options: dict[str, Any]
) -> Iterator[Classification | Exception]:
    pending: deque[Future[Classification]] = deque()
    source = _Source(images)
    try:
        while True:
            # The source may take long: first what is there.
            while pending and (len(pending) == ahead or pending[0].done()):
                yield _result(pending.popleft(), raises)
            if not source.take():
                break
            while (future := _submit(predictor, source.image, options)) is None:
                # The queue is full, of our images or of others': an answer makes room, or waiting in `predict` does.
                if pending:
                    yield _result(pending.popleft(), raises)
                else:
                    future = _predict(predictor, source.image, options)
                    break
            pending.append(future)
        while pending:
            yield _result(pending.popleft(), raises)
        source.raise_error()
    finally:
        for future in pending:
            future.cancel()


class _Source:
    """The images, and what their iterator raised: that comes after the answers to all that it gave."""

    def __init__(self, images: Iterator[Any]) -> None:
        self._images = images
        self._error: Exception | None = None
        self.image: Any = None

    def take(self) -> bool:
        try:
            self.image = next(self._images)
        except StopIteration:
            return False
        except Exception as error:
            self._error = error
            return False
        return True

    def raise_error(self) -> None:
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback has this frame


def _submit(predictor: Predictor, image: Any, options: dict[str, Any]) -> Future[Classification] | None:
    try:
        return predictor.submit(image, **options)
    except QueueFullError:
        return None
    except Error as error:
        return _failed(error)


def _predict(predictor: Predictor, image: Any, options: dict[str, Any]) -> Future[Classification]:
    future: Future[Classification] = Future()
    try:
        future.set_result(predictor.predict(image, **options))
    except Error as error:
        return _failed(error)
    return future


def _failed(error: Error) -> Future[Classification]:
    future: Future[Classification] = Future()
    future.set_exception(error)
    return future


def _result(future: Future[Classification], raises: bool) -> Classification | Exception:
    error = future.exception()
    if error is None:
        return future.result()
    if raises or not isinstance(error, Error):
        raise error
    return error
