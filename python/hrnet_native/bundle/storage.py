"""Half precision: how weights are stored in half the space. Everything computes in float32."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hrnet_native.errors import InvalidArgumentError

Storage = Literal["fp32", "fp16"]

STORAGES: Final[tuple[Storage, ...]] = ("fp32", "fp16")
_FP16_MAX: Final = float(np.finfo(np.float16).max)


def store(tensors: Mapping[str, NDArray[Any]], storage: Storage) -> tuple[dict[str, NDArray[Any]], float]:
    """Returns the tensors as a file holds them, and the largest change of a value, relative to its tensor's largest.

    With ``fp16`` tensors of two or more dimensions become half precision. Vectors (batch norms, biases) stay float32:
    they are few, and variances need the range.

    Raises:
        InvalidArgumentError: A value is too large for half precision.
    """
    if storage == "fp32":
        return dict(tensors), 0.0
    stored: dict[str, NDArray[Any]] = {}
    largest = 0.0
    for name, tensor in tensors.items():
        if tensor.ndim < 2:
            stored[name] = tensor
            continue
        scale = float(np.abs(tensor).max(initial=0))
        if not scale <= _FP16_MAX:
            raise InvalidArgumentError(f"{name} has a value of {scale:g}; half precision ends at {_FP16_MAX:g}")
        stored[name] = tensor.astype(np.float16)
        if scale:
            largest = max(largest, float(np.abs(stored[name] - tensor).max()) / scale)
    return stored, largest
