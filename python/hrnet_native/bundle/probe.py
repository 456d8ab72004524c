"""The input of a bundle's self-check: numbers that Python and C++ make alike from a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def probe_input(seed: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Returns values in [-1, 1): element i comes from SplitMix64 (Steele et al., 2014) at ``seed + i + 1`` steps."""
    index = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + index * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    # 24 bits, so that every value is exact in float32.
    return ((z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)
