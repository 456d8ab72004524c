"""Compiles models on first use, in a child process: the caller's never imports paddle."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hrnet_native import errors
from hrnet_native._cache import cache_root
from hrnet_native._hash import sha256_of
from hrnet_native.compiler.files import model_files

# Part of the key: raise it with every change of what is written for the same model.
COMPILER_VERSION: Final = 1


def compiled_model(directory: Path, cache_dir: Path | None = None) -> Path:
    """Returns the native engine's file of a model directory without one, compiled now or in an earlier process.

    It lies in ``compiled/`` of the cache, named after a hash of the program, its parameters and the compiler's version.
    A hash of the file itself lies beside it, and a file that does not have it is compiled again.

    Args:
        directory: A Paddle model.
        cache_dir: Root of the cache, by default as ``HRNET_NATIVE_CACHE_DIR`` and the system say.

    Raises:
        NotFoundError: There is no such directory.
        ModelLoadError: The program or its parameters are missing, or Paddle cannot read them.
        UnsupportedError: The program has an operator that the native engine does not run, or the paddle package is
            not installed.
        OSError: The cache cannot be written.
    """
    key = hashlib.sha256(f"{COMPILER_VERSION}".encode())
    for file in model_files(directory):
        key.update(sha256_of(file).encode())
    path = cache_root(cache_dir) / "compiled" / f"{key.hexdigest()}.safetensors"
    digest = path.with_suffix(".sha256")
    if path.is_file() and digest.is_file() and digest.read_text() == sha256_of(path):
        return path
    if find_spec("paddle") is None:
        raise errors.UnsupportedError("compiling a model needs the paddle package: pip install 'hrnet_native[paddle]'")
    path.parent.mkdir(parents=True, exist_ok=True)
    _compile_in_child(directory, path)
    partial = digest.with_name(f"{digest.name}.{os.getpid()}.partial")
    partial.write_text(sha256_of(path))
    partial.replace(digest)
    return path


def _compile_in_child(directory: Path, output: Path) -> None:
    arguments = ["compile", str(directory.resolve()), "-o", str(output.resolve()), "--json"]
    child = subprocess.run(
        [sys.executable, "-m", "hrnet_native", *arguments], capture_output=True, text=True, check=False
    )
    if child.returncode == 0:
        return
    try:
        error = json.loads(child.stdout.splitlines()[-1])["error"]
        kind, message = error["type"], error["message"]
    except (IndexError, KeyError, ValueError):
        kind, message = "ModelLoadError", f"compiling {directory} failed: {child.stderr.strip()[-500:]}"
    raise getattr(errors, kind)(message)
