"""The files of a model directory: their names, and which of them Paddle reads."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hrnet_native.errors import ModelLoadError, NotFoundError

PROGRAM_FILES: Final = ("inference.json", "inference.pdmodel")
PARAMETERS_FILE: Final = "inference.pdiparams"
NATIVE_FILE: Final = "native.safetensors"


def model_files(directory: Path) -> tuple[Path, Path]:
    """Returns the program and the parameters of a model directory; of two programs, the one of the newer format.

    Raises:
        NotFoundError: There is no such directory.
        ModelLoadError: One of the files is missing.
    """
    if not directory.is_dir():
        raise NotFoundError(f"no such model directory: {directory}")
    program = next((directory / name for name in PROGRAM_FILES if (directory / name).is_file()), None)
    if program is None:
        raise ModelLoadError(f"{directory} has no program, expected {' or '.join(PROGRAM_FILES)}")
    parameters = directory / PARAMETERS_FILE
    if not parameters.is_file():
        raise ModelLoadError(f"{directory} has no {PARAMETERS_FILE}")
    return program, parameters
