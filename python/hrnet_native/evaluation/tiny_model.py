"""A network of two layers in Paddle's older format: made within a second, for the backends that read no other."""

from __future__ import annotations

from pathlib import Path

import paddle
from paddle import nn


def write_tiny_model(directory: Path) -> None:
    """Writes ``inference.pdmodel`` and its parameters, which are random: (N, 3, 224, 224) to two probabilities."""
    network = nn.Sequential(
        nn.Conv2D(3, 4, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2D(1), nn.Flatten(), nn.Linear(4, 2), nn.Softmax()
    )
    network.eval()
    inputs = paddle.static.InputSpec([None, 3, 224, 224], "float32", "x")
    with paddle.pir_utils.OldIrGuard():
        static = paddle.jit.to_static(network, input_spec=[inputs], full_graph=True)
        paddle.jit.save(static, str(directory / "inference"))
