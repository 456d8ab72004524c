"""Strict conversion between the namings of HRNet's weights: every tensor is used, and every parameter gets one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hrnet_native.errors import InvalidArgumentError, UnsupportedError
from hrnet_native.family.table import Architecture
from hrnet_native.weights.naming import Entry, Naming, entries, find_naming

Tensors = Mapping[str, NDArray[Any]]

_COUNTER: Final = ".num_batches_tracked"
_HEAD: Final = ("fc.weight", "fc.bias")
_SHOWN: Final = 5


@dataclasses.dataclass
class ConversionReport:
    """What a conversion did.

    Attributes:
        source: Naming of the source.
        num_mapped: Tensors that were renamed, transposed or copied.
        folded: Convolution biases that were subtracted from the mean of the batch norm behind them.
        added: Tensors that the target has and the source lacks: zero biases and counters.
        dropped: Tensors without a meaning for the target: counters of training steps.
        fresh_head: Whether the classifier was made anew.
    """

    source: Naming
    num_mapped: int = 0
    folded: list[str] = dataclasses.field(default_factory=list)
    added: list[str] = dataclasses.field(default_factory=list)
    dropped: list[str] = dataclasses.field(default_factory=list)
    fresh_head: bool = False


def convert(
    tensors: Tensors,
    arch: Architecture,
    target: Naming = "paddleclas",
    *,
    num_classes: int = 1000,
    in_channels: int = 3,
    fresh_head: bool = False,
    head_bias: bool = True,
) -> tuple[dict[str, NDArray[Any]], ConversionReport]:
    """Renames, transposes and folds the weights of one network.

    Args:
        tensors: The source, in any of the namings.
        arch: The network that they are for.
        target: Naming of the result.
        num_classes: Outputs of the network.
        in_channels: Channels of its input.
        fresh_head: Replace the classifier by random numbers from a fixed seed: for another number of classes.
        head_bias: For ``timm``: give the four convolutions of the head (zero) biases, as the official networks have;
            timm's ``*_ssld`` models have none.

    Raises:
        InvalidArgumentError: A tensor is missing, left over, or of another shape; the message names them.
        UnsupportedError: The target has no such network: torch has none with squeeze-and-excitation.
    """
    source = find_naming(tensors)
    for naming in (source, target):
        if naming == "timm" and arch.has_se:
            raise UnsupportedError("timm and the official repository have no HRNet with squeeze-and-excitation")
    report = ConversionReport(source)
    table = entries(arch, num_classes, in_channels)
    ours = _read(tensors, table, report, fresh_head=fresh_head)
    if fresh_head:
        ours |= _fresh_head(arch.last_channels, num_classes)
        report.fresh_head = True
    return _write(ours, table, target, report, head_bias=head_bias), report


def _read(
    tensors: Tensors, table: list[Entry], report: ConversionReport, *, fresh_head: bool
) -> dict[str, NDArray[np.float32]]:
    """From any naming to this project's, which is PaddleClas's; says everything that does not fit at once."""
    problems: list[str] = []
    report.dropped = [name for name in tensors if report.source == "timm" and name.endswith(_COUNTER)]
    left = set(tensors).difference(report.dropped)
    result = {}
    for entry in table:
        name = str(entry.name(report.source))
        tensor = tensors.get(name)
        left.discard(name)
        if fresh_head and entry.paddleclas in _HEAD:
            continue
        if tensor is None:
            problems.append(f"{name} is missing")
            continue
        expected = entry.torch_shape() if report.source == "timm" else entry.shape
        if tensor.shape != expected:
            problems.append(f"{name} has shape {tensor.shape}, expected {expected}")
            continue
        if report.source == "timm" and entry.transposed:
            tensor = np.ascontiguousarray(tensor.T)
        if report.source == "timm" and entry.bias in left:
            bias = tensors[entry.bias]
            left.discard(entry.bias)
            if bias.shape != tensor.shape:
                problems.append(f"{entry.bias} has shape {bias.shape}, expected {tensor.shape}")
                continue
            tensor = tensor - bias
            report.folded.append(entry.bias)
        result[entry.paddleclas] = tensor
    problems += [f"{name} is left over" for name in sorted(left)]
    if problems:
        more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise InvalidArgumentError(f"the weights do not fit the architecture: {'; '.join(problems[:_SHOWN])}{more}")
    report.num_mapped = len(result)
    return result


def _write(
    ours: Mapping[str, NDArray[np.float32]],
    table: list[Entry],
    target: Naming,
    report: ConversionReport,
    *,
    head_bias: bool,
) -> dict[str, NDArray[Any]]:
    result: dict[str, NDArray[Any]] = {}
    for entry in table:
        tensor = ours[entry.paddleclas]
        name = str(entry.name(target))
        if target == "timm":
            if entry.transposed:
                tensor = np.ascontiguousarray(tensor.T)
            if entry.bias and head_bias:
                result[entry.bias] = np.zeros(tensor.shape, np.float32)
                report.added.append(entry.bias)
        result[name] = tensor
        if name.endswith(".running_var"):
            counter = name.removesuffix(".running_var") + _COUNTER
            result[counter] = np.zeros((), np.int64)
            report.added.append(counter)
    return result


def _fresh_head(features: int, num_classes: int) -> dict[str, NDArray[np.float32]]:
    """The classifier as PaddleClas initialises it: uniform weights, bias zero."""
    bound = 1 / np.sqrt(features)
    weight = np.random.default_rng(0).uniform(-bound, bound, (features, num_classes)).astype(np.float32)
    return {"fc.weight": weight, "fc.bias": np.zeros(num_classes, np.float32)}
