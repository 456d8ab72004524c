"""This project's library as a C++ program finds it, and programs that are built against it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def install_library(folder: Path) -> Path:
    """Builds and installs the library under `folder`; returns the prefix."""
    prefix = folder / "prefix"
    _build(_ROOT, folder / "library", f"-DPython_EXECUTABLE={sys.executable}")
    _run("cmake", "--install", folder / "library", "--prefix", prefix)
    return prefix


def build_programs(sources: Path, folder: Path, prefix: Path, *options: str) -> Path:
    """Builds a project against the library that was installed into `prefix`; returns the folder of its programs."""
    _build(sources, folder, f"-DCMAKE_PREFIX_PATH={prefix}", *options)
    return folder


def _build(sources: Path, folder: Path, *options: str) -> None:
    _run("cmake", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-S", sources, "-B", folder, *options)
    _run("cmake", "--build", folder)


def _run(*command: str | Path) -> None:
    tools = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=tools)
