"""What this package raises. Every class is also the built-in exception that a caller would expect."""

from __future__ import annotations

from concurrent import futures
from typing import Any


class Error(Exception):
    """Base of all errors of this package.

    Attributes:
        results: Where one image of a list failed: the results of the whole list, in input order, each a
            ``Classification`` or the error of that image. Otherwise None.
    """

    results: list[Any] | None = None


class InvalidArgumentError(Error, ValueError):
    """An argument or an option is not what was asked for."""


class InvalidTypeError(Error, TypeError):
    """An argument has another type, or an array another dtype."""


class InvalidImageError(Error, ValueError):
    """Encoded bytes are not a whole image of a supported format."""


class NotFoundError(Error, FileNotFoundError):
    """A file or directory does not exist."""


class ModelLoadError(Error, RuntimeError):
    """A model directory is incomplete, damaged or inconsistent."""


class DownloadError(Error, ConnectionError):
    """A file could not be fetched, or what came is not that file."""


class UnsupportedError(Error, RuntimeError):
    """This build, machine or version cannot do what was asked for."""


class QueueFullError(Error, RuntimeError):
    """Too many requests wait already."""


class ClosedError(Error, RuntimeError):
    """The predictor was closed."""


class DeadlineExceededError(Error, TimeoutError):
    """The answer would have come too late."""


class CancelledError(Error, futures.CancelledError):
    """The caller gave the request up."""


class ForkedProcessError(Error, RuntimeError):
    """The predictor belongs to the process that this one was forked from."""


class ResourceExhaustedError(Error, OSError):
    """The system gives no more threads."""


class InferenceError(Error, RuntimeError):
    """The engine failed while it ran."""


def at_index(error: Exception, index: int, results: list[Any]) -> Exception:
    """Returns the error of one image as it is raised for the whole list: it names the index and has all results."""
    raised = type(error)(f"image {index}: {error}")
    if isinstance(raised, Error):
        raised.results = results
    return raised
