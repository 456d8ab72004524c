"""``native.safetensors``: the graph as JSON in the metadata, its weights as float32 or float16 tensors."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from hrnet_native.bundle.graph import (
    INPUT,
    Add,
    Conv,
    FullyConnected,
    GlobalAveragePool,
    Graph,
    Layer,
    Pool,
    Scale,
    Softmax,
)
from hrnet_native.bundle.storage import Storage, store
from hrnet_native.bundle.whole_file import whole_file
from hrnet_native.errors import ModelLoadError

FORMAT_VERSION: Final = 1
_METADATA_KEY: Final = "hrnet_native.graph"
_OPS: Final[dict[str, type]] = {
    "conv": Conv,
    "add": Add,
    "max_pool": Pool,
    "average_pool": Pool,
    "global_average_pool": GlobalAveragePool,
    "fc": FullyConnected,
    "scale": Scale,
    "softmax": Softmax,
}
_OP_NAMES: Final = {layer: op for op, layer in _OPS.items() if layer is not Pool}


def write_graph(graph: Graph, path: Path, storage: Storage = "fp32") -> float:
    """Writes an optimised graph to ``path``, which appears only when it is whole.

    Returns:
        The largest change of a weight by half precision, as ``storage.store`` returns it.

    Raises:
        OSError: The file cannot be written.
    """
    tensors: dict[str, NDArray[np.float32]] = {}
    channels, height, width = graph.input_shape
    document = {
        "version": FORMAT_VERSION,
        "input": {"value": INPUT, "channels": channels, "height": height, "width": width},
        "output": graph.output,
        "layers": [_encode(layer, tensors) for layer in graph.layers],
    }
    stored, difference = store(tensors, storage)
    metadata = {_METADATA_KEY: json.dumps(document, separators=(",", ":"))}
    with whole_file(path) as partial:
        save_file(stored, partial, metadata)
    return difference


def read_graph(path: Path) -> Graph:
    """Reads what ``write_graph`` wrote; the weights are those of the file, as float64.

    Raises:
        ModelLoadError: The file is not one of these.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            document = json.loads((file.metadata() or {})[_METADATA_KEY])
            if document["version"] != FORMAT_VERSION:
                raise ModelLoadError(f"{path} has version {document['version']}, expected {FORMAT_VERSION}")
            tensors = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}  # noqa: SIM118
        size = document["input"]
        layers = [_decode(fields, tensors) for fields in document["layers"]]
        return Graph((size["channels"], size["height"], size["width"]), layers, document["output"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelLoadError(f"{path} is not a compiled model: {error!r}") from error


def _encode(layer: Layer, tensors: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    op = layer.kind if isinstance(layer, Pool) else _OP_NAMES[type(layer)]
    fields: dict[str, Any] = {"op": op}
    for field in dataclasses.fields(layer):
        value = getattr(layer, field.name)
        if isinstance(value, np.ndarray):
            fields[field.name] = _add_tensor(tensors, f"{layer.name}.{field.name}", value)  # type: ignore[union-attr]
        elif value is not None and field.name not in ("name", "kind"):
            fields[field.name] = value
    return fields


def _add_tensor(tensors: dict[str, NDArray[np.float32]], name: str, value: NDArray[np.float64]) -> str:
    """Adds a tensor under a free name (a program may use one parameter twice) and returns that."""
    free, count = name, 1
    while free in tensors:
        count += 1
        free = f"{name}_{count}"
    tensors[free] = np.ascontiguousarray(value, np.float32)
    return free


def _decode(fields: dict[str, Any], tensors: dict[str, NDArray[np.float64]]) -> Layer:
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    op = fields.pop("op")
    if _OPS[op] is Pool:
        fields["kind"] = op
    if "weight" in fields:
        fields["name"] = fields["weight"].removesuffix(".weight")
        fields.update({key: tensors[fields[key]] for key in ("weight", "bias") if key in fields})
    layer: Layer = _OPS[op](**fields)
    return layer
