"""This project: `hrnet_native.Predictor` with the backend that HRNET_NATIVE_BENCHMARK_BACKEND names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.workers.serve import Run, serve


def load(model: Path, inputs: NDArray[np.float32], threads: int) -> Run:
    import hrnet_native

    backend = os.environ["HRNET_NATIVE_BENCHMARK_BACKEND"]
    predictor = hrnet_native.Predictor(model, backend=backend, num_threads=threads, max_batch_size=len(inputs))
    return lambda: predictor.infer(inputs)


if __name__ == "__main__":
    serve(load)
