"""Weights for every HRNet from one seeded rule, so that only batch norms' statistics need to be stored.

Runs with NumPy alone: the oracles' environments use it as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from support.paddleclas_keys import state_dict_entries

# (mean, variance) of a batch norm's whole input, by the layer's name.
Statistics = Callable[[str], tuple[float, float]]

ORACLE_MODELS = {
    **{f"HRNet_W{width}_C": (width, False) for width in (18, 30, 32, 40, 44, 48, 60, 64)},
    "SE_HRNet_W64_C": (64, True),
}


def seeded_input() -> NDArray[np.float32]:
    """One image (1, 3, 64, 64)."""
    return np.random.default_rng(7).standard_normal((1, 3, 64, 64), np.float32)


def norm_names(model: str) -> list[str]:
    """The batch norms of a network in the order of its state dict."""
    width, has_se = ORACLE_MODELS[model]
    return [key.removesuffix("._mean") for key, _ in state_dict_entries(width, has_se=has_se) if key.endswith("._mean")]


def seeded_weights(model: str, statistics: Statistics) -> dict[str, NDArray[np.float32]]:
    """Every tensor under PaddleClas's name; channels of one layer differ, so that a mix-up of any two shows."""
    width, has_se = ORACLE_MODELS[model]
    return {
        key: _tensor(key, shape, np.random.default_rng([width, has_se, index]), statistics)
        for index, (key, shape) in enumerate(state_dict_entries(width, has_se=has_se))
    }


def seeded_layer(model: str, layer: str, statistics: tuple[float, float]) -> dict[str, NDArray[np.float32]]:
    """The tensors of one layer alone, by field."""
    width, has_se = ORACLE_MODELS[model]
    return {
        key.rpartition(".")[2]: _tensor(key, shape, np.random.default_rng([width, has_se, index]), lambda _: statistics)
        for index, (key, shape) in enumerate(state_dict_entries(width, has_se=has_se))
        if key.rpartition(".")[0] == layer
    }


def _tensor(
    key: str, shape: tuple[int, ...], random: np.random.Generator, statistics: Statistics
) -> NDArray[np.float32]:
    noise = random.standard_normal(shape, np.float32)
    layer, _, field = key.rpartition(".")
    if field == "_mean":
        mean, variance = statistics(layer)
        return np.float32(mean) + np.float32(0.1 * math.sqrt(variance)) * noise
    if field == "_variance":
        return np.float32(statistics(layer)[1]) * np.exp(np.float32(0.2) * noise)
    if layer.endswith(".bn"):
        return np.float32(field == "weight") + np.float32(0.1) * noise
    if len(shape) == 1:
        return np.float32(0.1) * noise
    fan_in = math.prod(shape[1:]) / 2 if len(shape) == 4 else shape[0]
    return noise / np.float32(math.sqrt(fan_in))
