"""Compiles the settings for a GPU against a GPU build of Paddle and reads them back from its configuration.

``run.py PADDLE_DIR FOLDER``: the ``paddle`` package of paddlepaddle-gpu, and where to put the program. Needs no GPU.
Exits with 1 if a setting did not arrive.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ENGINE = ROOT / "cpp" / "src" / "engine" / "paddle"
OS = ROOT / "cpp" / "src" / "base" / "os" / "posix"

GPU = {"use_gpu": "true", "gpu_device_id": "3", "memory_pool_init_size": "345MB"}
TENSORRT = {
    **GPU,
    "enable_gpu_mixed": "0",
    "use_tensorrt": "true",
    "tensorrt_workspace_size": str(678 << 20),
    "tensorrt_max_batch_size": "17",
    "tensorrt_min_subgraph_size": "5",
    "tensorrt_use_static_engine": "true",
    "tensorrt_use_calib_mode": "false",
    "tensorrt_enable_dynamic_shape": "true",
    "shape_min": "x=1x3x224x192",
    "shape_max": "x=17x3x224x192",
    "shape_optimal": "x=4x3x224x192",
    "shape_no_fp16": "0",
}
EXPECTED = {
    ("cuda", "fp32"): {**GPU, "enable_gpu_mixed": "0", "use_tensorrt": "false"},
    ("cuda", "fp16"): {**GPU, "enable_gpu_mixed": "1", "mixed_precision_mode": "fp16", "use_tensorrt": "false"},
    ("tensorrt", "fp32"): {**TENSORRT, "tensorrt_precision_mode": "fp32"},
    ("tensorrt", "fp16"): {**TENSORRT, "tensorrt_precision_mode": "fp16"},
    ("tensorrt", "int8"): {**TENSORRT, "tensorrt_precision_mode": "int8"},
}


def build(paddle: Path, folder: Path) -> Path:
    program = folder / "summary"
    libraries = [paddle / "base", paddle / "libs"]
    ours = [ENGINE / "configure_gpu.cc", ENGINE / "cuda_driver.cc", OS / "dynamic_library.cc"]
    sources = [Path(__file__).with_name("summary.cc"), *ours]
    includes = [ROOT / "cpp/include", ROOT / "cpp/src", ROOT / "third_party/paddle_inference_abi", paddle / "include"]
    flags = ["-std=c++17", "-O1", "-fPIC", *(f"-I{path}" for path in includes)]
    links = ["-Wl,--no-as-needed", *(f"-L{path}" for path in libraries), *(f"-Wl,-rpath,{path}" for path in libraries)]
    links += ["-l:libpaddle.so", "-l:libphi.so", "-Wl,--allow-shlib-undefined"]
    python = [f"-L{sysconfig.get_config_var('LIBDIR')}", f"-Wl,-rpath,{sysconfig.get_config_var('LIBDIR')}"]
    python += [f"-l:{sysconfig.get_config_var('INSTSONAME')}", "-ldl"]
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get("CXX", "g++"), *flags, *sources, *links, *python, "-o", program], check=True)
    return program


def stand_in_for_tensorrt(folder: Path) -> Path:
    """A libnvinfer that can only tell a version, which Paddle's table has a row for."""
    folder.mkdir(parents=True, exist_ok=True)
    code = "int getInferLibVersion(void) { return 8503; }"
    compiler = [os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-x", "c", "-", "-o", folder / "libnvinfer.so"]
    subprocess.run(compiler, input=code, text=True, check=True)
    return folder


def settings(output: str) -> dict[str, str]:
    """The rows of Paddle's table, and the lines of ours."""
    rows = dict(re.findall(r"^\|\s*(\S+)\s*\|\s*(.*?)\s*\|\s*$", output, re.MULTILINE))
    return rows | dict(re.findall(r"^(built_with_cuda|gpu|shape_\w+) (.*)$", output, re.MULTILINE))


def main(paddle: Path, folder: Path) -> int:
    program = build(paddle, folder)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(stand_in_for_tensorrt(folder / "tensorrt"))}
    failures = 0
    for arguments, expected in EXPECTED.items():
        run = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=True)
        found = settings(run.stdout)
        for name, value in {**expected, "built_with_cuda": "1"}.items():
            right = found.get(name) == value
            failures += not right
            print(f"{' '.join(arguments):14s} {name:32s} {found.get(name)}" + ("" if right else f"; expected {value}"))
        print(f"{' '.join(arguments):14s} {'GPU':32s} {found.get('gpu')}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
