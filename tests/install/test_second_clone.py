"""What one clone compiled, a second clone in another folder takes from ccache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pybind11
import pytest

from support.consumer import TOOLS
from support.paths import ROOT

# One of the library and one of the module, whose headers lie in the clone's virtual environment.
FILES = ["cpp/src/base/histogram.cc", "cpp/bindings/future_notifier.cc"]
SOURCES = ["CMakeLists.txt", "cmake", "cpp", "pyproject.toml", "third_party"]
BUILD = Path("build/editable")
# As `./dev` configures, but for Paddle.
CONFIGURE = f"""cmake -S . -B {BUILD} -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DHRNET_NATIVE_PYTHON=ON -DHRNET_NATIVE_PADDLE=OFF -Dpybind11_DIR="$PWD/.venv/pybind11/share/cmake/pybind11"
"""


def commands(clone: Path) -> str:
    """That compile the files, where the build would: the module's target would have the whole library built first."""
    entries = json.loads((clone / BUILD / "compile_commands.json").read_text())
    wanted = [entry for entry in entries if Path(entry["file"]).relative_to(clone).as_posix() in FILES]
    assert len(wanted) == len(FILES)
    return f"cd {BUILD}\n" + "".join(
        f"mkdir -p {Path(entry['output']).parent}\nccache {entry['command']}\n" for entry in wanted
    )


@pytest.mark.slow
def test_a_second_clone_compiles_nothing(tmp_path: Path) -> None:
    # Neither this machine's settings nor what it compiled before.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCACHE_")}
    environment |= {"CCACHE_CONFIGPATH": os.devnull, "CCACHE_DIR": str(tmp_path / "cache")}
    environment["PATH"] = f"{TOOLS}:{environment['PATH']}"

    def run(directory: Path, script: str) -> str:
        result = subprocess.run(
            ["sh", "-ec", script],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def misses() -> int:
        counters = dict(line.split("\t") for line in run(tmp_path, "ccache --print-stats").splitlines())
        return int(counters["cache_miss"])

    for name in ("first", "second"):
        clone = tmp_path / name
        clone.mkdir()
        for source in SOURCES:
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy2
            copy(ROOT / source, clone / source)
        shutil.copytree(Path(pybind11.__file__).parent, clone / ".venv" / "pybind11")
        run(clone, CONFIGURE)
        run(clone, ". cmake/ccache.sh\n" + commands(clone))
        assert misses() == len(FILES), name
