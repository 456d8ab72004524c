"""``./dev soak``: hours of a service in minutes. Needs a quiet machine only for being done sooner."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from environments.soak.cycles import check_cycles, cycle
from environments.soak.load import make_images, slope_after, soak
from environments.soak.process import in_fresh_process
from environments.soak.storm import storm
from hrnet_native import Predictor, default_model
from hrnet_native.compiler.compile_model import compile_model

LARGEST_SLOPE = 0.1  # KiB a prediction
LARGEST_BATCH = 8
# The native engine's process is so small (60 MB) that each arena of glibc that a new thread takes for the first time
# shows; with Paddle's they do not.
CYCLES = {"native": (24, 8), "onednn": (10, 2)}  # how many, and after which one memory has settled


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    parser.add_argument("--backends", nargs="+", choices=list(CYCLES), default=list(CYCLES))
    parser.add_argument("--predictions", type=int, default=20000, help="beside those of --warmup")
    parser.add_argument("--warmup", type=int, default=10000, help="predictions until memory counts")
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--storm", type=float, default=60, metavar="SECONDS", help="of everything at once")
    arguments = parser.parse_args()
    images = make_images(101, largest=300)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        shutil.copytree(default_model.DIRECTORY, model, ignore=shutil.ignore_patterns("__pycache__"))
        if not (model / "native.safetensors").exists():
            compile_model(model)
        failed = False
        for backend in arguments.backends:
            failed |= not soak_backend(model, backend, images, arguments)
            print(f"{backend}: {arguments.storm:g} s of everything at once, each outcome right: ", end="", flush=True)
            print(dict(in_fresh_process(storm, model, images, arguments.storm, backend=backend)), flush=True)
    sys.exit(failed)


def soak_backend(model: Path, backend: str, images: list, arguments: argparse.Namespace) -> bool:
    """Prints what was seen, and returns whether it was good."""
    count, settled = CYCLES[backend]
    counts = in_fresh_process(cycle, model, images[0], count, backend=backend)
    print(f"{backend}: threads and resident KiB after each cycle: {counts}", flush=True)
    check_cycles(counts, settled)
    batches = range(1, LARGEST_BATCH + 1)  # each needs memory of its own, and some come up late
    with Predictor(model, backend=backend, max_batch_size=LARGEST_BATCH, warmup=batches) as predictor:
        memory = soak(predictor, arguments.warmup + arguments.predictions, arguments.threads, images)
        stats = predictor.stats()
    slope = slope_after(arguments.warmup, memory)
    print(f"{backend}: resident MiB under load: {[round(kib / 1024, 1) for _, kib in memory]}")
    print(
        f"{backend}: {arguments.warmup + arguments.predictions} predictions from {arguments.threads} threads, each "
        f"right; mean batch {stats.mean_batch_size:.2f}; {slope:+.4f} KiB a prediction after the first "
        f"{arguments.warmup}, at most {LARGEST_SLOPE}",
        flush=True,
    )
    return slope < LARGEST_SLOPE


if __name__ == "__main__":
    main()
