"""ncnn on the CPU: fp32 weights and arithmetic, Winograd on, packed layouts. It knows no batches: images in turn."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, convert_once, serve


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    import ncnn

    shape = ",".join(map(str, (1, *inputs.shape[1:])))
    # The program itself: the package's Python wrapper wants torch.
    pnnx = Path(sysconfig.get_path("purelib"), "pnnx", "pnnx")
    # Of its many files only these two are read; without fp16=0 the weights would be rounded.
    parameters = model.with_suffix(".ncnn.param")
    convert_once(parameters, model, [pnnx, model, f"inputshape=[{shape}]", "fp16=0"])
    network = ncnn.Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    network.opt.use_packing_layout = True
    network.opt.use_winograd_convolution = True
    network.opt.use_sgemm_convolution = True
    network.opt.use_fp16_packed = network.opt.use_fp16_storage = network.opt.use_fp16_arithmetic = False
    network.opt.use_bf16_storage = False
    network.load_param(str(parameters))
    network.load_model(str(parameters.with_suffix(".bin")))
    images = [ncnn.Mat(image) for image in inputs]

    def run() -> NDArray[np.float32]:
        answers = []
        for image in images:
            with network.create_extractor() as extractor:
                extractor.input("in0", image)
                answers.append(np.array(extractor.extract("out0")[1]))
        return np.stack(answers)

    return run


if __name__ == "__main__":
    serve(load)
