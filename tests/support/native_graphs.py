"""Random graphs for the native engine, made without Paddle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hrnet_native.bundle.graph import (
    Add,
    Array,
    Conv,
    FullyConnected,
    GlobalAveragePool,
    Graph,
    Layer,
    Pool,
    Scale,
    Softmax,
)

# Of the largest output: float32 against float64 over the few layers of these graphs.
TOLERANCE = 2e-5


class GraphMaker:
    """Random layers, one after the other."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = np.random.default_rng(seed)
        self.size = size
        self.layers: list[Layer] = []

    def _weights(self, *shape: int) -> Array:
        return self.random.normal(0, np.prod(shape[1:]) ** -0.5, shape)

    def _next(self) -> int:
        return len(self.layers) + 1

    def conv(self, value: int, channels: tuple[int, int], kernel: tuple[int, int], **settings: Any) -> int:
        inputs, outputs = channels
        output = self._next()
        weight = self._weights(outputs, inputs, *kernel)
        bias = self.random.normal(size=outputs) if self.random.random() < 0.7 else None
        self.layers.append(Conv(value, output, f"conv{output}", weight, bias, **settings))
        return output

    def dense(self, value: int, inputs: int, outputs: int, activation: Any = "none") -> int:
        output = self._next()
        self.layers.append(
            FullyConnected(value, output, f"fc{output}", self._weights(outputs, inputs), None, activation)
        )
        return output

    def add(self, layer: Callable[[int], Layer]) -> int:
        output = self._next()
        self.layers.append(layer(output))
        return output

    def graph(self) -> Graph:
        return Graph((3, self.size, self.size), self.layers, len(self.layers))


def random_convs(seed: int, most_channels: int = 70) -> Graph:
    """Convolutions of any shape: channels that fill no vector, maps that fill no tile, paddings on one side."""
    random = np.random.default_rng(seed)
    maker = GraphMaker(seed, int(random.integers(5, 40)))
    value, channels, size = 0, 3, maker.size
    for _ in range(3):
        kernel = int(random.choice([1, 3, 3, 3, 5])) if size >= 5 else 1
        stride = int(random.choice([1, 1, 2]))
        padding = tuple(int(p) for p in random.integers(0, kernel // 2 + 2, 4)) if kernel > 1 else (0, 0, 0, 0)
        outputs = int(random.integers(1, most_channels))
        value = maker.conv(
            value,
            (channels, outputs),
            (kernel, kernel),
            stride=(stride, stride),
            padding=padding,
            activation=str(random.choice(["none", "relu"])),
        )
        height = (size + padding[0] + padding[2] - kernel) // stride + 1
        width = (size + padding[1] + padding[3] - kernel) // stride + 1
        channels = outputs
        if height != width:
            break
        size = height
    return maker.graph()


def long_strides(size: int = 29, channels: int = 20) -> Graph:
    """Convolutions whose strides are more than 2, as HRNet has none, or differ down and across."""
    maker = GraphMaker(5, size)
    value = maker.conv(0, (3, channels), (3, 3), stride=(1, 1), padding=(1, 1, 1, 1), activation="relu")
    value = maker.conv(value, (channels, channels), (3, 3), stride=(1, 3), padding=(1, 1, 1, 1))
    value = maker.conv(value, (channels, channels), (5, 3), stride=(4, 1), padding=(2, 1, 2, 1), activation="relu")
    maker.conv(value, (channels, channels), (1, 1), stride=(3, 4))
    return maker.graph()


def every_operator(size: int = 24, channels: int = 18) -> Graph:
    """Residuals, sums of up-sampled maps, squeeze and excitation, pools, a fully connected layer and softmax."""
    maker = GraphMaker(3, size)
    stem = maker.conv(0, (3, channels), (7, 7), stride=(2, 2), padding=(3, 3, 3, 3), activation="relu")
    pooled = maker.add(lambda o: Pool("max_pool", stem, o, (3, 3), (2, 2), (1, 1, 1, 1)))
    average = maker.add(lambda o: Pool("average_pool", pooled, o, (3, 3), (1, 1), (1, 1, 1, 1)))
    block = maker.conv(average, (channels, channels), (3, 3), padding=(1, 1, 1, 1), activation="relu")
    block = maker.conv(block, (channels, channels), (3, 3), padding=(1, 1, 1, 1), residual=pooled, activation="relu")
    small = maker.conv(block, (channels, channels), (3, 3), stride=(2, 2), padding=(1, 1, 1, 1))
    wide = maker.conv(block, (channels, channels), (1, 1), residual=block)
    summed = maker.add(lambda o: Add((wide, small), (1, 2), o, "relu"))
    squeezed = maker.add(lambda o: GlobalAveragePool(summed, o))
    squeezed = maker.dense(squeezed, channels, 5, "relu")
    squeezed = maker.dense(squeezed, 5, channels, "sigmoid")
    scaled = maker.add(lambda o: Scale(summed, squeezed, o, residual=summed, activation="relu"))
    vector = maker.add(lambda o: GlobalAveragePool(scaled, o))
    logits = maker.dense(vector, channels, 11)
    maker.add(lambda o: Softmax(logits, o))
    return maker.graph()
