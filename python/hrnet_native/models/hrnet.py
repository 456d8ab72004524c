"""HRNet for classification (Wang et al., "Deep High-Resolution Representation Learning for Visual Recognition", 2019).

Parameter names and shapes are those of PaddleClas, so that its weights load. Two operators are written differently,
with the same values: flattening is a reshape, and nearest up-sampling, except in ``.pdmodel``, reshape-expand-reshape.
"""

from __future__ import annotations

import math

import paddle
from paddle import nn
from paddle.base.layer_helper import LayerHelper
from paddle.nn import functional as F

from hrnet_native.family.table import SE_RATIO, Architecture


def _normal(fan: int) -> paddle.ParamAttr:
    return paddle.ParamAttr(initializer=nn.initializer.Normal(0.0, math.sqrt(2.0 / fan)))


def _uniform(fan_in: int) -> paddle.ParamAttr:
    bound = 1.0 / math.sqrt(fan_in)
    return paddle.ParamAttr(initializer=nn.initializer.Uniform(-bound, bound))


class ConvBN(nn.Layer):
    """Convolution without bias, batch norm, and a ReLU where asked for."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2D(
            channels_in,
            channels_out,
            kernel,
            stride=stride,
            padding=(kernel - 1) // 2,
            weight_attr=_normal(kernel * kernel * channels_in),
            bias_attr=False,
        )
        self.bn = nn.BatchNorm2D(channels_out, momentum=0.9, epsilon=1e-5)
        self.relu = relu

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        y = self.bn(self.conv(x))
        return F.relu(y) if self.relu else y


class SqueezeExcitation(nn.Layer):
    """Scales channels by a gate computed from their global averages."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = channels // SE_RATIO
        self.fc_squeeze = nn.Linear(channels, squeezed, weight_attr=_uniform(channels))
        self.fc_excitation = nn.Linear(squeezed, channels, weight_attr=_uniform(squeezed))
        self.channels = channels

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        pooled = paddle.reshape(F.adaptive_avg_pool2d(x, 1), [-1, self.channels])
        gate = sigmoid(self.fc_excitation(F.relu(self.fc_squeeze(pooled))))
        return x * paddle.reshape(gate, [-1, self.channels, 1, 1])


class BottleneckBlock(nn.Layer):
    """1x1, 3x3 and 1x1 convolutions around a shortcut; gives four times ``channels``."""

    expansion = 4

    def __init__(self, channels_in: int, channels: int, *, project: bool, has_se: bool) -> None:
        super().__init__()
        channels_out = channels * self.expansion
        self.conv1 = ConvBN(channels_in, channels, 1)
        self.conv2 = ConvBN(channels, channels, 3)
        self.conv3 = ConvBN(channels, channels_out, 1, relu=False)
        self.conv_down = ConvBN(channels_in, channels_out, 1, relu=False) if project else None
        self.se = SqueezeExcitation(channels_out) if has_se else None

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        y = self.conv3(self.conv2(self.conv1(x)))
        if self.se is not None:
            y = self.se(y)
        return F.relu(y + (x if self.conv_down is None else self.conv_down(x)))


class BasicBlock(nn.Layer):
    """Two 3x3 convolutions around a shortcut."""

    def __init__(self, channels: int, *, has_se: bool) -> None:
        super().__init__()
        self.conv1 = ConvBN(channels, channels, 3)
        self.conv2 = ConvBN(channels, channels, 3, relu=False)
        self.se = SqueezeExcitation(channels) if has_se else None

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        y = self.conv2(self.conv1(x))
        if self.se is not None:
            y = self.se(y)
        return F.relu(y + x)


def _writes_pdmodel() -> bool:
    """Whether a program for ``.pdmodel``, Paddle's older format, is being written."""
    return not (paddle.in_dynamic_mode() or paddle.framework.in_pir_mode())


def sigmoid(x: paddle.Tensor) -> paddle.Tensor:
    """The logistic function. Paddle 3.3's own does not exist where programs are written as ``.pdmodel``."""
    if not _writes_pdmodel():
        return F.sigmoid(x)
    helper = LayerHelper("sigmoid")
    y = helper.create_variable_for_type_inference(x.dtype)
    helper.append_op(type="sigmoid", inputs={"X": x}, outputs={"Out": y})
    return y


def upsample_nearest(x: paddle.Tensor, scale: int) -> paddle.Tensor:
    """Repeats every pixel ``scale`` times in both directions: (N, C, H, W) -> (N, C, scale*H, scale*W).

    Paddle's own operator is faster in a ``.pdmodel``; from a ``.json`` Paddle 3.3 does not run it with oneDNN.
    """
    if _writes_pdmodel():
        return F.interpolate(x, scale_factor=scale, mode="nearest")
    return upsample_by_expanding(x, scale)


def upsample_by_expanding(x: paddle.Tensor, scale: int) -> paddle.Tensor:
    """The same by reshape, expand and reshape, which every Paddle runs in every format."""
    channels, height, width = x.shape[1:]
    y = paddle.reshape(x, [-1, channels, height, 1, width, 1])
    y = paddle.expand(y, [-1, channels, height, scale, width, scale])
    return paddle.reshape(y, [-1, channels, height * scale, width * scale])


class Fuse(nn.Layer):
    """Adds to every branch all the others, brought to its resolution."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.residual_func_list = nn.LayerList()
        for i, channels_out in enumerate(channels):
            for j, channels_in in enumerate(channels):
                if j > i:
                    self.residual_func_list.append(ConvBN(channels_in, channels_out, 1, relu=False))
                for step in range(i - j):
                    last = step == i - j - 1
                    out = channels_out if last else channels_in
                    self.residual_func_list.append(ConvBN(channels_in, out, 3, 2, relu=not last))

    def forward(self, branches: list[paddle.Tensor]) -> list[paddle.Tensor]:
        convs = iter(self.residual_func_list)
        outputs = []
        for i, total in enumerate(branches):
            for j, other in enumerate(branches):
                if j > i:
                    total = total + upsample_nearest(next(convs)(other), 2 ** (j - i))
                elif j < i:
                    for _ in range(i - j):
                        other = next(convs)(other)
                    total = total + other
            outputs.append(F.relu(total))
        return outputs


class Module(nn.Layer):
    """One multi-resolution module: a chain of residual blocks on every branch, then an exchange between them."""

    def __init__(self, channels: tuple[int, ...], num_blocks: int, *, has_se: bool) -> None:
        super().__init__()
        self.basic_block_list = nn.LayerList(
            nn.Sequential(*(BasicBlock(c, has_se=has_se) for _ in range(num_blocks))) for c in channels
        )
        self.fuse_func = Fuse(channels)

    def forward(self, branches: list[paddle.Tensor]) -> list[paddle.Tensor]:
        fused: list[paddle.Tensor] = self.fuse_func([blocks(x) for blocks, x in zip(self.basic_block_list, branches)])
        return fused


class Stage(nn.Layer):
    """Modules of one stage in sequence."""

    def __init__(self, channels: tuple[int, ...], num_modules: int, num_blocks: int, *, has_se: bool) -> None:
        super().__init__()
        self.stage_func_list = nn.LayerList(Module(channels, num_blocks, has_se=has_se) for _ in range(num_modules))

    def forward(self, branches: list[paddle.Tensor]) -> list[paddle.Tensor]:
        for module in self.stage_func_list:
            branches = module(branches)
        return branches


class Heads(nn.Layer):
    """Widens every branch before they are merged."""

    def __init__(self, channels: tuple[int, ...], head_channels: tuple[int, ...], *, has_se: bool) -> None:
        super().__init__()
        self.func_list = nn.LayerList(
            BottleneckBlock(c, h, project=True, has_se=has_se) for c, h in zip(channels, head_channels)
        )

    def forward(self, branches: list[paddle.Tensor]) -> list[paddle.Tensor]:
        return [head(x) for head, x in zip(self.func_list, branches)]


class HRNet(nn.Layer):
    """HRNet over images (N, in_channels, H, W), H and W multiples of 32.

    Returns logits (N, num_classes), or with ``features_only`` the four maps of stage 4, of ``width`` times 1, 2, 4
    and 8 channels at 1/4, 1/8, 1/16 and 1/32 of the input's resolution.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        num_classes: int = 1000,
        in_channels: int = 3,
        features_only: bool = False,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.num_classes = num_classes
        self.in_channels = in_channels
        self.features_only = features_only

        arch = architecture
        widths = arch.branch_channels
        layer1, blocks2, blocks3, blocks4 = arch.num_blocks
        modules2, modules3, modules4 = arch.num_modules
        stem = arch.stem_channels
        wide = stem * BottleneckBlock.expansion
        has_se = arch.has_se

        self.conv_layer1_1 = ConvBN(in_channels, stem, 3, 2)
        self.conv_layer1_2 = ConvBN(stem, stem, 3, 2)
        self.layer1 = nn.Sequential(
            *(BottleneckBlock(stem if i == 0 else wide, stem, project=i == 0, has_se=has_se) for i in range(layer1))
        )
        self.conv_tr1_1 = ConvBN(wide, widths[0], 3)
        self.conv_tr1_2 = ConvBN(wide, widths[1], 3, 2)
        self.st2 = Stage(widths[:2], modules2, blocks2, has_se=has_se)
        self.conv_tr2 = ConvBN(widths[1], widths[2], 3, 2)
        self.st3 = Stage(widths[:3], modules3, blocks3, has_se=has_se)
        self.conv_tr3 = ConvBN(widths[2], widths[3], 3, 2)
        self.st4 = Stage(widths, modules4, blocks4, has_se=has_se)
        if features_only:
            return

        heads = [c * BottleneckBlock.expansion for c in arch.head_channels]
        self.last_cls = Heads(widths, arch.head_channels, has_se=has_se)
        self.cls_head_conv_list = nn.LayerList(ConvBN(heads[i], heads[i + 1], 3, 2) for i in range(3))
        self.conv_last = ConvBN(heads[3], arch.last_channels, 1)
        self.fc = nn.Linear(arch.last_channels, num_classes, weight_attr=_uniform(arch.last_channels))

    def forward_features(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        """The four maps of stage 4."""
        x = self.layer1(self.conv_layer1_2(self.conv_layer1_1(x)))
        branches = self.st2([self.conv_tr1_1(x), self.conv_tr1_2(x)])
        branches = self.st3([*branches, self.conv_tr2(branches[-1])])
        maps: list[paddle.Tensor] = self.st4([*branches, self.conv_tr3(branches[-1])])
        return maps

    # Nothing here depends on values: tracing gives the same program from the code as it is, without rewriting it first.
    @paddle.jit.not_to_static  # type: ignore[untyped-decorator]
    def forward(self, x: paddle.Tensor) -> paddle.Tensor | list[paddle.Tensor]:
        maps = self.forward_features(x)
        if self.features_only:
            return maps
        heads = self.last_cls(maps)
        y = heads[0]
        for wider, conv in zip(heads[1:], self.cls_head_conv_list):
            y = wider + conv(y)
        y = F.adaptive_avg_pool2d(self.conv_last(y), 1)
        return self.fc(paddle.reshape(y, [-1, self.architecture.last_channels]))
