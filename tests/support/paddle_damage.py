"""Feeds Paddle damaged files whose hashes are right, each in a child of its own: `python -m support.paddle_damage`."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

import hrnet_native
from support.damage import damaged, recompute_hashes

_TIMEOUT = 60  # seconds; a child that hangs ends by SIGALRM


def outcome(bundle: Path, image: Path) -> str:
    """What a predictor of the bundle does: an answer, the name of our error, or the signal that ended the process."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # Paddle's last words
        signal.alarm(_TIMEOUT)
        try:
            with hrnet_native.Predictor(bundle, backend="cpu", num_threads=1, top_k=4) as predictor:
                told = "answer" if len(predictor.predict(image).scores) == predictor.num_classes == 4 else "bad answer"
        except BaseException as error:
            told = "hash" if "SHA-256" in str(error) else type(error).__name__  # a hash: Paddle saw nothing
        os.write(write, told.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        told = stream.read()
    status = os.waitpid(child, 0)[1]
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else told


def main(model: str, name: str, image: str, count: str) -> None:
    """Prints how often each outcome was met, as JSON."""
    ctypes.CDLL(str(Path(hrnet_native._core.__file__).parent / "libhrnet_native_paddle.so"))  # once, not in each child
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(count)):
            bundle = Path(folder) / str(seed)
            shutil.copytree(model, bundle, ignore=shutil.ignore_patterns("native.safetensors"))
            (bundle / name).write_bytes(damaged((bundle / name).read_bytes(), seed))
            recompute_hashes(bundle)
            outcomes[outcome(bundle, Path(image))] += 1
            shutil.rmtree(bundle)
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(*sys.argv[1:])
