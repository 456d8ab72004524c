"""OpenVINO's CPU plugin, tuned for latency, in fp32 (its default may be bf16 where the CPU has it)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, serve


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    import openvino

    core = openvino.Core()
    network = core.read_model(model)
    network.reshape(inputs.shape)
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
    }
    request = core.compile_model(network, "CPU", options).create_infer_request()
    request.set_input_tensor(openvino.Tensor(inputs, shared_memory=True))
    outputs = request.get_output_tensor()

    def run() -> NDArray[np.float32]:
        request.infer()
        return outputs.data

    return run


if __name__ == "__main__":
    serve(load)
