"""HRNet image classification with low latency.

``Predictor`` classifies images; it needs neither paddle's Python package nor torch to be imported.
``hrnet_native.models`` builds the networks and needs paddle.
"""

from hrnet_native._core import Predictor, Stats, __version__
from hrnet_native.classification import Classification
from hrnet_native.errors import (
    CancelledError,
    ClosedError,
    DeadlineExceededError,
    DownloadError,
    Error,
    InferenceError,
    InvalidArgumentError,
    InvalidImageError,
    InvalidTypeError,
    ModelLoadError,
    NotFoundError,
    QueueFullError,
    UnsupportedError,
)

__all__ = [
    "CancelledError",
    "Classification",
    "ClosedError",
    "DeadlineExceededError",
    "DownloadError",
    "Error",
    "InferenceError",
    "InvalidArgumentError",
    "InvalidImageError",
    "InvalidTypeError",
    "ModelLoadError",
    "NotFoundError",
    "Predictor",
    "QueueFullError",
    "Stats",
    "UnsupportedError",
    "__version__",
]
