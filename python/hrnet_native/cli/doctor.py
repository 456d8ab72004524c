"""``hrnet-native doctor``: what was found on this machine."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from hrnet_native import Error, Predictor, __version__
from hrnet_native._cache_directory import cache_root
from hrnet_native._core import instruction_set
from hrnet_native._extras import how_to_install
from hrnet_native._system_libraries import find_paddle, missing_libraries, paddle_libraries, where_to_get
from hrnet_native.cli.terminal import show
from hrnet_native.errors import UnsupportedError

_PACKAGES = ("numpy", "paddlepaddle", "paddlepaddle-gpu", "safetensors", "PyYAML", "opencv-python-headless")
_Backend = Literal["native", "onednn", "openvino", "cpu"]
_BACKENDS: tuple[_Backend, ...] = ("native", "onednn", "openvino", "cpu")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what was found",
        description="Says what this installation has: versions, the instruction set, Paddle and the system libraries "
        "that it lacks, the cache, and which backends work: with the default model, or, for openvino, which needs the "
        "older format of Paddle, with a model of two layers. Fails if none works.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the findings, and tries each backend."""
    backends = {backend: _try_backend(backend) for backend in _BACKENDS}
    findings = {**dict(_findings()), **{f"backend {backend}": said for backend, (_, said) in backends.items()}}
    if arguments.json:
        print(json.dumps(findings))
    else:
        for what, found in findings.items():
            show(f"{what:23s} {found}")
    return 0 if any(works for works, _ in backends.values()) else 1


def _findings() -> Iterator[tuple[str, str]]:
    yield "hrnet_native", __version__
    yield "python", f"{platform.python_version()} on {platform.machine()}, {platform.platform()}"
    yield "CPUs", str(len(os.sched_getaffinity(0)))
    yield "instruction set", _instruction_set()
    for package in _PACKAGES:
        yield package, _version(package)
    paddle = find_paddle()
    yield "Paddle", str(paddle) if paddle else f"not found: {how_to_install('paddle')}"
    if paddle:
        yield "system libraries", _system_libraries(paddle)
    yield "cache", _cache()


def _instruction_set() -> str:
    try:
        chosen = instruction_set()
    except Error as error:
        return str(error)
    return f"{chosen}{' (HRNET_NATIVE_ISA)' if os.environ.get('HRNET_NATIVE_ISA') else ''}"


def _cache() -> str:
    try:
        root = cache_root()
    except Error as error:
        return str(error)
    return f"{root} ({_size(root)})"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _system_libraries(paddle: Path) -> str:
    try:
        missing = missing_libraries(paddle_libraries(paddle))
    except UnsupportedError as error:
        return f"not checked: {error}"
    return f"missing: {', '.join(map(where_to_get, missing))}" if missing else "all that Paddle needs are there"


def _size(directory: Path) -> str:
    if not directory.is_dir():
        return "not made yet"
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    return f"{size / 1e6:.1f} MB"


def _try_backend(backend: _Backend) -> tuple[bool, str]:
    try:
        if backend == "openvino":
            return _try_openvino()
        with Predictor(backend=backend) as predictor:
            return True, f"works (default model {predictor.model_name})"
    except Error as error:
        return False, f"fails: {error}"


def _try_openvino() -> tuple[bool, str]:
    if find_spec("paddle") is None:
        return False, f"not tried: {how_to_install('paddle')}"
    from hrnet_native.evaluation.tiny_model import write_tiny_model

    with tempfile.TemporaryDirectory() as folder:
        write_tiny_model(Path(folder))
        with Predictor(folder, backend="openvino"):
            return True, "works (a model of two layers)"
