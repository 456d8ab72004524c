"""PyTorch: the ONNX graph traced, frozen and optimised for inference (batch norms folded, oneDNN's packed weights)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, serve


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    import torch

    torch.set_num_threads(threads)
    with torch.inference_mode():
        batch = torch.from_numpy(inputs)
        traced = torch.jit.trace(_interpreter(model), batch, check_trace=False)
        network = torch.jit.optimize_for_inference(torch.jit.freeze(traced.eval()))

    def run() -> NDArray[np.float32]:
        with torch.inference_mode():
            return network(batch).numpy()

    return run


def _interpreter(model: Path) -> Any:
    """A module that walks through an ONNX graph with PyTorch's operators: those that HRNets have."""
    import onnx
    import torch
    from onnx import helper, numpy_helper
    from torch.nn import functional as F

    def conv(a: dict[str, Any], x: Any, weight: Any, bias: Any = None) -> Any:
        top, left, *bottom_right = a["pads"]
        assert [top, left] == bottom_right, "uneven padding"
        return F.conv2d(x, weight, bias, a["strides"], (top, left), a["dilations"], a["group"])

    operators: dict[str, Callable[..., Any]] = {
        "Add": lambda _, x, y: x + y,
        "BatchNormalization": lambda a, x, scale, bias, mean, variance: F.batch_norm(
            x, mean, variance, scale, bias, eps=a["epsilon"]
        ),
        "Conv": conv,
        "Expand": lambda _, x, sizes: x.expand(torch.broadcast_shapes(x.shape, tuple(sizes.tolist()))),
        "GlobalAveragePool": lambda _, x: F.adaptive_avg_pool2d(x, 1),
        "Identity": lambda _, x: x,
        "MatMul": lambda _, x, y: x @ y,
        "Mul": lambda _, x, y: x * y,
        "Relu": lambda _, x: F.relu(x),
        # A zero keeps the size; the batch is the size that stays open in the other shapes.
        "Reshape": lambda _, x, shape: x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape.tolist())]),
        "Resize": lambda _, x, _roi, scales: F.interpolate(x, scale_factor=tuple(scales.tolist()[2:]), mode="nearest"),
        "Sigmoid": lambda _, x: torch.sigmoid(x),
        "Softmax": lambda a, x: F.softmax(x, a["axis"]),
    }
    graph = onnx.load(model).graph
    nodes = [(n, {a.name: helper.get_attribute_value(a) for a in n.attribute}) for n in graph.node]
    constants = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}

    class Interpreter(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            values = {"": None, graph.input[0].name: x, **constants}
            for node, attributes in nodes:
                arguments = (values[name] for name in node.input)
                values[node.output[0]] = operators[node.op_type](attributes, *arguments)
            return values[graph.output[0].name]

    return Interpreter()


if __name__ == "__main__":
    serve(load)
