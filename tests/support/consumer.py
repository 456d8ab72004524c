"""The example C++ program, built against an installed copy of the library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

TOOLS = Path(sys.executable).parent


def run(*command: object, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"} | environment,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def configure(build: Path, *options: str) -> None:
    """Configures the library, without its Python module, in `build`."""
    launcher = "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
    python = f"-DPython_EXECUTABLE={sys.executable}"
    kind = "-DCMAKE_BUILD_TYPE=Release"  # without debugging data, which would name the folder, ccache helps
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", kind, launcher, python, *options)


def build_consumer(folder: Path, *options: str) -> Path:
    """Builds and installs the library under `folder`; returns the program built against that."""
    build, prefix, example = folder / "build", folder / "prefix", folder / "example"
    configure(build, *options)
    run("cmake", "--build", build)
    run("cmake", "--install", build, "--prefix", prefix)
    run("cmake", "-S", ROOT / "examples" / "cpp", "-B", example, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", example)
    return example / "classify"
