"""Runs hrnet_native in one process with each of its likely neighbours, imported before and after it, and with all.

``run.py PYTHON FOLDER``: PYTHON has every library, FOLDER takes the models. Exits with 1 if a combination fails.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

NEIGHBOURS = ("torch", "onnxruntime", "cv2", "paddle")
BACKENDS = ("native", "onednn")
ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 300


def orders() -> list[tuple[str, ...]]:
    """Each neighbour before and after, every order of two neighbours round it, and all together from each start."""
    pairs = [order for n in NEIGHBOURS for order in (("hrnet_native", n), (n, "hrnet_native"))]
    round_it = [(first, "hrnet_native", second) for first, second in itertools.permutations(NEIGHBOURS, 2)]
    everyone = ("hrnet_native", *NEIGHBOURS)
    rotations = [everyone[i:] + everyone[:i] for i in range(len(everyone))]
    return [*pairs, *round_it, *rotations, *(order[::-1] for order in rotations)]


def write_onnx(python: str, path: Path) -> None:
    """A convolution that doubles its input."""
    code = """
import sys, numpy as np, onnx
from onnx import TensorProto as T, helper as h, numpy_helper
kernel = np.zeros((3, 3, 3, 3), np.float32)
kernel[range(3), range(3), 1, 1] = 2
graph = h.make_graph(
    [h.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])], "double",
    [h.make_tensor_value_info("x", T.FLOAT, [2, 3, 8, 8])], [h.make_tensor_value_info("y", T.FLOAT, [2, 3, 8, 8])],
    [numpy_helper.from_array(kernel, "w")])
onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=9), sys.argv[1])
"""
    subprocess.run([python, "-c", code, path], check=True)


def write_model(python: str, folder: Path) -> None:
    options = ["--allow-random", "--input-size", "64", "--num-classes", "4"]
    small = ["-O", "num_modules=[1,1,1]", "-O", "num_blocks=[1,1,1,1]", "-O", "head_channels=[4,4,8,8]"]
    command = [python, "-m", "hrnet_native", "export", "--arch", "HRNet_W4_C", *options, *small, "-o", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def run(python: str, folder: Path, backend: str, order: tuple[str, ...]) -> tuple[list[float] | None, str]:
    """The scores that hrnet_native gave, or None with what went wrong."""
    arguments = [backend, folder / "model", ROOT / "examples" / "cat.jpg", folder / "double.onnx", *order]
    command = [python, Path(__file__).with_name("one_process.py"), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return None, f"did not end within {TIMEOUT_S} s"
    if done.returncode != 0:
        return None, f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"
    return json.loads(done.stdout)["scores"], ""


def main(python: str, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(python, folder / "double.onnx")
    if not (folder / "model").is_dir():
        write_model(python, folder / "model")
    failures = 0
    for backend in BACKENDS:
        alone, problem = run(python, folder, backend, ("hrnet_native",))
        assert alone is not None, problem
        for order in orders():
            scores, problem = run(python, folder, backend, order)
            if scores is not None and scores != alone:
                problem = f"other scores: {scores}, alone {alone}"
            failures += bool(problem)
            print(f"{backend:8s} {' > '.join(order):55s} {problem or 'works'}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
