"""Peers without AVX-512: hidden from all who ask CPUID, which is the only way with engines that know no cap."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from engines.cpuid import cpuid_offsets, replace

_SOURCE = Path(__file__).parents[1] / "cpuid" / "hide_avx512.cc"
# What the C library itself chooses by CPUID, such as memcpy.
TUNABLES = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512BW,-AVX512CD,-AVX512DQ,-AVX512VL"}


def environment_without(environment: Path) -> Path:
    """An environment whose libraries ask this project in place of the CPU, made beside the real one unless it is there.

    All files that are alike in both are hard links.
    """
    place = environment.with_name(f"{environment.name}-avx2")
    stamp, original = place / "installed.txt", (environment / "installed.txt").read_text()
    if not stamp.is_file() or stamp.read_text() != original:
        print(f"Hiding AVX-512 from {environment.name}", file=sys.stderr)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(environment, place, symlinks=True, copy_function=_copy)
        stamp.write_text(original)
    return place


def variables(folder: Path) -> dict[str, str]:
    """Of a process in such an environment; the library that it needs is built into `folder`."""
    library = folder / "libhide_avx512.so"
    if not library.is_file() or library.stat().st_mtime < _SOURCE.stat().st_mtime:
        folder.mkdir(parents=True, exist_ok=True)
        options = ["-std=c++17", "-O2", "-shared", "-fPIC", "-Wl,--as-needed"]
        subprocess.run([os.environ.get("CXX", "c++"), *options, _SOURCE, "-o", library, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), **TUNABLES}


def _copy(source: str, target: str) -> None:
    file, copy = Path(source), Path(target)
    offsets = cpuid_offsets(file) if _is_library(file) else []
    if offsets:
        replace(file, offsets, copy)
    elif file.name != "installed.txt":  # says that all is there: last
        copy.hardlink_to(file)


def _is_library(file: Path) -> bool:
    if ".so" not in file.suffixes:
        return False
    with file.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"
