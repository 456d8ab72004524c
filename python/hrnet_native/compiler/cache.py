"""Compiles models on first use, in a child process: the caller's never imports paddle."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hrnet_native import errors
from hrnet_native._cache_directory import cache_root
from hrnet_native._extras import how_to_install
from hrnet_native._hash import sha256_of
from hrnet_native.bundle.model_files import NATIVE_FILE, model_files
from hrnet_native.bundle.whole_file import whole_file

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
        UnsupportedError: The program has an operator that the native engine does not run, the paddle package is not
            installed, or the cache cannot be written.
    """
    path = cache_root(cache_dir) / "compiled" / f"{_key(directory)}.safetensors"
    digest = path.with_suffix(".sha256")
    try:
        if path.is_file() and digest.is_file() and digest.read_text() == sha256_of(path):
            return path
        if find_spec("paddle") is None:
            raise errors.UnsupportedError(f"compiling a model needs the paddle package: {how_to_install('paddle')}")
        path.parent.mkdir(parents=True, exist_ok=True)
        _compile_in_child(directory, path)
        with whole_file(digest) as partial:
            partial.write_text(sha256_of(path))
    except errors.Error:
        raise
    except OSError as error:
        raise errors.UnsupportedError(
            f"{directory} has no {NATIVE_FILE}, and the cache cannot keep one: {error}. `hrnet-native compile` writes "
            "it into the directory; cache_dir and HRNET_NATIVE_CACHE_DIR name another cache"
        ) from error
    return path


def _key(directory: Path) -> str:
    key = hashlib.sha256(f"{COMPILER_VERSION}".encode())
    for file in model_files(directory):
        try:
            key.update(sha256_of(file).encode())
        except OSError as error:
            raise errors.ModelLoadError(f"{file} cannot be read: {error}") from error
    return key.hexdigest()


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
    raise OSError(message) if kind == "OSError" else getattr(errors, kind)(message)
