"""No memory for a copy is a MemoryError, and ends neither the process nor the predictor."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

SETUP = """
    import os, re, resource, sys
    import numpy as np
    import hrnet_native
    predictor = hrnet_native.Predictor(sys.argv[1], num_threads=1)
    image = np.zeros((64, 64, 3), np.uint8)
    expected = predictor.predict(image)
"""


def run(code: str, model: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(SETUP) + textwrap.dedent(code), str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_copy_for_which_there_is_no_memory(small_model: Path) -> None:
    run(
        """
        import hrnet_native.imaging
        packed = np.zeros((8000, 8000, 3), np.uint8)
        gaps = np.zeros((8000, 8000, 4), np.uint8)[:, :, :3]
        inputs = np.zeros((4000, 64, 64, 3), np.float32).transpose(0, 3, 1, 2)
        calls = {
            "predict": lambda: predictor.predict(gaps),
            "predict of a list": lambda: predictor.predict([image, gaps]),
            "submit": lambda: predictor.submit(packed),
            "submit with gaps": lambda: predictor.submit(gaps),
            "preprocess": lambda: predictor.preprocess(gaps),
            "imaging.preprocess": lambda: hrnet_native.imaging.preprocess(gaps),
            "infer": lambda: predictor.infer(inputs),
        }
        used = int(re.search(r"VmSize:\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024
        resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20), resource.RLIM_INFINITY))
        for name, call in calls.items():
            try:
                call()
            except MemoryError:
                continue
            sys.exit(f"no error of {name}")
        assert predictor.predict(image) == expected
        """,
        small_model,
    )
