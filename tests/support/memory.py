"""How much memory a process holds while a predictor works."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hrnet_native


def resident_bytes() -> int:
    """Memory of this process, mapped files left out."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no RssAnon")


def growth_over_runs(
    predictor: hrnet_native.Predictor, inputs: list[NDArray[np.float32]], *, warm_up: int, runs: int
) -> int:
    """Bytes by which this process grew over `runs` runs, each called by a thread of its own."""
    for index in range(warm_up + runs):
        if index == warm_up:
            before = resident_bytes()
        caller = threading.Thread(target=predictor.infer, args=(inputs[index % len(inputs)],))
        caller.start()
        caller.join()
    return resident_bytes() - before
