"""An environment for each Paddle: the wheel, this package as it is built here, and a plugin built for that Paddle."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import hrnet_native
from support.paths import ROOT

BUILD = ROOT / "build"

# NumPy's ABI changed between what Paddle 2.6 and 3 are built for; the rest is what exporting a model needs.
_NUMPY = {"2": "numpy==1.26.4", "3": "numpy==2.4.6"}
_TOOLS = ("PyYAML==6.0.3", "safetensors==0.8.0", "httpx==0.28.1", "filelock==4.2.12", "tqdm==4.70.1")


class Environment:
    """Under `folder`: a virtual environment with one Paddle, and what was built for it."""

    def __init__(self, version: str, folder: Path) -> None:
        self.version = version
        self._folder = folder / version
        self.python = self._folder / "bin" / "python"
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self._packages = self._folder / "lib" / name / "site-packages"
        self.paddle = self._packages / "paddle"

    def make(self) -> str:
        """Installs and builds what is missing or older than the sources; returns what the ABI probe printed."""
        requirements = (f"paddlepaddle=={self.version}", _NUMPY[self.version[0]], *_TOOLS)
        stamp = self._folder / "installed.txt"
        if not stamp.is_file() or stamp.read_text() != "\n".join(requirements):
            print(f"Installing Paddle {self.version}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", self._folder], check=True)
            install = [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*install, *requirements], check=True)
            stamp.write_text("\n".join(requirements))
        self._copy_package()
        return self._build_plugin()

    def _copy_package(self) -> None:
        package = self._packages / "hrnet_native"
        shutil.copytree(ROOT / "python" / "hrnet_native", package, dirs_exist_ok=True)
        assert hrnet_native._core.__file__
        built = Path(hrnet_native._core.__file__)
        for file in (built, built.parent / "libhrnet_native.so"):
            shutil.copy2(file, package)

    def _build_plugin(self) -> str:
        build = self._folder / "plugin"
        settings = {
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_INSTALL_PREFIX": self._packages,
            "HRNET_NATIVE_DEVELOPER": "ON",
            "HRNET_NATIVE_PLUGIN_ONLY": "ON",
            "Python_EXECUTABLE": self.python,
        }
        defines = [f"-D{name}={value}" for name, value in settings.items()]
        # The ABI probe runs in a fresh configuration only, and what it says is wanted every time.
        _run(sys.executable, "-m", "cmake", "--fresh", "-S", ROOT, "-B", build, "-G", "Ninja", *defines, log=build)
        _run(sys.executable, "-m", "cmake", "--build", build, log=build)
        _run(sys.executable, "-m", "cmake", "--install", build, log=build)
        probe = re.search(r"Paddle probe: (.*)", build.with_suffix(".log").read_text())
        return probe[1] if probe else "the probe said nothing"


def _run(*command: str | Path, log: Path) -> None:
    with log.with_suffix(".log").open("a" if command[3] != "--fresh" else "w") as stream:
        subprocess.run(command, check=True, stdout=stream, stderr=subprocess.STDOUT)
