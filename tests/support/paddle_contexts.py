"""What Paddle's own predictors do when they are cloned, destroyed and run; a process, for memory and crashes.

Usage: python -m support.paddle_contexts MODEL BACKEND; prints a line of JSON.
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from paddle import inference

from hrnet_native.bundle.model_files import model_files
from support.memory import resident_bytes

_INPUT_SIZE = 32


def load(model: Path, backend: str) -> Any:
    program, parameters = model_files(model)
    config = inference.Config(str(program), str(parameters))
    is_pir = program.suffix == ".json"
    config.disable_glog_info()
    config.enable_new_ir(is_pir)
    config.enable_new_executor(is_pir)
    config.enable_memory_optim(True)
    config.set_cpu_math_library_num_threads(1)
    if backend == "onednn":
        config.enable_mkldnn()
    else:
        config.disable_mkldnn()
    return inference.create_predictor(config)


def run(predictor: Any, batch: int) -> NDArray[np.float32]:
    inputs = np.random.default_rng(batch).standard_normal((batch, 3, _INPUT_SIZE, _INPUT_SIZE)).astype(np.float32)
    predictor.get_input_handle(predictor.get_input_names()[0]).copy_from_cpu(inputs)
    predictor.run()
    outputs: NDArray[np.float32] = predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
    return outputs


def intel_openmp() -> ctypes.CDLL:
    """Paddle's OpenMP runtime, which is mapped already."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return ctypes.CDLL(next(line.split()[-1] for line in lines if "libiomp5" in line))


def is_right(predictor: Any, expected: NDArray[np.float32]) -> bool:
    try:
        return bool((run(predictor, 1) == expected).all())
    except Exception:  # Paddle's errors are of many types
        return False


def main() -> None:
    model, backend = Path(sys.argv[1]), sys.argv[2]
    facts: dict[str, Any] = {}
    original = load(model, backend)
    openmp = intel_openmp()
    openmp.omp_set_num_threads(2)
    expected = run(original, 1)
    facts["caller_threads_after_run"] = openmp.omp_get_max_threads()

    before = resident_bytes()
    clone = original.clone()
    facts["clone_is_right"] = is_right(clone, expected)
    facts["clone_bytes"] = resident_bytes() - before
    clones: list[Any] = []
    thread = threading.Thread(target=lambda made: clones.append(made.clone()), args=(original,))
    thread.start()
    thread.join()
    facts["clone_of_another_thread_is_right"] = is_right(clones[0], expected)
    del clone
    facts["original_outlives_its_clone"] = is_right(original, expected)

    original = load(model, backend)
    clone = original.clone()
    del original
    facts["clone_outlives_its_original"] = is_right(clone, expected)
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
