"""Weights files of every kind that people come with: ``.pdparams``, ``.pth``, ``.safetensors``."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from hrnet_native.bundle.storage import Storage, store
from hrnet_native.bundle.whole_file import whole_file
from hrnet_native.errors import InvalidArgumentError, NotFoundError
from hrnet_native.weights.naming import CLASSIFIER_BIASES
from hrnet_native.weights.pickle_reader import read_pickled
from hrnet_native.weights.pickle_writer import write_pdparams, write_pth

SUFFIXES: Final = (".safetensors", ".pdparams", ".pth")
# The key of a .safetensors file's metadata under which the trainer leaves what export wants to know, as JSON.
_METADATA_KEY: Final = "hrnet_native"
# What the trainer leaves there, with an example of each.
_SAID: Final[dict[str, Any]] = {
    "arch": "HRNet_W18_C",
    "arch_overrides": {"num_modules": [1, 4, 3]},
    "class_names": ["cat", "dog"],
    "resize_short": 256,
    "input_size": 224,
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
    "origin": "trained with hrnet_native",
}
# Under these a training checkpoint keeps the network's own weights.
_WRAPPERS: Final = ("state_dict", "model")
# torch's wrapper for several GPUs puts this before every name.
_PARALLEL_PREFIX: Final = "module."


@dataclasses.dataclass(frozen=True)
class Weights:
    """Tensors, and what the file says about them: of ``_SAID`` what is known, nothing in most files."""

    tensors: dict[str, NDArray[np.float32]]
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def num_classes(self) -> int | None:
        """Outputs of the classifier; None if there is none under a known name."""
        biases = (self.tensors[name] for name in CLASSIFIER_BIASES if name in self.tensors)
        return next((bias.shape[0] for bias in biases if bias.ndim), None)


def read_weights(path: Path) -> Weights:
    """Reads a ``.safetensors``, ``.pdparams`` or ``.pth`` file; every floating-point tensor becomes float32.

    Pickles are read by a machine that can build tensors and nothing else: see ``pickle_reader``.

    Raises:
        NotFoundError: There is no such file.
        InvalidArgumentError: The file is damaged or of another kind.
    """
    if not path.is_file():
        raise NotFoundError(f"no such weights file: {path}")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix in SUFFIXES:
        return Weights(_state_dict(path, read_pickled(path)))
    raise InvalidArgumentError(f"weights must be a {', '.join(SUFFIXES)} file, not {path.name!r}")


def save_weights(weights: Weights, path: Path, *, storage: Storage = "fp32") -> float:
    """Writes a file of the kind that its suffix names, whole or not at all.

    Returns:
        The largest change of a weight by half precision, as ``storage.store`` returns it.

    Raises:
        InvalidArgumentError: The suffix is unknown, or a value is too large for half precision.
        OSError: The file cannot be written.
    """
    if path.suffix not in SUFFIXES:
        raise InvalidArgumentError(f"weights must be written to a {', '.join(SUFFIXES)} file, not {path.name!r}")
    tensors, difference = store(weights.tensors, storage)
    with whole_file(path) as partial:
        if path.suffix == ".safetensors":
            save_file(tensors, partial, {_METADATA_KEY: json.dumps(weights.metadata)})
        else:
            (write_pdparams if path.suffix == ".pdparams" else write_pth)(tensors, partial)
    return difference


def _read_safetensors(path: Path) -> Weights:
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            metadata = _checked(json.loads((file.metadata() or {}).get(_METADATA_KEY, "{}")))
    except (SafetensorError, TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{path} is not a whole .safetensors file: {error}") from error
    return Weights(_to_float32(tensors), metadata)


def _checked(metadata: Any) -> dict[str, Any]:
    """Raises ValueError where what a file says is of another form than the trainer leaves it in."""
    if not isinstance(metadata, dict):
        raise ValueError(f"its metadata are {metadata!r}, expected an object")
    for name, example in _SAID.items():
        if name in metadata and not _is_like(metadata[name], example):
            raise ValueError(f"its {name} is {metadata[name]!r}, expected something like {example!r}")
    return metadata


def _is_like(value: Any, example: Any) -> bool:
    match example:
        case int():
            return type(value) is int and value > 0
        case float():
            return type(value) in (int, float)
        case [str(), *_]:
            return isinstance(value, list) and all(isinstance(element, str) for element in value)
        case list():
            return isinstance(value, list) and len(value) == len(example) and all(map(_is_like, value, example))
    return type(value) is type(example)


def _state_dict(path: Path, value: Any) -> dict[str, NDArray[np.float32]]:
    for wrapper in _WRAPPERS:
        if isinstance(value, dict) and isinstance(value.get(wrapper), dict):
            value = value[wrapper]
    if not isinstance(value, dict):
        raise InvalidArgumentError(f"{path} holds a {type(value).__name__}, expected a dictionary of tensors")
    value.pop("StructuredToParameterName@@", None)  # what paddle.save adds
    for name, tensor in value.items():
        if not isinstance(name, str) or not isinstance(tensor, np.ndarray):
            raise InvalidArgumentError(f"{path} holds a {type(tensor).__name__} under {name!r}, expected a tensor")
    if value and all(name.startswith(_PARALLEL_PREFIX) for name in value):
        value = {name.removeprefix(_PARALLEL_PREFIX): tensor for name, tensor in value.items()}
    return _to_float32(value)


def _to_float32(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Counters stay integers: nothing but conversion, which drops them, sees any."""
    return {
        name: tensor.astype(np.float32, copy=False) if tensor.dtype.kind == "f" else tensor
        for name, tensor in tensors.items()
    }
