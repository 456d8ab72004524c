"""``Predictor.predict_iter``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Literal

from hrnet_native._core import Predictor
from hrnet_native.classification import Classification
from hrnet_native.errors import Error, InvalidArgumentError, QueueFullError


def predict_iter(
    predictor: Predictor,
    images: Iterable[Any],
    *,
    batch_size: int | None = None,
    top_k: int | None = None,
    color: Literal["rgb", "bgr"] = "rgb",
    on_error: Literal["raise", "return"] = "raise",
) -> Iterator[Any]:
    """Checks the arguments now, and takes the first image when the first answer is asked for."""
    if batch_size is None:
        batch_size = predictor.max_batch_size
    if batch_size < 1:
        raise InvalidArgumentError(f"batch_size must be at least 1, not {batch_size}")
    if on_error not in ("raise", "return"):
        raise InvalidArgumentError(f"on_error must be one of raise, return, not {on_error!r}")
    ahead = batch_size * (predictor.num_instances + 1)  # the instances are busy while the next images are decoded
    return _answers(predictor, images, ahead, on_error == "raise", {"top_k": top_k, "color": color})


def _answers(
    predictor: Predictor, images: Iterable[Any], ahead: int, raises: bool, options: dict[str, Any]
) -> Iterator[Classification | Exception]:
    pending: deque[Future[Classification]] = deque()
    try:
        for image in images:
            if len(pending) == ahead:
                yield _result(pending.popleft(), raises)
            while (future := _submit(predictor, image, options)) is None:
                # The queue is full, of our images or of others': an answer makes room, or waiting in `predict` does.
                if pending:
                    yield _result(pending.popleft(), raises)
                else:
                    future = _predict(predictor, image, options)
                    break
            pending.append(future)
        while pending:
            yield _result(pending.popleft(), raises)
    finally:
        for future in pending:
            future.cancel()


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
