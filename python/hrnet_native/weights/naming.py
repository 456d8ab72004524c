"""What each parameter of an HRNet is called: by PaddleClas, by its releases up to 2.1, and by HRNet's authors and timm.

Sources: PaddleClas ``ppcls/arch/backbone/legendary_models/hrnet.py`` and, for 2.1, ``ppcls/modeling/architectures/
hrnet.py``; HRNet-Image-Classification ``lib/models/cls_hrnet.py``, whose names timm's ``hrnet.py`` keeps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from hrnet_native.errors import InvalidArgumentError
from hrnet_native.family.table import SE_RATIO, Architecture

Naming = Literal["paddleclas", "paddleclas-2.1", "timm"]

# A tensor that only files of this naming have.
_TELLTALES: Final[dict[Naming, str]] = {
    "paddleclas": "conv_layer1_1.conv.weight",
    "paddleclas-2.1": "conv_layer1_1._conv.weight",
    "timm": "conv1.weight",
}
CLASSIFIER_BIASES: Final = ("fc.bias", "out.bias", "classifier.bias")
_EXPANSION: Final = 4


@dataclasses.dataclass(frozen=True)
class Entry:
    """One parameter.

    Attributes:
        paddleclas: Its name in PaddleClas today, which this project uses as well.
        paddleclas_2_1: Its name in PaddleClas's releases up to 2.1.
        timm: Its name in timm and in HRNet's own repository; None where these have no such parameter.
        shape: In PaddleClas.
        transposed: Whether torch stores the transpose: the classifier.
        bias: Name of the bias, in torch only, of the convolution before the batch norm whose mean this entry is.
    """

    paddleclas: str
    paddleclas_2_1: str
    timm: str | None
    shape: tuple[int, ...]
    transposed: bool = False
    bias: str | None = None

    def name(self, naming: Naming) -> str | None:
        """Its name in one of the namings."""
        names = {"paddleclas": self.paddleclas, "paddleclas-2.1": self.paddleclas_2_1, "timm": self.timm}
        return names[naming]

    def torch_shape(self) -> tuple[int, ...]:
        """Its shape in torch."""
        return self.shape[::-1] if self.transposed else self.shape


def find_naming(names: Iterable[str]) -> Naming:
    """Tells which naming a file uses.

    Raises:
        InvalidArgumentError: It is none of an HRNet classifier's.
    """
    present = set(names)
    for naming, telltale in _TELLTALES.items():
        if telltale in present:
            return naming
    some = ", ".join(sorted(present)[:3]) or "nothing"
    raise InvalidArgumentError(
        f"these are not an HRNet's weights: expected {' or '.join(_TELLTALES.values())} among the names, found {some}"
    )


def entries(arch: Architecture, num_classes: int, in_channels: int = 3) -> list[Entry]:
    """All parameters of a network in the order of PaddleClas's state dict, which is also torch's."""
    return list(_entries(arch, num_classes, in_channels))


def _entries(arch: Architecture, num_classes: int, in_channels: int) -> Iterator[Entry]:
    stem, widths = arch.stem_channels, arch.branch_channels
    wide = stem * _EXPANSION
    yield from _conv_bn(("conv_layer1_1", "conv_layer1_1", "conv1", "bn1"), in_channels, stem, 3)
    yield from _conv_bn(("conv_layer1_2", "conv_layer1_2", "conv2", "bn2"), stem, stem, 3)
    for i in range(arch.num_blocks[0]):
        channels = wide if i else stem
        names = (f"layer1.{i}", f"la1.bb_layer2_{i + 1}", f"layer1.{i}")
        yield from _bottleneck(names, channels, stem, project=i == 0, has_se=arch.has_se)
    yield from _transition("conv_tr1_1", "tr1", 1, "transition1.0.0", "transition1.0.1", wide, widths[0])
    yield from _transition("conv_tr1_2", "tr1", 2, "transition1.1.0.0", "transition1.1.0.1", wide, widths[1])
    yield from _stage(2, arch)
    yield from _transition("conv_tr2", "tr2", 3, "transition2.2.0.0", "transition2.2.0.1", widths[1], widths[2])
    yield from _stage(3, arch)
    yield from _transition("conv_tr3", "tr3", 4, "transition3.3.0.0", "transition3.3.0.1", widths[2], widths[3])
    yield from _stage(4, arch)
    for i, (channels, head) in enumerate(zip(widths, arch.head_channels)):
        names = (f"last_cls.func_list.{i}", f"last_cls.conv_cls_head_conv_{i + 1}", f"incre_modules.{i}.0")
        yield from _bottleneck(names, channels, head, project=True, has_se=arch.has_se)
    heads = [channels * _EXPANSION for channels in arch.head_channels]
    for i in range(3):
        torch = f"downsamp_modules.{i}"
        convs = (f"cls_head_conv_list.{i}", f"cls_head_add{i + 1}", f"{torch}.0", f"{torch}.1")
        yield from _conv_bn(convs, heads[i], heads[i + 1], 3, biased=True)
    last = ("conv_last", "conv_last", "final_layer.0", "final_layer.1")
    yield from _conv_bn(last, heads[3], arch.last_channels, 1, biased=True)
    yield Entry("fc.weight", "out.weight", "classifier.weight", (arch.last_channels, num_classes), transposed=True)
    yield Entry(*CLASSIFIER_BIASES, (num_classes,))


def _conv_bn(
    names: tuple[str, str, str, str], channels_in: int, channels_out: int, kernel: int, *, biased: bool = False
) -> Iterator[Entry]:
    """A convolution and its batch norm; ``names``: PaddleClas's, that of 2.1, torch's convolution and batch norm."""
    new, old, conv, norm = names
    shape = (channels_out, channels_in, kernel, kernel)
    yield Entry(f"{new}.conv.weight", f"{old}._conv.weight", f"{conv}.weight", shape)
    for field, torch in (
        ("weight", "weight"),
        ("bias", "bias"),
        ("_mean", "running_mean"),
        ("_variance", "running_var"),
    ):
        bias = f"{conv}.bias" if biased and field == "_mean" else None
        paddle = (f"{new}.bn.{field}", f"{old}._batch_norm.{field}")
        yield Entry(*paddle, f"{norm}.{torch}", (channels_out,), bias=bias)


def _transition(
    new: str, old: str, branch: int, conv: str, norm: str, channels_in: int, channels_out: int
) -> Iterator[Entry]:
    yield from _conv_bn((new, f"{old}.transition_{old}_layer_{branch}", conv, norm), channels_in, channels_out, 3)


def _squeeze_excitation(new: str, old: str, channels: int) -> Iterator[Entry]:
    squeezed = channels // SE_RATIO
    for layer, rows, columns in (("squeeze", channels, squeezed), ("excitation", squeezed, channels)):
        yield Entry(f"{new}.se.fc_{layer}.weight", f"{old}.se.{layer}.weight", None, (rows, columns))
        yield Entry(f"{new}.se.fc_{layer}.bias", f"{old}.se.{layer}.bias", None, (columns,))


def _bottleneck(
    names: tuple[str, str, str], channels_in: int, channels: int, *, project: bool, has_se: bool
) -> Iterator[Entry]:
    new, old, torch = names
    wide = channels * _EXPANSION
    for k, size in ((1, (channels_in, channels, 1)), (2, (channels, channels, 3)), (3, (channels, wide, 1))):
        yield from _conv_bn((f"{new}.conv{k}", f"{old}.conv{k}", f"{torch}.conv{k}", f"{torch}.bn{k}"), *size)
    if project:
        down = (f"{new}.conv_down", f"{old}.conv_down", f"{torch}.downsample.0", f"{torch}.downsample.1")
        yield from _conv_bn(down, channels_in, wide, 1)
    if has_se:
        yield from _squeeze_excitation(new, old, wide)


def _stage(stage: int, arch: Architecture) -> Iterator[Entry]:
    channels = arch.branch_channels[:stage]
    for m in range(arch.num_modules[stage - 2]):
        new, torch = f"st{stage}.stage_func_list.{m}", f"stage{stage}.{m}"
        label = f"st{stage}_{m + 1}"
        old = f"st{stage}.stage_{label}"
        for b, width in enumerate(channels):
            for j in range(arch.num_blocks[stage - 1]):
                block = f"{new}.basic_block_list.{b}.{j}"
                old_block = f"{old}.branches_func.bb_{label}_branch_layer_{b + 1}_{j + 1}"
                torch_block = f"{torch}.branches.{b}.{j}"
                for k in (1, 2):
                    convs = (f"{block}.conv{k}", f"{old_block}.conv{k}")
                    yield from _conv_bn((*convs, f"{torch_block}.conv{k}", f"{torch_block}.bn{k}"), width, width, 3)
                if arch.has_se:
                    yield from _squeeze_excitation(block, old_block, width)
        yield from _fusion(new, f"{old}.fuse_func.residual_{label}_layer", f"{torch}.fuse_layers", channels)


def _fusion(new: str, old: str, torch: str, channels: tuple[int, ...]) -> Iterator[Entry]:
    index = 0
    for i, wanted in enumerate(channels):
        for j, given in enumerate(channels):
            steps = [("", "", 1, wanted)] if j > i else []
            steps += [(f"_{k + 1}", f".{k}", 3, wanted if k == i - j - 1 else given) for k in range(i - j)]
            for old_step, torch_step, kernel, channels_out in steps:
                prefix = f"{torch}.{i}.{j}{torch_step}"
                names = (f"{new}.fuse_func.residual_func_list.{index}", f"{old}_{i + 1}_{j + 1}{old_step}")
                yield from _conv_bn((*names, f"{prefix}.0", f"{prefix}.1"), given, channels_out, kernel)
                index += 1
