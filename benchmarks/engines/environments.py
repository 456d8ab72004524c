"""Virtual environments of the peers, built once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from engines.peers import Environment


def python_of(environment: Environment | None, folder: Path) -> Path:
    """The interpreter of an environment, which is built under `folder` unless it is there with these very pins."""
    if environment is None:
        return Path(sys.executable)
    place = folder / environment.name
    pins = "\n".join((*environment.requirements, *environment.without_dependencies))
    stamp = place / "installed.txt"
    python = place / "bin" / "python"
    if not stamp.is_file() or stamp.read_text() != pins:
        print(f"Building the environment of {environment.name}", file=sys.stderr)
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, *environment.requirements], check=True)
        if environment.without_dependencies:
            subprocess.run([*install, "--no-deps", *environment.without_dependencies], check=True)
        stamp.write_text(pins)
    return python
