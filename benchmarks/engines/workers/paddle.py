"""Paddle Inference with oneDNN, through Paddle's own Python interface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, serve


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    from paddle import inference

    config = inference.Config(str(model / "inference.json"), str(model / "inference.pdiparams"))
    config.disable_gpu()
    config.enable_mkldnn()
    config.set_cpu_math_library_num_threads(threads)
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    network_input = predictor.get_input_handle(predictor.get_input_names()[0])
    network_input.reshape(inputs.shape)
    network_input.copy_from_cpu(inputs)
    outputs = predictor.get_output_handle(predictor.get_output_names()[0])

    def run() -> NDArray[np.float32]:
        predictor.run()
        return outputs.copy_to_cpu()

    return run


if __name__ == "__main__":
    serve(load)
