"""HRNet image classification with low latency.

``Predictor`` classifies images; it needs neither paddle's Python package nor torch to be imported.
``hrnet_native.models`` builds the networks and needs paddle.
"""

import logging

from hrnet_native._core import ImageLimits, Predictor, Stats, __version__
from hrnet_native.classification import Classification
from hrnet_native.errors import (
    CancelledError,
    ClosedError,
    DeadlineExceededError,
    DownloadError,
    Error,
    ForkedProcessError,
    InferenceError,
    InvalidArgumentError,
    InvalidImageError,
    InvalidTypeError,
    ModelLoadError,
    NotFoundError,
    QueueFullError,
    ResourceExhaustedError,
    UnsupportedError,
)
from hrnet_native.tensorrt_options import TensorRtOptions

# Silent unless the program sets up logging: without a handler Python would print warnings by itself.
logging.getLogger("hrnet_native").addHandler(logging.NullHandler())

__all__ = [
    "CancelledError",
    "Classification",
    "ClosedError",
    "DeadlineExceededError",
    "DownloadError",
    "Error",
    "ForkedProcessError",
    "ImageLimits",
    "InferenceError",
    "InvalidArgumentError",
    "InvalidImageError",
    "InvalidTypeError",
    "ModelLoadError",
    "NotFoundError",
    "Predictor",
    "QueueFullError",
    "ResourceExhaustedError",
    "Stats",
    "TensorRtOptions",
    "UnsupportedError",
    "__version__",
]
