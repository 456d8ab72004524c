"""Where the system refuses threads, memory or files, calls raise errors of the documented types: no abort, no hang."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hrnet_native
from support.paths import ROOT

TESTS = ROOT / "tests"
SECONDS = 120  # of a process that needs one

PREPARED = """
import os, resource, sys
import numpy as np
import hrnet_native
from support.no_threads import no_threads

pixels = np.zeros((64, 64, 3), np.uint8)
make = lambda: hrnet_native.Predictor(backend="native", num_threads=1)
expected = (hrnet_native.Error, MemoryError)

def outcome(action):
    try:
        action()
    except expected as error:
        if isinstance(error, hrnet_native.ResourceExhaustedError):
            assert "no thread could be started" in str(error), error
        return type(error).__name__
    return "done"
"""

THREADS = {
    "constructor": "make()",
    "clone": "predictor.clone()",
    "predict": "predictor.predict(pixels)",
    "list": "predictor.predict([pixels] * 20)",
    "timeout": "predictor.predict(pixels, timeout=60)",
    "submit": "predictor.submit(pixels).result()",
    "predict_iter": "list(predictor.predict_iter([pixels] * 3))",
}
ANSWERED = {"predict", "list"}  # by the caller and the threads that there are


def run(script: str) -> list[str]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)}
    process = subprocess.run(
        [sys.executable, "-c", PREPARED + script], env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.split()


@pytest.mark.parametrize("name", THREADS)
def test_threads_that_the_system_refuses(name: str) -> None:
    script = f"""
predictor = make()
right = predictor.clone().predict(pixels).class_ids
with no_threads():
    print(outcome(lambda: {THREADS[name]}))
assert predictor.predict(pixels).class_ids == right
assert predictor.submit(pixels, timeout=60).result().class_ids == right
predictor.close()
"""
    assert run(script) == ["done" if name in ANSWERED else "ResourceExhaustedError"]


def test_too_little_address_space() -> None:
    script = """
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
outcomes = []
for more in range(0, 200, 10):
    resource.setrlimit(resource.RLIMIT_AS, (used + (more << 20), resource.RLIM_INFINITY))
    outcomes.append(outcome(lambda: make().predict(pixels)))
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
make().predict(pixels)
print(*outcomes)
"""
    outcomes = run(script)
    assert outcomes[0] != "done"
    assert outcomes[-1] == "done"


def test_no_file_descriptor_left() -> None:
    folder = Path(hrnet_native.__file__).parent / "default_model"
    script = f"""
folder = {str(folder)!r}
native = open(folder + "/native.safetensors", "rb").read()
config = open(folder + "/inference.yml", "rb").read()
predictor = make()
def limited(action, more):
    free = os.open("/dev/null", os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + more, 1024))
    result = outcome(action)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
    return result
for more in range(4):
    print(limited(make, more))
    print(limited(lambda: hrnet_native.Predictor.from_bytes(native=native, config=config), more))
    print(limited(lambda: predictor.predict(folder + "/MODEL_CARD.md"), more))
print(outcome(make), outcome(lambda: predictor.predict(pixels)))
"""
    outcomes = run(script)
    assert outcomes[0] != "done"
    assert outcomes[-2:] == ["done", "done"]
