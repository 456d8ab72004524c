"""What the predictor asks before it loads a model: where the native engine's file is, if not in the directory."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from hrnet_native.bundle.model_files import NATIVE_FILE, PARAMETERS_FILE, PROGRAM_FILES
from hrnet_native.errors import Error

_logger = logging.getLogger("hrnet_native")


def native_file(directory: Path, device: str, backend: str, cache_dir: Path | None) -> Path | None:
    """Compiles a model of Paddle's files alone for the native engine, once, and returns the file in the cache.

    ``None`` means that the predictor has all it needs: the directory holds the file, another backend or device was
    asked for, or it is no Paddle model and the core will say so. With ``auto``, a model that cannot be compiled is left
    to Paddle, and the reason is logged.

    Raises:
        UnsupportedError: ``backend`` is ``native`` and the program has an operator that the engine does not run, the
            paddle package, which compiles, is missing, or the cache cannot be written.
        ModelLoadError: ``backend`` is ``native`` and Paddle cannot read the model.
    """
    if device != "cpu" or backend not in ("auto", "native") or (directory / NATIVE_FILE).is_file():
        return None
    has_program = any((directory / name).is_file() for name in PROGRAM_FILES)
    if not has_program or not (directory / PARAMETERS_FILE).is_file():
        return None
    from hrnet_native.compiler.cache import compiled_model

    start = time.perf_counter()
    try:
        path = compiled_model(directory, cache_dir)
    except Error as error:
        if backend == "native":
            raise
        _logger.warning("backend auto leaves %s to Paddle: %s", directory, error)
        return None
    _logger.debug("%s has no %s; %s after %.1f s", directory, NATIVE_FILE, path, time.perf_counter() - start)
    return path
