"""Compiles a model directory."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import paddle

from hrnet_native.bundle.graph import Graph
from hrnet_native.bundle.graph_file import write_graph
from hrnet_native.bundle.inference_yml import update_hash
from hrnet_native.bundle.model_files import NATIVE_FILE, PROGRAM_FILES, model_files
from hrnet_native.bundle.storage import Storage
from hrnet_native.compiler.lower import lower
from hrnet_native.compiler.passes import optimise
from hrnet_native.compiler.program import Program
from hrnet_native.compiler.read_pdmodel import read_pdmodel
from hrnet_native.compiler.read_pir import read_pir
from hrnet_native.errors import Error, ModelLoadError


@dataclasses.dataclass(frozen=True)
class Compiled:
    """What was written.

    Attributes:
        path: The file.
        storage_difference: Largest change of a weight by half precision, relative to its tensor's largest value.
    """

    path: Path
    storage_difference: float


def compile_model(directory: Path, output: Path | None = None, storage: Storage = "fp32") -> Compiled:
    """Writes the native engine's file of a model directory; returns what was written.

    The default is ``native.safetensors`` in the directory itself, whose ``inference.yml`` then has the hash if it has
    those of the other files. Nothing is written unless all of it can be.

    Raises:
        NotFoundError: There is no such directory.
        ModelLoadError: The program or its parameters are missing, or Paddle cannot read them.
        UnsupportedError: The program has an operator that the native engine does not run; the message names it.
        OSError: The file cannot be written.
    """
    graph = compile_graph(directory)
    path = directory / NATIVE_FILE if output is None else output
    difference = write_graph(graph, path, storage)
    if output is None:
        update_hash(path)
    return Compiled(path, difference)


def compile_graph(directory: Path) -> Graph:
    """Returns the optimised graph of a model directory; raises what ``compile_model`` does."""
    model, _ = model_files(directory)
    return optimise(lower(_read(model)))


def _read(model: Path) -> Program:
    read = read_pir if model.name == PROGRAM_FILES[0] else read_pdmodel
    try:
        with _static_mode():
            return read(model)
    except Error:
        raise
    except Exception as error:  # whatever Paddle's loaders meet in a damaged file: they have no common base
        raise ModelLoadError(f"Paddle cannot read {model} with its parameters: {error}") from error


@contextlib.contextmanager
def _static_mode() -> Iterator[None]:
    was_dynamic = paddle.in_dynamic_mode()
    paddle.enable_static()
    try:
        yield
    finally:
        if was_dynamic:
            paddle.disable_static()
