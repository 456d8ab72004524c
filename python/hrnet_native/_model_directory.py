"""The files of a model: of one in a directory, of a published one by its name, or of the one in the package."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from hrnet_native._extras import how_to_install
from hrnet_native._suggest import did_you_mean
from hrnet_native.errors import ModelLoadError, NotFoundError, UnsupportedError

PathLike: TypeAlias = "str | bytes | os.PathLike[str] | os.PathLike[bytes]"


def find_files(model: PathLike | None, device: str, backend: str, cache_dir: PathLike | None) -> tuple[str, str | None]:
    """Returns a model's directory, and the native engine's file where it is not in there.

    ``Predictor`` calls this from C++, with its own arguments.

    Raises:
        Error: As ``find_named`` and ``native_file``; ModelLoadError also if the directory cannot be looked up.
    """
    from hrnet_native.compiler.first_use import native_file

    cache = None if cache_dir is None else Path(os.fsdecode(cache_dir))
    directory = _find_directory(model, cache)
    native = native_file(directory, device, backend, cache)
    return os.fspath(directory), None if native is None else os.fspath(native)


def _find_directory(model: PathLike | None, cache_dir: Path | None) -> Path:
    if model is None:
        from hrnet_native.default_model import DIRECTORY

        return DIRECTORY
    directory = Path(os.fsdecode(model))
    try:
        directory.stat()
    except (FileNotFoundError, NotADirectoryError):
        return find_named(directory, cache_dir)
    except OSError as error:
        raise ModelLoadError(f"{directory} cannot be looked up: {error.strerror}") from error
    return directory


def find_named(model: str | os.PathLike[str], cache_dir: Path | None = None, *, progress: bool = False) -> Path:
    """Returns the directory of a published model, fetched the first time as ``hrnet-native download`` does.

    ``cache_dir`` is the root of the cache, by default as ``HRNET_NATIVE_CACHE_DIR`` and the system say.

    Raises:
        NotFoundError: There is no such name, nor, as the caller has seen, such a directory.
        UnsupportedError: What downloading needs is not installed.
        DownloadError: It cannot be fetched.
    """
    from hrnet_native.family.published import MODELS

    name = os.fspath(model)
    if name not in MODELS:
        raise NotFoundError(f"no such model directory: {name}{did_you_mean(name, MODELS)}")
    for package in ("httpx", "filelock", "safetensors", "yaml"):
        if find_spec(package) is None:
            raise UnsupportedError(f"a model's name needs the package {package}: {how_to_install(package)}")
    from hrnet_native.weights.downloader import DownloadOptions, download

    return download(name, "inference", DownloadOptions(cache_dir=cache_dir, progress=progress))
