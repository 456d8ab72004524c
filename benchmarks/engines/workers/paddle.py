"""Paddle Inference with oneDNN, through Paddle's own Python interface.

HRNET_NATIVE_BENCHMARK_PADDLE may hold settings that differ from the usual ones: a JSON object of `Settings`' fields.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, serve


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is told to Paddle, beside the model and the number of threads.

    Attributes:
        cache_capacity: Shapes whose primitives oneDNN keeps; None: Paddle's default.
        memory_optim: Whether values that do not live at the same time share memory.
        new_executor: None: Paddle's default for the model's format.
        optimization_level: Of Paddle's passes for `.json`; None: the default.
        delete_passes: Passes that are left out.
    """

    cache_capacity: int | None = None
    memory_optim: bool | None = None
    new_executor: bool | None = None
    optimization_level: int | None = None
    delete_passes: tuple[str, ...] = ()


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    from paddle import inference

    settings = Settings(**json.loads(os.environ.get("HRNET_NATIVE_BENCHMARK_PADDLE", "{}")))
    program = next(file for file in (model / "inference.json", model / "inference.pdmodel") if file.is_file())
    config = inference.Config(str(program), str(model / "inference.pdiparams"))
    config.disable_gpu()
    config.enable_mkldnn()
    config.set_cpu_math_library_num_threads(threads)
    config.disable_glog_info()
    _apply(settings, config, is_pir=program.suffix == ".json")
    predictor = inference.create_predictor(config)
    network_input = predictor.get_input_handle(predictor.get_input_names()[0])
    network_input.reshape(inputs.shape)
    network_input.copy_from_cpu(inputs)
    outputs = predictor.get_output_handle(predictor.get_output_names()[0])

    def run() -> NDArray[np.float32]:
        predictor.run()
        return outputs.copy_to_cpu()

    return run


def _apply(settings: Settings, config: Any, *, is_pir: bool) -> None:
    if settings.cache_capacity is not None:
        config.set_mkldnn_cache_capacity(settings.cache_capacity)
    if settings.new_executor is not None:
        config.enable_new_ir(is_pir)
        config.enable_new_executor(settings.new_executor)
    if settings.memory_optim is not None:
        config.enable_memory_optim(settings.memory_optim)
    if settings.optimization_level is not None:
        config.set_optimization_level(settings.optimization_level)
    for name in settings.delete_passes:
        config.delete_pass(name)


if __name__ == "__main__":
    serve(load)
