"""The libraries of the system that Paddle's wheel takes for granted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hrnet_native.errors import UnsupportedError

# Beside the C and C++ runtimes, which every Python has: (Debian's and Ubuntu's package, Fedora's).
PACKAGES: Final = {
    "libgomp.so.1": ("libgomp1", "libgomp"),
    "libstdc++.so.6": ("libstdc++6", "libstdc++"),
    "libgcc_s.so.1": ("libgcc-s1", "libgcc"),
}


def find_paddle() -> Path | None:
    """The directory of the Paddle that prediction would use; nothing is imported."""
    named = os.environ.get("HRNET_NATIVE_PADDLE_DIR")
    if named:
        return Path(named)
    spec = find_spec("paddle")
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def missing_libraries(libraries: Iterable[Path]) -> list[str]:
    """Names of the libraries that these need, directly or not, and that are nowhere to be found.

    Raises:
        UnsupportedError: The system has no ``ldd``.
    """
    files = list(libraries)
    try:
        done = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise UnsupportedError("the system has no ldd, which lists what a library needs") from error
    missing = {line.split()[0] for line in done.stdout.splitlines() if line.rstrip().endswith("=> not found")}
    return sorted(missing - {file.name for file in files})


def paddle_libraries(directory: Path) -> list[Path]:
    """The libraries of a ``paddle`` package."""
    return [directory / "base" / "libpaddle.so", *sorted((directory / "libs").glob("*.so*"))]


def where_to_get(library: str) -> str:
    """A library's name with the packages that have it."""
    packages = PACKAGES.get(library)
    return f"{library} (Debian: {packages[0]}, Fedora: {packages[1]})" if packages else library
