"""How much memory a process holds while a predictor works."""

from __future__ import annotations

import threading
from itertools import pairwise
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


def growth_of_stretches(
    predictor: hrnet_native.Predictor, inputs: list[NDArray[np.float32]], *, warm_up: int, runs: int, stretches: int
) -> list[int]:
    """Bytes by which this process grew over each of `stretches` stretches of `runs` runs.

    Each run is called by a thread of its own. The allocator takes memory in steps of up to a megabyte that come ever
    more rarely, so one stretch may show any growth; what is lost in each run shows in all of them.
    """
    held = []
    for index in range(warm_up + stretches * runs):
        if index >= warm_up and (index - warm_up) % runs == 0:
            held.append(resident_bytes())
        caller = threading.Thread(target=predictor.infer, args=(inputs[index % len(inputs)],))
        caller.start()
        caller.join()
    held.append(resident_bytes())
    return [after - before for before, after in pairwise(held)]
