"""Names and shapes of PaddleClas's state dicts, written down independently of the builder, as an oracle.

Source: ppcls/arch/backbone/legendary_models/hrnet.py of PaddleClas, and its published .pdparams files.
"""

from __future__ import annotations

from collections.abc import Iterator

Entry = tuple[str, tuple[int, ...]]


def state_dict_entries(width: int, *, has_se: bool, num_classes: int = 1000) -> list[Entry]:
    """The entries of HRNet_W<width>_C, or of its SE variant, in order."""
    branches = [width * 2**i for i in range(4)]
    heads = [32, 64, 128, 256]
    entries = [*_conv_bn("conv_layer1_1", 3, 64, 3), *_conv_bn("conv_layer1_2", 64, 64, 3)]
    for block in range(4):
        channels = 64 if block == 0 else 256
        entries += _bottleneck(f"layer1.{block}", channels, 64, project=block == 0, has_se=has_se)
    entries += _conv_bn("conv_tr1_1", 256, branches[0], 3)
    entries += _conv_bn("conv_tr1_2", 256, branches[1], 3)
    entries += _stage("st2", 1, branches[:2], has_se=has_se)
    entries += _conv_bn("conv_tr2", branches[1], branches[2], 3)
    entries += _stage("st3", 4, branches[:3], has_se=has_se)
    entries += _conv_bn("conv_tr3", branches[2], branches[3], 3)
    entries += _stage("st4", 3, branches, has_se=has_se)
    for i in range(4):
        entries += _bottleneck(f"last_cls.func_list.{i}", branches[i], heads[i], project=True, has_se=has_se)
    for i in range(3):
        entries += _conv_bn(f"cls_head_conv_list.{i}", 4 * heads[i], 4 * heads[i + 1], 3)
    entries += _conv_bn("conv_last", 1024, 2048, 1)
    return [*entries, ("fc.weight", (2048, num_classes)), ("fc.bias", (num_classes,))]


def _conv_bn(name: str, channels_in: int, channels_out: int, kernel: int) -> Iterator[Entry]:
    yield f"{name}.conv.weight", (channels_out, channels_in, kernel, kernel)
    for field in ("weight", "bias", "_mean", "_variance"):
        yield f"{name}.bn.{field}", (channels_out,)


def _se(name: str, channels: int) -> Iterator[Entry]:
    squeezed = int(channels / 16)
    yield f"{name}.se.fc_squeeze.weight", (channels, squeezed)
    yield f"{name}.se.fc_squeeze.bias", (squeezed,)
    yield f"{name}.se.fc_excitation.weight", (squeezed, channels)
    yield f"{name}.se.fc_excitation.bias", (channels,)


def _bottleneck(name: str, channels_in: int, channels: int, *, project: bool, has_se: bool) -> Iterator[Entry]:
    yield from _conv_bn(f"{name}.conv1", channels_in, channels, 1)
    yield from _conv_bn(f"{name}.conv2", channels, channels, 3)
    yield from _conv_bn(f"{name}.conv3", channels, 4 * channels, 1)
    if project:
        yield from _conv_bn(f"{name}.conv_down", channels_in, 4 * channels, 1)
    if has_se:
        yield from _se(name, 4 * channels)


def _stage(name: str, num_modules: int, channels: list[int], *, has_se: bool) -> Iterator[Entry]:
    for m in range(num_modules):
        module = f"{name}.stage_func_list.{m}"
        for branch, c in enumerate(channels):
            for block in range(4):
                prefix = f"{module}.basic_block_list.{branch}.{block}"
                yield from _conv_bn(f"{prefix}.conv1", c, c, 3)
                yield from _conv_bn(f"{prefix}.conv2", c, c, 3)
                if has_se:
                    yield from _se(prefix, c)
        for index, (c_in, c_out, kernel) in enumerate(_fuse(channels)):
            yield from _conv_bn(f"{module}.fuse_func.residual_func_list.{index}", c_in, c_out, kernel)


def _fuse(channels: list[int]) -> Iterator[tuple[int, int, int]]:
    """(channels in, channels out, kernel) of the convolutions of a fusion, in the order of residual_func_list."""
    for i in range(len(channels)):
        for j in range(len(channels)):
            if j > i:
                yield channels[j], channels[i], 1
            for step in range(i - j):
                yield channels[j], channels[i] if step == i - j - 1 else channels[j], 3
