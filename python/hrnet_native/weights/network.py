"""An HRNet from its weights alone, in any naming and as that naming means them: no framework is needed to run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hrnet_native.bundle.graph import (
    INPUT,
    Activation,
    Add,
    Array,
    Conv,
    FullyConnected,
    GlobalAveragePool,
    Graph,
    Layer,
    Scale,
)
from hrnet_native.family.table import Architecture
from hrnet_native.weights.naming import Entry, entries, find_naming

_EPSILON: Final = 1e-5


def build_graph(
    tensors: Mapping[str, NDArray[Any]], arch: Architecture, size: int, *, features_only: bool = False
) -> Graph:
    """Returns the network as a graph that ``bundle.reference`` runs.

    Nothing is converted: torch's biases stay biases, its classifier is read as torch has it.

    Args:
        tensors: All weights, in one of the namings.
        arch: The network that they are for.
        size: Height and width of the input, a multiple of 32.
        features_only: The outputs are what enters the classifier, instead of the logits.
    """
    builder = _Builder(tensors, entries(arch, num_classes=1), has_se=arch.has_se)
    features = builder.features(arch)
    return Graph((3, size, size), builder.layers, features if features_only else builder.classifier(features))


class _Builder:
    """Appends layers, each under PaddleClas's name of its weights."""

    def __init__(self, tensors: Mapping[str, NDArray[Any]], table: list[Entry], *, has_se: bool) -> None:
        self.layers: list[Layer] = []
        self._tensors = tensors
        self._naming = find_naming(tensors)
        self._entries = {entry.paddleclas: entry for entry in table}
        self._has_se = has_se

    def features(self, arch: Architecture) -> int:
        """The vector before the classifier."""
        x = self._conv(self._conv(INPUT, "conv_layer1_1", stride=2), "conv_layer1_2", stride=2)
        for i in range(arch.num_blocks[0]):
            x = self._bottleneck(x, f"layer1.{i}", project=i == 0)
        branches = [self._conv(x, "conv_tr1_1"), self._conv(x, "conv_tr1_2", stride=2)]
        for stage in (2, 3, 4):
            if stage > 2:
                branches.append(self._conv(branches[-1], f"conv_tr{stage - 1}", stride=2))
            for module in range(arch.num_modules[stage - 2]):
                prefix = f"st{stage}.stage_func_list.{module}"
                branches = self._module(branches, prefix, arch.num_blocks[stage - 1])
        heads = [self._bottleneck(x, f"last_cls.func_list.{i}", project=True) for i, x in enumerate(branches)]
        y = heads[0]
        for i, wider in enumerate(heads[1:]):
            y = self._add([wider, self._conv(y, f"cls_head_conv_list.{i}", stride=2)])
        return self._append(GlobalAveragePool(self._conv(y, "conv_last"), self._next()))

    def classifier(self, features: int) -> int:
        """The logits."""
        return self._dense(features, "fc", "none")

    def _module(self, branches: list[int], prefix: str, num_blocks: int) -> list[int]:
        branches = [
            self._chain(x, f"{prefix}.basic_block_list.{branch}", num_blocks) for branch, x in enumerate(branches)
        ]
        fused, index = [], 0
        for i, own in enumerate(branches):
            terms, factors = [own], [1]
            for j, x in enumerate(branches):
                steps = 1 if j > i else i - j
                for step in range(steps):
                    name = f"{prefix}.fuse_func.residual_func_list.{index}"
                    down = i > j
                    x = self._conv(x, name, stride=2 if down else 1, relu=down and step < steps - 1)
                    index += 1
                if j != i:
                    terms.append(x)
                    factors.append(2 ** max(0, j - i))
            fused.append(self._add(terms, factors, "relu"))
        return fused

    def _chain(self, x: int, prefix: str, num_blocks: int) -> int:
        for i in range(num_blocks):
            block = f"{prefix}.{i}"
            x = self._join(self._conv(x, f"{block}.conv1"), f"{block}.conv2", block, x)
        return x

    def _bottleneck(self, x: int, prefix: str, *, project: bool) -> int:
        y = self._conv(self._conv(x, f"{prefix}.conv1"), f"{prefix}.conv2")
        shortcut = self._conv(x, f"{prefix}.conv_down", relu=False) if project else x
        return self._join(y, f"{prefix}.conv3", prefix, shortcut)

    def _join(self, y: int, conv: str, block: str, shortcut: int) -> int:
        """A block's last convolution, its squeeze-and-excitation where it has one, and the shortcut."""
        if not self._has_se:
            return self._conv(y, conv, residual=shortcut)
        y = self._conv(y, conv, relu=False)
        gate = self._append(GlobalAveragePool(y, self._next()))
        gate = self._dense(self._dense(gate, f"{block}.se.fc_squeeze", "relu"), f"{block}.se.fc_excitation", "sigmoid")
        return self._append(Scale(y, gate, self._next(), shortcut, "relu"))

    def _conv(self, x: int, name: str, *, stride: int = 1, relu: bool = True, residual: int | None = None) -> int:
        weight = self._tensor(f"{name}.conv.weight")
        mean = self._tensor(f"{name}.bn._mean")
        bias = self._entries[f"{name}.bn._mean"].bias
        if self._naming == "timm" and bias is not None and bias in self._tensors:
            mean = mean - self._tensors[bias].astype(np.float64)
        factor = self._tensor(f"{name}.bn.weight") / np.sqrt(self._tensor(f"{name}.bn._variance") + _EPSILON)
        shift = self._tensor(f"{name}.bn.bias") - mean * factor
        padding = weight.shape[2] // 2
        return self._append(
            Conv(
                x,
                self._next(),
                name,
                weight * factor[:, None, None, None],
                shift,
                (stride, stride),
                (padding,) * 4,
                residual,
                "relu" if relu else "none",
            )
        )

    def _dense(self, x: int, name: str, activation: Activation) -> int:
        weight = self._tensor(f"{name}.weight")
        if self._naming != "timm":  # (in, out)
            weight = weight.T
        return self._append(FullyConnected(x, self._next(), name, weight, self._tensor(f"{name}.bias"), activation))

    def _add(self, terms: list[int], factors: list[int] | None = None, activation: Activation = "none") -> int:
        return self._append(Add(tuple(terms), tuple(factors or [1] * len(terms)), self._next(), activation))

    def _tensor(self, name: str) -> Array:
        return self._tensors[str(self._entries[name].name(self._naming))].astype(np.float64)

    def _next(self) -> int:
        return len(self.layers) + 1

    def _append(self, layer: Layer) -> int:
        self.layers.append(layer)
        return layer.output
