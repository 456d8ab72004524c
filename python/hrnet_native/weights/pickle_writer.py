"""Writes state dicts as ``paddle.save`` and ``torch.save`` do, without either: both load the result.

Python's pickler writes names only of modules that can be imported, so the opcodes are written here.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_TORCH_STORAGES: Final = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage"}


def write_pdparams(tensors: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Writes a ``.pdparams`` file."""
    body = b"".join(_text(name) + _numpy_array(array) for name, array in tensors.items())
    names = _text("StructuredToParameterName@@") + b"}"  # paddle.save's own table, which loading removes again
    path.write_bytes(b"\x80\x03}(" + body + names + b"u.")


def write_pth(tensors: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Writes a ``.pth`` file in torch's zip format."""
    body = b"".join(_text(name) + _torch_tensor(str(i), array) for i, (name, array) in enumerate(tensors.items()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + _ordered_dict() + b"(" + body + b"u.")
        archive.writestr("archive/byteorder", b"little")
        for i, array in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{i}", _little_endian(array).tobytes())
        archive.writestr("archive/version", b"3\n")


def _text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def _global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def _integer(value: int) -> bytes:
    if value < 2**31:
        return b"J" + struct.pack("<i", value)
    return b"\x8a\x08" + struct.pack("<q", value)


def _integers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(_integer(value) for value in values) + b"t"


def _ordered_dict() -> bytes:
    return _global("collections", "OrderedDict") + b")R"


def _little_endian(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _bytes(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def _numpy_array(array: NDArray[Any]) -> bytes:
    dtype = _global("numpy", "dtype") + b"(" + _text(array.dtype.str[1:]) + b"\x89\x88tR"
    dtype += b"(" + _integer(3) + _text("<") + b"NNN" + _integer(-1) + _integer(-1) + _integer(0) + b"tb"
    # numpy.core is the name that every NumPy knows.
    empty = _global("numpy.core.multiarray", "_reconstruct") + b"(" + _global("numpy", "ndarray")
    empty += _integers((0,)) + _bytes(b"b") + b"tR"
    contents = _bytes(_little_endian(array).tobytes())
    return empty + b"(" + _integer(1) + _integers(array.shape) + dtype + b"\x89" + contents + b"tb"


def _torch_tensor(key: str, array: NDArray[Any]) -> bytes:
    storage = b"(" + _text("storage") + _global("torch", _TORCH_STORAGES[array.dtype.name]) + _text(key)
    storage += _text("cpu") + _integer(array.size) + b"tQ"
    steps = tuple(step // array.itemsize for step in np.empty(array.shape, array.dtype).strides)
    rebuild = _global("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + _integer(0)
    return rebuild + _integers(array.shape) + _integers(steps) + b"\x89" + _ordered_dict() + b"tR"
