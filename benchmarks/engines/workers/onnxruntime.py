"""ONNX Runtime's CPU provider with all graph optimisations; input and output are bound, so that no run allocates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, serve


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A free dimension keeps the layout optimiser from planning memory ahead.
    options.add_free_dimension_override_by_name("DynamicDimension.0", len(inputs))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input(session.get_inputs()[0].name, inputs)
    output = session.get_outputs()[0]
    outputs = onnxruntime.OrtValue.ortvalue_from_shape_and_type((len(inputs), output.shape[1]), np.float32)
    binding.bind_ortvalue_output(output.name, outputs)

    def run() -> NDArray[np.float32]:
        session.run_with_iobinding(binding)
        return outputs.numpy()

    return run


if __name__ == "__main__":
    serve(load)
