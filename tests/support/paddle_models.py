"""Networks for the compiler's tests, as others write them, and Paddle's own answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import nn
from paddle.nn import functional as F

from hrnet_native.bundle.model_files import model_files
from hrnet_native.export.exporter import _program_format
from hrnet_native.models.hrnet import sigmoid


def save(model: nn.Layer, directory: Path, size: int, model_format: str = "json", feed: str = "image") -> Path:
    """Exports a network as its users do, the input named at will; untouched batch norms get random statistics."""
    generator = np.random.default_rng(5)
    for layer in model.sublayers():
        if isinstance(layer, nn.BatchNorm2D | nn.BatchNorm) and not layer._mean.any():
            layer._mean.set_value(generator.normal(0, 0.2, layer._mean.shape).astype("float32"))
            layer._variance.set_value(generator.uniform(0.5, 2, layer._variance.shape).astype("float32"))
    model.eval()
    spec = paddle.static.InputSpec([None, 3, size, size], "float32", feed)
    with _program_format(model_format):
        paddle.jit.save(paddle.jit.to_static(model, input_spec=[spec], full_graph=True), str(directory / "inference"))
    return directory


def run_paddle(directory: Path, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Paddle Inference's answer in plain float32: no oneDNN, no fusing."""
    config = paddle.inference.Config(*map(str, model_files(directory)))
    config.disable_glog_info()
    config.disable_mkldnn()
    config.switch_ir_optim(False)
    predictor = paddle.inference.create_predictor(config)
    predictor.get_input_handle(predictor.get_input_names()[0]).copy_from_cpu(inputs)
    predictor.run()
    outputs: NDArray[np.float32] = predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
    return outputs


class Sequence(nn.Layer):
    """Applies functions and layers in turn."""

    def __init__(self, *steps: Any) -> None:
        super().__init__()
        self.layers = nn.LayerList([step for step in steps if isinstance(step, nn.Layer)])
        self.steps = steps

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        for step in self.steps:
            x = step(x)
        return x


class Fusion(nn.Layer):
    """A miniature of HRNet's fusion and heads with the operators of PaddleClas: nearest_interp, squeeze, BatchNorm."""

    def __init__(self, *, by_size: bool, biased: bool) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 8, 3, padding=1, bias_attr=None if biased else False)
        self.norm = nn.BatchNorm(8, act="relu")
        self.down = nn.Conv2D(8, 16, 3, stride=2, padding=1, bias_attr=False)
        self.down_norm = nn.BatchNorm(16)
        self.up = nn.Conv2D(16, 8, 1, bias_attr=False)
        self.up_norm = nn.BatchNorm(8)
        self.squeeze = nn.Linear(8, 2)
        self.excite = nn.Linear(2, 8)
        self.second_down = nn.Conv2D(8, 16, 3, stride=2, padding=1)
        self.third_down = nn.Conv2D(3, 16, 3, stride=2, padding=1)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(16, 5)
        self.by_size = by_size

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        y0 = self.norm(self.stem(x))
        y1 = self.down_norm(self.down(y0))
        up = self.up_norm(self.up(y1))
        up = F.interpolate(up, size=[32, 32]) if self.by_size else F.upsample(up, scale_factor=2, mode="nearest")
        z0 = F.relu(y0 + up + F.upsample(F.max_pool2d(y0, 4), scale_factor=4, mode="nearest"))
        gate = paddle.squeeze(F.adaptive_avg_pool2d(z0, 1), axis=[2, 3])
        gate = sigmoid(self.excite(F.relu(self.squeeze(gate))))
        z0 = F.relu(z0 * paddle.reshape(gate, [-1, 8, 1, 1]) + y0)
        # Shared terms, two convolutions in one sum, and a sum whose intermediate result is needed elsewhere.
        partial = self.second_down(z0) + y1
        total = F.relu(partial + self.third_down(x)) + F.relu(partial)
        pooled = paddle.flatten(F.avg_pool2d(total, 16), 1)
        return F.softmax(self.fc(self.dropout(pooled)))
