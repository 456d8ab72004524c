"""The process around one engine: loads it, then obeys lines on standard input and answers each with a line of JSON.

``run COUNT SECONDS``: run COUNT times or for SECONDS, whichever ends first. ``outputs FILE``: write the outputs to a
.npy file. The first answer comes unasked and tells how long loading and the first run took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Runs the network once over the inputs that it was made with, and returns the outputs (batch, classes).
Run = Callable[[], NDArray[np.float32]]
# Makes an engine from a model, inputs (batch, 3, height, width), and the number of threads.
Load = Callable[[Path, NDArray[np.float32], int], Run]

# After a pause caches are cold, and clocks may be low.
_WARM_UP_SECONDS = 0.2
_TICK = 1 / os.sysconf("SC_CLK_TCK")


def serve(load: Load) -> None:
    """Main program of a worker: MODEL INPUTS.npy THREADS."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # some engines print
    model, inputs_file, threads = sys.argv[1:]
    inputs = np.load(inputs_file)  # lives as long as the engine, which may borrow it
    start = time.perf_counter()
    run = load(Path(model), inputs, int(threads))
    outputs = np.array(run())
    replies.write(json.dumps({"seconds": time.perf_counter() - start}) + "\n")
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "run":
            reply = _measure(run, int(arguments[0]), float(arguments[1]))
        elif command == "outputs":
            np.save(arguments[0], outputs)
            reply = {}
        else:
            raise ValueError(f"unknown command {command!r}")
        replies.write(json.dumps(reply) + "\n")


def convert_once(target: Path, source: Path, command: list[str | Path]) -> None:
    """Runs a converter of this environment unless `target` is newer than `source`."""
    if not target.is_file() or target.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(command, check=True, cwd=target.parent)
        if not target.is_file():
            raise FileNotFoundError(f"{command[0]} wrote no {target}")


def _measure(run: Run, count: int, seconds: float) -> dict[str, Any]:
    """Returns the time of each run, and the share of the machine's CPUs that others used meanwhile."""
    warm = time.perf_counter() + min(_WARM_UP_SECONDS, seconds)
    while time.perf_counter() < warm:
        run()
    times: list[float] = []
    others = time.process_time() - _busy()
    begin = now = time.perf_counter()
    while len(times) < count and now < begin + seconds:
        run()
        last, now = now, time.perf_counter()
        times.append((now - last) * 1000)
    others += _busy() - time.process_time()
    return {"ms": times, "others": max(0.0, others - _TICK) / ((now - begin) * (os.cpu_count() or 1))}


def _busy() -> float:
    """Seconds that all CPUs of the machine have been busy, or were taken by the hypervisor."""
    with Path("/proc/stat").open() as stat:
        user, nice, system, _, _, irq, softirq, steal, *_ = map(int, stat.readline().split()[1:])
    return (user + nice + system + irq + softirq + steal) * _TICK
