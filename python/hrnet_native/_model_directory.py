"""A published model's name where the core takes a directory. ``Predictor`` calls this from C++."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from hrnet_native._extras import how_to_install
from hrnet_native._suggest import did_you_mean
from hrnet_native.errors import NotFoundError, UnsupportedError


def find_named(model: str | os.PathLike[str], cache_dir: Path | None = None, *, progress: bool = False) -> Path:
    """Returns the directory of a published model, fetched the first time as ``hrnet-native download`` does.

    ``cache_dir`` is the root of the cache, by default as ``HRNET_NATIVE_CACHE_DIR`` and the system say.

    Raises:
        NotFoundError: There is no such name, nor, as the caller has seen, such a directory.
        UnsupportedError: What downloading needs is not installed.
        DownloadError: It cannot be fetched.
    """
    from hrnet_native.models.published import MODELS

    name = os.fspath(model)
    if name not in MODELS:
        raise NotFoundError(f"no such model directory: {name}{did_you_mean(name, MODELS)}")
    for package in ("httpx", "filelock", "safetensors", "yaml"):
        if find_spec(package) is None:
            raise UnsupportedError(f"a model's name needs the package {package}: {how_to_install(package)}")
    from hrnet_native.weights.download import DownloadOptions, download

    return download(name, "inference", DownloadOptions(cache_dir=cache_dir, progress=progress))
