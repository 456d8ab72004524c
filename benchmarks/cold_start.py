"""From the start of a process to its first answer with HRNet_W18_C: this project, Paddle, OpenVINO and ONNX Runtime.

Files are in the system's cache; nothing else is prepared. This project and OpenVINO are C++ programs, Paddle is one too
(this project's with Paddle's engine); ONNX Runtime, whose package has no headers, is a Python program.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engines import machine
from engines.environments import python_of
from engines.installed import build_programs, install_library
from engines.models import Network, make_bundle, make_inputs, make_onnx, make_weights, reference_logits
from engines.peers import PADDLE, PEERS
from engines.rounds import LARGEST_ERROR, relative_error

NETWORK = Network("HRNet_W18_C")
ROOT = Path(__file__).parent.parent
CACHE = ROOT / "build" / "engines"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default="auto", help="of this project (default: auto)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    arguments = parser.parse_args()

    folder = CACHE / "models" / NETWORK.arch
    weights = make_weights(NETWORK, folder / "weights.safetensors")
    bundle = make_bundle(NETWORK, weights, folder / "bundle")
    inputs = make_inputs(NETWORK, 1)
    logits = reference_logits(NETWORK, weights, inputs)
    image, answer = folder / "image.f32", folder / "answer.f32"
    inputs.tofile(image)

    environments = CACHE / "environments"
    pythons = {peer.name: python_of(peer.environment, environments) for peer in PEERS if "resize" in peer.forms}
    onnx = make_onnx(bundle, folder, python_of(PADDLE, environments))["resize"]
    programs = build(pythons["openvino"])
    ours = programs / "hrnet_native_first_answer"
    onnxruntime = [pythons["onnxruntime"], ROOT / "benchmarks" / "cold_start" / "onnxruntime_first_answer.py"]
    commands = {
        "hrnet_native": [ours, bundle, image, answer, arguments.backend],
        "openvino": [programs / "openvino_first_answer", onnx, image, answer],
        "onnxruntime": [*onnxruntime, onnx, image, answer],
        "paddle": [ours, bundle, image, answer, "onednn"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    errors: dict[str, float] = {}
    for command in commands.values():
        first_answer(command)  # brings the files into the system's cache
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            seconds[name].append(first_answer(command))
            error = relative_error(np.fromfile(answer, np.float32).reshape(1, -1), logits)
            if error > LARGEST_ERROR:
                sys.exit(f"{name} gives a wrong answer: its error is {error:.1e} of the largest logit")
            errors[name] = error

    for name, times in seconds.items():
        print(
            f"{name:12s} {statistics.median(times):6.3f} s ({min(times):.3f} to {max(times):.3f})  {errors[name]:.1e}"
        )
    if arguments.json:
        results = {name: {"seconds": times, "error": errors[name]} for name, times in seconds.items()}
        arguments.json.write_text(json.dumps({"machine": machine.describe(), "results": results}, indent=2) + "\n")


def build(openvino_python: Path) -> Path:
    """Builds the C++ programs; returns their folder."""
    folder = CACHE / "cold_start"
    openvino = next(openvino_python.parents[1].glob("lib/python*/site-packages/openvino/cmake"))
    prefix = install_library(folder)
    return build_programs(ROOT / "benchmarks" / "cold_start", folder / "programs", prefix, f"-DOpenVINO_DIR={openvino}")


def first_answer(command: list[str | Path]) -> float:
    """Seconds from starting the process until it says that it has the answer."""
    paddle = find_spec("paddle")
    variables = {"HRNET_NATIVE_PADDLE_DIR": str(Path(paddle.origin).parent)} if paddle and paddle.origin else {}
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}) as process:
        assert process.stdout
        said = process.stdout.readline()
        seconds = time.perf_counter() - start
    if said != "answered\n" or process.returncode != 0:
        sys.exit(f"{command[0]} failed")
    return seconds


if __name__ == "__main__":
    main()
