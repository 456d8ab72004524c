"""Rewrites of the graph, each a function from layers to layers that give the same values with less work."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from hrnet_native.bundle.graph import (
    Activate,
    Activation,
    Add,
    Affine,
    Conv,
    FullyConnected,
    Graph,
    Layer,
    Scale,
    inputs_of,
)
from hrnet_native.errors import UnsupportedError

_Activated: TypeAlias = Conv | Add | Scale | FullyConnected
_ACTIVATIONS: Final[dict[type, tuple[Activation, ...]]] = {
    Conv: ("relu",),
    Add: ("relu",),
    Scale: ("relu",),
    FullyConnected: ("relu", "sigmoid"),
}


def optimise(graph: Graph) -> Graph:
    """Returns the graph as the native engine runs it: without ``Affine`` and ``Activate``.

    Raises:
        UnsupportedError: An activation follows a layer that cannot have it.
    """
    for rewrite in _PASSES:
        graph = dataclasses.replace(graph, layers=rewrite(graph))
    return graph


def fold_affine(graph: Graph) -> list[Layer]:
    """Batch norms and biases become part of the layer before; with nothing before, a diagonal 1x1 convolution."""
    rewriter = _Rewriter(graph)
    for layer in graph.layers:
        if not isinstance(layer, Affine):
            rewriter.append(layer)
            continue
        before = rewriter.exclusive_producer(layer.input)
        if isinstance(before, Conv | FullyConnected):
            rewriter.replace(before, _scaled(before, layer))
        else:
            diagonal = np.diag(layer.factor)[:, :, None, None]
            rewriter.append(Conv(layer.input, layer.output, f"affine_{layer.output}", diagonal, layer.shift))
    return rewriter.layers


def flatten_sums(graph: Graph) -> list[Layer]:
    """A sum of sums becomes one sum; up-sampling becomes the factor of a term."""
    rewriter = _Rewriter(graph)
    for layer in graph.layers:
        if isinstance(layer, Add):
            terms = [term for pair in zip(layer.inputs, layer.upsample) for term in _terms(rewriter, *pair)]
            layer = dataclasses.replace(
                layer, inputs=tuple(value for value, _ in terms), upsample=tuple(factor for _, factor in terms)
            )
        rewriter.append(layer)
    return _used(rewriter.layers, graph.output)


def chain_residuals(graph: Graph) -> list[Layer]:
    """Convolutions that only a sum reads add to it while they write: each takes the running sum as its residual.

    What is left, up-sampled terms for one, remains a sum with the last of them.
    """
    rewriter = _Rewriter(graph)
    for layer in graph.layers:
        if not isinstance(layer, Add):
            rewriter.append(layer)
            continue
        links = []
        rest = []
        for value, factor in zip(layer.inputs, layer.upsample):
            before = rewriter.exclusive_producer(value)
            if factor == 1 and isinstance(before, Conv | Scale) and before.residual is None:
                rewriter.remove(before)
                links.append(before)
            else:
                rest.append((value, factor))
        running = None
        if links and (1 in (factor for _, factor in rest)):
            running = rest.pop([factor for _, factor in rest].index(1))[0]
        for link in links:
            rewriter.append(dataclasses.replace(link, residual=running))
            running = link.output
        if links and not rest:
            rewriter.rename_last(layer.output)
            continue
        terms = rest if running is None else [(running, 1), *rest]
        rewriter.append(
            dataclasses.replace(layer, inputs=tuple(v for v, _ in terms), upsample=tuple(f for _, f in terms))
        )
    return rewriter.layers


def fuse_activations(graph: Graph) -> list[Layer]:
    """An activation becomes part of the layer before; a ReLU of a value that others need too, a sum of one term."""
    rewriter = _Rewriter(graph)
    for layer in graph.layers:
        if not isinstance(layer, Activate):
            rewriter.append(layer)
            continue
        before = rewriter.exclusive_producer(layer.input)
        if isinstance(before, _Activated) and layer.activation in _ACTIVATIONS[type(before)]:
            rewriter.replace(before, dataclasses.replace(before, output=layer.output, activation=layer.activation))
        elif layer.activation == "relu":
            rewriter.append(Add((layer.input,), (1,), layer.output, "relu"))
        else:
            raise UnsupportedError(
                f"the native engine runs {layer.activation} only after a fully connected layer that nothing else reads"
            )
    return rewriter.layers


_PASSES: Final[tuple[Callable[[Graph], list[Layer]], ...]] = (
    fold_affine,
    flatten_sums,
    chain_residuals,
    fuse_activations,
)


class _Rewriter:
    """A list of layers in the making, which can still change those that it has."""

    def __init__(self, graph: Graph) -> None:
        self._layers: dict[int, Layer] = {}
        self._uses = Counter(value for layer in graph.layers for value in inputs_of(layer))
        self._uses[graph.output] += 1

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers.values())

    def append(self, layer: Layer) -> None:
        self._layers[layer.output] = layer

    def producer(self, value: int) -> Layer | None:
        return self._layers.get(value)

    def exclusive_producer(self, value: int) -> Layer | None:
        """The layer that defines a value, if only one reads it and nothing was done to it after it was computed."""
        layer = self._layers.get(value)
        if layer is None or self._uses[value] != 1 or getattr(layer, "activation", "none") != "none":
            return None
        return layer

    def remove(self, layer: Layer) -> None:
        del self._layers[layer.output]

    def replace(self, old: Layer, new: Layer) -> None:
        """Puts ``new`` where ``old`` was, under its own output."""
        self._layers = {
            (new.output if layer is old else value): (new if layer is old else layer)
            for value, layer in self._layers.items()
        }

    def rename_last(self, output: int) -> None:
        _, layer = self._layers.popitem()
        self.append(dataclasses.replace(layer, output=output))


def _scaled(layer: Conv | FullyConnected, affine: Affine) -> Conv | FullyConnected:
    factor = affine.factor.reshape(-1, *(1,) * (layer.weight.ndim - 1))
    bias = affine.shift if layer.bias is None else layer.bias * affine.factor + affine.shift
    return dataclasses.replace(layer, output=affine.output, weight=layer.weight * factor, bias=bias)


def _terms(rewriter: _Rewriter, value: int, factor: int) -> list[tuple[int, int]]:
    before = rewriter.producer(value)
    if not isinstance(before, Add):
        return [(value, factor)]
    # Up-sampling while reading costs nothing, so that it may be repeated; adding twice would.
    if len(before.inputs) > 1 and (factor != 1 or rewriter.exclusive_producer(value) is None):
        return [(value, factor)]
    return [(inner, factor * inner_factor) for inner, inner_factor in zip(before.inputs, before.upsample)]


def _used(layers: list[Layer], output: int) -> list[Layer]:
    """The layers that the output depends on."""
    needed = {output}
    kept = []
    for layer in reversed(layers):
        if layer.output in needed:
            needed.update(inputs_of(layer))
            kept.append(layer)
    return kept[::-1]
