"""Does memory stay flat? Runs the default model thousands of times, each called by a thread of its own.

The batch size changes from run to run; the engine's own thread stays. Prints how much the process holds after every
tenth of the runs, and the slope over the last half. Usage: python benchmarks/memory.py [--backend B] [--runs N]
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

import numpy as np

import hrnet_native
from hrnet_native import default_model
from hrnet_native.bundle.probe import probe_input

BATCHES = (1, 2, 1, 4)


def resident_kib() -> int:
    """Memory of this process, mapped files left out."""
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("RssAnon:") + 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=default_model.DIRECTORY, help="default: the package's own")
    parser.add_argument("--backend", default="onednn")
    parser.add_argument("--runs", type=int, default=20_000)
    arguments = parser.parse_args()
    samples = []
    with hrnet_native.Predictor(arguments.model, backend=arguments.backend, num_threads=1) as predictor:
        inputs = [probe_input(batch, (batch, *predictor.input_shape)) for batch in BATCHES]
        first = predictor.infer(inputs[0])
        begin = time.monotonic()
        for run in range(1, arguments.runs + 1):
            caller = threading.Thread(target=predictor.infer, args=(inputs[run % len(inputs)],))
            caller.start()
            caller.join()
            if run % (arguments.runs // 10) == 0:
                samples.append((run, resident_kib()))
                print(f"{run:8d} runs {samples[-1][1]:9,d} KiB  {time.monotonic() - begin:7.0f} s", flush=True)
        if not np.array_equal(predictor.infer(inputs[0]), first):
            sys.exit("the last answer differs from the first")
    (middle, held), (end, held_at_end) = samples[len(samples) // 2 - 1], samples[-1]
    print(f"slope over the last half: {(held_at_end - held) / (end - middle):.4f} KiB a run")


if __name__ == "__main__":
    main()
