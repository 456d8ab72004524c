"""MNN's CPU backend in high precision (its default may compute in half precision)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, convert_once, serve

# MNN's HintMode, which its Python package does not name.
_WINOGRAD_MEMORY_LEVEL = 3


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    import MNN

    mnnconvert = Path(sys.executable).with_name("mnnconvert")
    converted = model.with_suffix(".mnn")
    convert_once(converted, model, [mnnconvert, "-f", "ONNX", "--modelFile", model, "--MNNModel", converted])
    interpreter = MNN.Interpreter(str(converted))
    # The default, level 3, loses three digits to large Winograd tiles: above the error that counts.
    interpreter.setSessionHint(_WINOGRAD_MEMORY_LEVEL, 0)
    session = interpreter.createSession({"backend": "CPU", "precision": "high", "numThread": threads})
    network_input = interpreter.getSessionInput(session)
    interpreter.resizeTensor(network_input, inputs.shape)
    interpreter.resizeSession(session)
    network_output = interpreter.getSessionOutput(session)

    def on_host(array: NDArray[np.float32]) -> MNN.Tensor:
        """A tensor with a copy of the array."""
        return MNN.Tensor(array.shape, MNN.Halide_Type_Float, array, MNN.Tensor_DimensionType_Caffe)

    host_input = on_host(inputs)
    host_output = on_host(np.empty(network_output.getShape(), np.float32))

    def run() -> NDArray[np.float32]:
        network_input.copyFrom(host_input)
        interpreter.runSession(session)
        network_output.copyToHostTensor(host_output)
        return host_output.getNumpyData()

    return run


if __name__ == "__main__":
    serve(load)
