"""Builds of the library apart from the one that is tested, and the example C++ program on an installed copy of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.paths import ROOT

TOOLS = Path(sys.executable).parent


def run(*command: object, **environment: str) -> str:
    ccache = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "true"}  # as cmake/ccache.sh has it
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"} | ccache | environment,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def build_folder() -> Iterator[Path]:
    """A folder beside `./dev`'s own build: seen from there all sources have the paths that ccache has met."""
    with tempfile.TemporaryDirectory(prefix="test-", dir=ROOT / "build") as folder:
        yield Path(folder)


def definitions() -> dict[str, str]:
    """CMake's variables with which the library's objects are those of `./dev`'s build, and come from ccache."""
    text = (ROOT / "build" / "editable" / "CMakeCache.txt").read_text()
    cache = dict(re.findall(r"^(\w+):\w+=(.*)$", text, re.MULTILINE))
    # The compiler under the same name too, which ccache looks at.
    names = ("CMAKE_BUILD_TYPE", "CMAKE_CXX_COMPILER", "CMAKE_CXX_FLAGS_RELWITHDEBINFO", "HRNET_NATIVE_DEVELOPER")
    return {name: cache[name] for name in names} | {"CMAKE_CXX_COMPILER_LAUNCHER": "ccache"}


def configure(build: Path, *options: str) -> None:
    """Configures the library, without its Python module, in `build`."""
    defined = [f"-D{name}={value}" for name, value in definitions().items()]
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", f"-DPython_EXECUTABLE={sys.executable}", *defined, *options)


def build_consumer(folder: Path, *options: str) -> Path:
    """Builds the library and installs it under `folder`; returns the program built against that."""
    prefix, example = folder / "prefix", folder / "example"
    with build_folder() as build:
        configure(build, *options)
        run("cmake", "--build", build)
        run("cmake", "--install", build, "--prefix", prefix)
    run("cmake", "-S", ROOT / "examples" / "cpp", "-B", example, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", example)
    return example / "classify"
