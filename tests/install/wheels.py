"""Builds and repairs a wheel for each CPython of this machine, and shows that it predicts where no compiler is.

Run by ``./dev wheels [VERSION...]``; the wheels are left in ``dist``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import tomllib

from install.notices import add_notices, without_notice
from support.paths import ROOT

WORK = ROOT / "build" / "wheels"
DIST = ROOT / "dist"
# CPythons from requires-python on that the pinned Paddle has wheels for.
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
# They come with the paddle package, which the plugin finds beside its own.
PADDLES = ("libpaddle.so", "libphi_core.so", "libcommon.so")
MOST_BYTES = 20_000_000
COMPILERS = ("cc", "c++", "gcc", "g++", "clang", "cmake", "ninja", "make")
# What may be mapped from outside of the environment and of Python: the runtimes of C and C++, zlib, which manylinux
# counts on as well, and libffi, which is for Python's ctypes.
RUNTIMES = re.compile(
    r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|gcc_s|stdc\+\+|gomp|z|ffi))\.so(\.\d+)*|locale-archive|gconv.*"
)


def run(*command: object, env: dict[str, str] | None = None) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def find_python(version: str) -> Path | None:
    """An interpreter of that version; pyenv's shims exist for versions that are not switched on as well."""
    found = shutil.which(f"python{version}")
    candidates = [Path(found)] if found else []
    for path in candidates + sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def environment(python: Path, folder: Path, *requirements: str) -> Path:
    """A new virtual environment with these packages; returns its folder of programs."""
    run(python, "-m", "venv", "--clear", folder)
    programs = folder / "bin"
    run(programs / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements)
    return programs


def build(python: Path, work: Path) -> Path:
    """A wheel as it comes from the build."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    paddle = next(name for name in needed if name.startswith("paddlepaddle"))
    pinned = (ROOT / "requirements-dev.txt").read_text().split()
    tools = [name for name in pinned if name.startswith(("cmake==", "ninja=="))]
    programs = environment(python, work / "build", *(name for name in needed if name != paddle), *tools)
    # Its libraries are linked; nothing of its Python runs.
    run(programs / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", paddle)
    raw = work / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    search = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "CMAKE_CXX_COMPILER_LAUNCHER": "ccache"}
    options = ("--no-deps", "--no-build-isolation", f"--config-settings=build-dir={work / 'cmake'}")
    run(programs / "python", "-m", "pip", "wheel", "-q", *options, "-w", raw, ROOT, env=search)
    return next(raw.glob("*.whl"))


def repair(wheel: Path, tools: Path, packages: Path) -> Path:
    """The same with the image and YAML libraries and all notices inside, tagged for the C library that it needs."""
    before = set(DIST.glob("*.whl"))
    excluded = [option for library in PADDLES for option in ("--exclude", library)]
    search = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}
    run(tools / "auditwheel", "repair", *excluded, "-w", DIST, wheel, env=search)
    (repaired,) = set(DIST.glob("*.whl")) - before
    add_notices(repaired, packages, tools)
    if silent := without_notice(repaired):
        sys.exit(f"{repaired.name} has no notice of {silent}")
    size = repaired.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{repaired.name} has {size} bytes, more than the {MOST_BYTES} allowed")
    inside = zipfile.ZipFile(repaired).namelist()
    if strays := [name for name in inside if Path(name).name.split("-")[0] in {p.split(".")[0] for p in PADDLES}]:
        sys.exit(f"{repaired.name} holds Paddle's own libraries: {strays}")
    if "manylinux" not in repaired.name:
        sys.exit(f"{repaired.name} is tagged for one machine only")
    return repaired


def try_out(wheel: Path, python: Path, work: Path) -> str:
    """Installs the wheel into an environment without compilers and predicts there."""
    programs = environment(python, work / "try", f"hrnet_native[paddle] @ {wheel.as_uri()}")
    run(programs / "python", "-m", "pip", "check")
    bare = {"PATH": str(programs), "HOME": str(work), "LANG": "C.UTF-8"}
    if found := [name for name in COMPILERS if shutil.which(name, path=bare["PATH"])]:
        sys.exit(f"{programs} has compilers: {found}")
    cat = ROOT / "examples" / "cat.jpg"
    answer = json.loads(run(programs / "hrnet-native", "predict", cat, "--json", "--top-k", 1, env=bare))
    if answer["label_names"] != ["cat"]:
        sys.exit(f"the cat is taken for a {answer['label_names']}")
    findings = json.loads(run(programs / "hrnet-native", "doctor", "--json", env=bare))
    if not findings["backend onednn"].startswith("works"):
        sys.exit(f"no working Paddle engine: {findings}")
    code = (
        "import sys, hrnet_native as h\n"
        f"with h.Predictor(backend='onednn') as p: p.predict({str(cat)!r})\n"
        "print(*{l.split()[5] for l in open('/proc/self/maps') if '.so' in l}, sep='\\n')\n"
        "print(sys.base_prefix)"
    )
    *mapped, prefix = run(programs / "python", "-c", code, env=bare).splitlines()
    own = (str(programs.parent), str(Path(prefix).resolve()))
    if strays := [m for m in mapped if not m.startswith(own) and not RUNTIMES.fullmatch(Path(m).name)]:
        sys.exit(f"libraries of this machine are used: {strays}")
    return f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, installed, predicts ({answer['scores'][0]:.3f} cat)"


def main(wanted: list[str]) -> None:
    for folder in (WORK, DIST):
        folder.mkdir(parents=True, exist_ok=True)
    tools = environment(Path(sys.executable), WORK / "tools", "-r", str(ROOT / "tests" / "install" / "wheels.txt"))
    lines = []
    for version in wanted or VERSIONS:
        python = find_python(version)
        if python is None:
            say(f"CPython {version} is not installed")
            continue
        say(f"CPython {version}: {python}")
        work = WORK / version
        for old in DIST.glob(f"hrnet_native-*-cp{version.replace('.', '')}-*.whl"):
            old.unlink()
        raw = build(python, work)
        (packages,) = work.glob("build/lib/python*/site-packages")
        lines.append(try_out(repair(raw, tools, packages), python, work))
        for folder in ("build", "try"):  # half a gigabyte each
            shutil.rmtree(work / folder)
    if not lines:
        sys.exit(f"no CPython of {', '.join(wanted or VERSIONS)} is installed")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
