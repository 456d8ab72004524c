"""The graph that the native engine runs, and the few layers that exist only until the passes have fused them.

A value is an integer; 0 is the input. Its shape is (channels, height, width) of one image; a vector is a map of 1x1.
"""

from __future__ import annotations

import dataclasses
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Shape: TypeAlias = tuple[int, int, int]
Pair: TypeAlias = tuple[int, int]
Padding: TypeAlias = tuple[int, int, int, int]  # top, left, bottom, right
Array: TypeAlias = NDArray[np.float64]
Activation: TypeAlias = Literal["none", "relu", "sigmoid"]

INPUT = 0


@dataclasses.dataclass(frozen=True)
class Conv:
    """Convolution with ``weight`` (out, in, height, width); ``residual`` is added before the activation."""

    input: int
    output: int
    name: str
    weight: Array
    bias: Array | None = None
    stride: Pair = (1, 1)
    padding: Padding = (0, 0, 0, 0)
    residual: int | None = None
    activation: Activation = "none"


@dataclasses.dataclass(frozen=True)
class Add:
    """Sum of ``inputs``, each up-sampled (nearest) by its factor of ``upsample``."""

    inputs: tuple[int, ...]
    upsample: tuple[int, ...]
    output: int
    activation: Activation = "none"


@dataclasses.dataclass(frozen=True)
class Pool:
    """Maximum or average over windows; padding never counts."""

    kind: Literal["max_pool", "average_pool"]
    input: int
    output: int
    kernel: Pair
    stride: Pair
    padding: Padding


@dataclasses.dataclass(frozen=True)
class GlobalAveragePool:
    """Average over the whole map: a vector."""

    input: int
    output: int


@dataclasses.dataclass(frozen=True)
class FullyConnected:
    """Product of a vector with ``weight`` (out, in)."""

    input: int
    output: int
    name: str
    weight: Array
    bias: Array | None = None
    activation: Activation = "none"


@dataclasses.dataclass(frozen=True)
class Scale:
    """A map whose channels are multiplied by the elements of the vector ``scale``."""

    input: int
    scale: int
    output: int
    residual: int | None = None
    activation: Activation = "none"


@dataclasses.dataclass(frozen=True)
class Softmax:
    """Softmax of a vector."""

    input: int
    output: int


@dataclasses.dataclass(frozen=True)
class Affine:
    """``x * factor + shift`` for each channel: a batch norm or a bias, until a pass folds it away."""

    input: int
    output: int
    factor: Array
    shift: Array


@dataclasses.dataclass(frozen=True)
class Activate:
    """An activation by itself, until a pass gives it to the layer before."""

    input: int
    output: int
    activation: Activation


Layer: TypeAlias = Conv | Add | Pool | GlobalAveragePool | FullyConnected | Scale | Softmax | Affine | Activate


@dataclasses.dataclass(frozen=True)
class Graph:
    """Layers in execution order; each defines one value, before its first use.

    Attributes:
        input_shape: Channels, height and width that the program was exported with.
        layers: In execution order.
        output: The value that the network returns.
    """

    input_shape: Shape
    layers: list[Layer]
    output: int


def inputs_of(layer: Layer) -> tuple[int, ...]:
    """Returns the values that a layer reads."""
    if isinstance(layer, Add):
        return layer.inputs
    extra = (layer.scale,) if isinstance(layer, Scale) else ()
    residual = getattr(layer, "residual", None)
    return (layer.input, *extra) if residual is None else (layer.input, *extra, residual)
