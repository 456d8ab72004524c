"""Weights files: read whole, fitted strictly."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import nn
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from hrnet_native.errors import InvalidArgumentError, NotFoundError

# The key of a .safetensors file's metadata under which the trainer leaves what export wants to know, as JSON.
_METADATA_KEY: Final = "hrnet_native"


@dataclasses.dataclass(frozen=True)
class Weights:
    """Tensors under PaddleClas's names, and what the file says about them (empty for most).

    The trainer leaves: ``arch``, ``arch_overrides``, ``class_names``, ``resize_short``, ``input_size``, ``mean``,
    ``std``, ``origin``.
    """

    tensors: dict[str, NDArray[np.float32]]
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)


def read_weights(path: Path) -> Weights:
    """Reads a ``.safetensors`` or ``.pdparams`` file; the latter is a pickle: only from a source you trust.

    Raises:
        NotFoundError: There is no such file.
        InvalidArgumentError: The file is damaged or of another kind.
    """
    if not path.is_file():
        raise NotFoundError(f"no such weights file: {path}")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix == ".pdparams":
        return _read_pdparams(path)
    raise InvalidArgumentError(f"weights must be a .safetensors or .pdparams file, not {path.name!r}")


def save_weights(weights: Weights, path: Path) -> None:
    """Writes a ``.safetensors`` file, whole or not at all."""
    partial = path.with_suffix(".partial")
    save_file(weights.tensors, partial, {_METADATA_KEY: json.dumps(weights.metadata)})
    partial.replace(path)


def load_into(model: nn.Layer, tensors: dict[str, NDArray[np.float32]]) -> None:
    """Gives a network its weights.

    Raises:
        InvalidArgumentError: A tensor is missing, left over, or of another shape.
    """
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(array.shape) for name, array in tensors.items()}
    problems = [f"{name} is missing" for name in expected if name not in found]
    problems += [f"{name} is left over" for name in found if name not in expected]
    problems += [
        f"{name} has shape {found[name]}, expected {shape}"
        for name, shape in expected.items()
        if found.get(name, shape) != shape
    ]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise InvalidArgumentError(f"the weights do not fit the architecture: {'; '.join(problems[:3])}{more}")
    model.set_state_dict({name: paddle.to_tensor(array) for name, array in tensors.items()})


def _read_safetensors(path: Path) -> Weights:
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            metadata = (file.metadata() or {}).get(_METADATA_KEY, "{}")
    except SafetensorError as error:
        raise InvalidArgumentError(f"{path} is not a whole .safetensors file: {error}") from error
    return Weights(tensors, json.loads(metadata))


def _read_pdparams(path: Path) -> Weights:
    try:
        state = paddle.load(str(path), return_numpy=True)
    except Exception as error:  # paddle raises whatever unpickling met
        raise InvalidArgumentError(f"{path} is not a whole .pdparams file: {error}") from error
    if not isinstance(state, dict):
        raise InvalidArgumentError(f"{path} holds a {type(state).__name__}, expected a dictionary of tensors")
    state.pop("StructuredToParameterName@@", None)
    return Weights({name: np.asarray(array, np.float32) for name, array in state.items()})
