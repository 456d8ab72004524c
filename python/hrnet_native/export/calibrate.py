"""Makes a network with random weights behave: without this its outputs vanish or explode with depth."""

from __future__ import annotations

from typing import Final

import paddle
from paddle import nn

from hrnet_native.family.table import SIZE_MULTIPLE
from hrnet_native.models.hrnet import HRNet, upsample_nearest

_LOGIT_STD: Final = 2.0
_BLOCK: Final = 16
# Values per channel that the statistics of the smallest map are taken over.
_SAMPLES: Final = 64


@paddle.no_grad()  # type: ignore[untyped-decorator]
def calibrate(model: HRNet, input_size: int, seed: int = 0) -> None:
    """Sets the batch-norm statistics to those of random images, and scales the classifier to logits of std 2."""
    paddle.seed(seed)
    batch_size = max(4, _SAMPLES * (SIZE_MULTIPLE / input_size) ** 2)
    images = _images([round(batch_size), model.in_channels, input_size, input_size])
    norms = [layer for layer in model.sublayers() if isinstance(layer, nn.BatchNorm2D)]
    momenta = [norm._momentum for norm in norms]
    for norm in norms:
        norm._momentum = 0.0  # the running statistics become those of this batch
    model.train()
    model(images)
    model.eval()
    for norm, momentum in zip(norms, momenta):
        norm._momentum = momentum
    spread = float(model(images).std())
    model.fc.weight.set_value(model.fc.weight * (_LOGIT_STD / spread))


def _images(shape: list[int]) -> paddle.Tensor:
    """Noise over coarse blocks: like photographs, most of the energy lies in low frequencies."""
    batch, channels, height, width = shape
    coarse = paddle.randn([batch, channels, height // _BLOCK, width // _BLOCK])
    return upsample_nearest(coarse, _BLOCK) + 0.3 * paddle.randn(shape)
