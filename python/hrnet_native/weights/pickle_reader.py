"""Reads the pickles in which weights are published; it can build tensors and nothing else.

A pickle is a program that may import modules and call what it finds there. Here its opcodes, decoded by the standard
library's ``pickletools``, act on plain containers; the few names that tensors are made of stand for functions below,
every other name is an error, and nothing is ever imported or called by name.
"""

from __future__ import annotations

import io
import math
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hrnet_native.errors import InvalidArgumentError

Array = NDArray[Any]

# First object of a file that torch.save wrote before its zip format.
LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL: Final = 1001
_ZIP_MAGIC: Final = b"PK\x03\x04"
_NUMPY_KINDS: Final = frozenset(("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "b1"))
_STORAGES: Final = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "|i1",
    "ByteStorage": "|u1",
    "BoolStorage": "|b1",
}


class MalformedError(Exception):
    """The file is not what it claims to be; the message ends up in an InvalidArgumentError."""


class _Name:
    """A module's member that the pickle names: never looked up."""

    def __init__(self, module: str, name: str) -> None:
        self.key = f"{module}.{name}"


class _DType:
    """numpy.dtype under construction."""

    def __init__(self, kind: str) -> None:
        if kind not in _NUMPY_KINDS:
            raise MalformedError(f"has an array of dtype {kind!r}")
        self.kind = kind
        self.big_endian = False

    def resolve(self) -> np.dtype[Any]:
        return np.dtype(self.kind).newbyteorder(">" if self.big_endian else "<")


class _NumpyArray:
    """numpy.ndarray under construction."""

    value: Array | None = None

    def fill(self, shape: object, dtype: object, data: object, *, fortran: bool) -> None:
        if not isinstance(dtype, _DType) or not isinstance(data, (bytes, bytearray, str)):
            raise MalformedError("has an array of objects")
        if isinstance(data, str):
            data = data.encode("latin-1")  # Python 2
        kind = dtype.resolve()
        sizes = _sizes(shape)
        if math.prod(sizes) * kind.itemsize != len(data):
            raise MalformedError(f"has an array of shape {sizes} in {len(data)} bytes")
        flat = np.frombuffer(data, kind)
        self.value = flat.reshape(sizes, order="F" if fortran else "C").astype(kind.newbyteorder("="), copy=False)


class _TorchStorage:
    """A torch storage: its bytes come later."""

    def __init__(self, kind: str, key: str, length: int) -> None:
        self.kind = kind
        self.key = key
        self.length = length

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype("<u2" if self.kind == "bfloat16" else self.kind)

    def values(self, data: bytes) -> Array:
        if len(data) != self.length * self.dtype.itemsize:
            raise MalformedError(f"has {len(data)} bytes for the {self.length} elements of storage {self.key!r}")
        values = np.frombuffer(data, self.dtype)
        if self.kind == "bfloat16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values


class _TorchTensor:
    """A torch tensor: a view of a storage."""

    def __init__(self, storage: object, offset: object, size: object, stride: object) -> None:
        if not isinstance(storage, _TorchStorage):
            raise MalformedError("has a tensor without a storage")
        self.storage = storage
        self.offset, self.size, self.stride = _size(offset), _sizes(size), _sizes(stride)
        last = self.offset + sum((n - 1) * step for n, step in zip(self.size, self.stride))
        count = math.prod(self.size)
        if len(self.size) != len(self.stride) or (count and max(last + 1, count) > storage.length):
            raise MalformedError(f"has a tensor of shape {self.size} beyond its storage of {storage.length}")

    def view(self, values: Array) -> Array:
        strides = [step * values.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.size, strides).copy()


def read_pickled(path: Path) -> Any:
    """Reads a file that ``paddle.save`` or ``torch.save`` wrote: containers of numbers, strings and NumPy arrays.

    Half-width brain floats become float32; all other dtypes are kept.

    Raises:
        InvalidArgumentError: The file is truncated, contradicts itself, or asks for anything but tensors.
    """
    try:
        content = path.read_bytes()
        if content.startswith(_ZIP_MAGIC):
            return _read_torch_zip(content)
        stream = io.BytesIO(content)
        value = _run(stream)
        if value == LEGACY_MAGIC:
            value = _read_torch_legacy(stream)
        if stream.read(1):
            raise MalformedError("has more bytes behind its end")
        return _resolve(value, {})
    except MalformedError as error:
        raise InvalidArgumentError(f"{path} is not a file of weights: it {error}") from None
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidArgumentError(f"{path} is not a whole file of weights: {error}") from error


def _read_torch_zip(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {info.filename: info for info in archive.infolist()}
        if any(info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 for info in entries.values()):
            raise MalformedError("has compressed or encrypted entries, which torch.save never writes")
        pickles = [name for name in entries if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise MalformedError("is a zip archive without the one data.pkl that torch.save writes")
        prefix = pickles[0].removesuffix("data.pkl")
        if prefix + "byteorder" in entries and archive.read(prefix + "byteorder") != b"little":
            raise MalformedError("was written by a big-endian machine")
        value = _run(io.BytesIO(archive.read(pickles[0])))
        storages = {
            key: storage.values(archive.read(f"{prefix}data/{key}")) for key, storage in _storages(value).items()
        }
    return _resolve(value, storages)


def _read_torch_legacy(stream: io.BytesIO) -> Any:
    if _run(stream) != _LEGACY_PROTOCOL:
        raise MalformedError(f"has another version of torch's old format than {_LEGACY_PROTOCOL}")
    if not _run(stream).get("little_endian", False):
        raise MalformedError("was written by a big-endian machine")
    value = _run(stream)
    known = _storages(value)
    storages = {}
    for key in _run(stream):
        storage = known.pop(key)
        length = int.from_bytes(stream.read(8), "little")
        if length != storage.length:
            raise MalformedError(f"says {length} and {storage.length} elements for storage {key!r}")
        storages[key] = storage.values(stream.read(length * storage.dtype.itemsize))
    return _resolve(value, storages)


def _storages(value: Any) -> dict[str, _TorchStorage]:
    """The storages below a value, each once. Tensors that share elements could fill any memory: they are refused."""
    found: dict[str, _TorchStorage] = {}
    elements = 0

    def visit(leaf: Any) -> Any:
        nonlocal elements
        if isinstance(leaf, _TorchTensor):
            found[leaf.storage.key] = leaf.storage
            elements += math.prod(leaf.size)
        return leaf

    _map_leaves(value, visit)
    if elements > sum(storage.length for storage in found.values()):
        raise MalformedError("has tensors that overlap")
    return found


def _resolve(value: Any, storages: dict[str, Array]) -> Any:
    """Replaces everything under construction by arrays."""

    def finish(leaf: Any) -> Any:
        if isinstance(leaf, _TorchTensor):
            return leaf.view(storages[leaf.storage.key])
        if isinstance(leaf, _NumpyArray):
            if leaf.value is None:
                raise MalformedError("has an array without contents")
            return leaf.value
        if isinstance(leaf, (_Name, _DType, _TorchStorage)):
            raise MalformedError("holds something other than tensors")
        return leaf

    return _map_leaves(value, finish)


# Containers in files of weights are two or three deep; one that holds itself would never end.
_MAX_DEPTH: Final = 16


def _map_leaves(value: Any, function: Callable[[Any], Any]) -> Any:
    """Rebuilds nested containers with every leaf replaced; what the pickle refers to twice is visited once."""
    done: dict[int, Any] = {}

    def visit(item: Any, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise MalformedError(f"has containers nested more than {_MAX_DEPTH} deep")
        if id(item) not in done:
            if isinstance(item, dict):
                done[id(item)] = {key: visit(inner, depth + 1) for key, inner in item.items()}
            elif isinstance(item, (list, tuple)):
                done[id(item)] = type(item)([visit(inner, depth + 1) for inner in item])
            else:
                done[id(item)] = function(item)
        return done[id(item)]

    return visit(value, 0)


def _size(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise MalformedError(f"has a size of {value!r}")
    return value


def _sizes(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple):
        raise MalformedError(f"has a shape of {type(values).__name__}")
    return tuple(_size(value) for value in values)


def _numpy_from_buffer(data: object, dtype: object, shape: object, order: object) -> _NumpyArray:
    array = _NumpyArray()
    array.fill(shape, dtype, data, fortran=order == "F")
    return array


def _encode(text: object, encoding: object) -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise MalformedError("encodes something other than bytes")
    return text.encode("latin-1")


def _ordered_dict(pairs: object = ()) -> dict[str, Any]:
    if not isinstance(pairs, (list, tuple)):
        raise MalformedError("has a dictionary of something other than pairs")
    return dict(pairs)


# What may be called: PaddleClas's and torch's state dicts need no more. Nothing here has an effect.
_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "collections.OrderedDict": _ordered_dict,
    "_codecs.encode": _encode,
    "numpy.dtype": lambda kind, *_: _DType(kind),
    "numpy.core.multiarray._reconstruct": lambda *_: _NumpyArray(),
    "numpy._core.multiarray._reconstruct": lambda *_: _NumpyArray(),
    "numpy.core.numeric._frombuffer": _numpy_from_buffer,
    "numpy._core.numeric._frombuffer": _numpy_from_buffer,
    "builtins.tuple": lambda values: tuple(values),
    "__builtin__.tuple": lambda values: tuple(values),
    "torch._utils._rebuild_tensor_v2": lambda storage, offset, size, stride, *_: _TorchTensor(
        storage, offset, size, stride
    ),
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
}
# What may be named only as an argument.
_NAMES: Final = frozenset(("numpy.ndarray", *(f"torch.{name}" for name in _STORAGES)))


def _call(function: object, arguments: object) -> Any:
    if not isinstance(function, _Name) or function.key not in _CALLS or not isinstance(arguments, tuple):
        raise MalformedError("calls something other than a tensor's constructor")
    return _CALLS[function.key](*arguments)


def _name(module: object, name: object) -> _Name:
    named = _Name(str(module), str(name))
    if named.key not in _CALLS and named.key not in _NAMES:
        raise MalformedError(f"asks for {named.key!r}, which no tensor needs; nothing of it was run")
    return named


def _build(target: object, state: object) -> None:
    if isinstance(target, _NumpyArray) and isinstance(state, tuple) and len(state) == 5:
        _, shape, dtype, fortran, data = state
        target.fill(shape, dtype, data, fortran=bool(fortran))
    elif isinstance(target, _DType) and isinstance(state, tuple) and len(state) > 1:
        target.big_endian = state[1] == ">"
    elif not isinstance(target, dict):  # torch hangs version numbers on its dictionaries
        raise MalformedError("sets the state of something other than a tensor")


def _storage(identity: object) -> _TorchStorage:
    if not isinstance(identity, tuple) or len(identity) < 5 or identity[0] != "storage":
        raise MalformedError("refers to something other than a storage")
    _, kind, key, _, length, *view = identity
    if not isinstance(kind, _Name) or kind.key.removeprefix("torch.") not in _STORAGES or any(view):
        raise MalformedError("has a storage of an unknown kind")
    return _TorchStorage(_STORAGES[kind.key.removeprefix("torch.")], str(key), _size(length))


_CONSTANTS: Final[dict[str, Callable[[], Any]]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
}
_LITERALS: Final = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    )
)
_MARK: Final = object()


def _run(stream: io.BytesIO) -> Any:
    """Runs one pickle on a machine that knows only what tensors need."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}

    def pop_to_mark() -> list[Any]:
        index = len(stack) - 1 - stack[::-1].index(_MARK)
        items = stack[index + 1 :]
        del stack[index:]
        return items

    def set_items(flat: list[Any]) -> None:
        if len(flat) % 2 or not all(isinstance(key, (str, int)) for key in flat[::2]):
            raise MalformedError("has a dictionary with keys other than names")
        stack[-1].update(zip(flat[::2], flat[1::2]))

    argument: Any
    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name in ("PROTO", "FRAME"):
            pass
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            memo[int(argument)] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[int(argument)])
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "TUPLE":
            items = pop_to_mark()
            stack.append(tuple(items))
        elif name == "APPEND":
            item = stack.pop()
            stack[-1].append(item)
        elif name == "APPENDS":
            items = pop_to_mark()
            stack[-1].extend(items)
        elif name == "SETITEM":
            pair = stack[-2:]
            del stack[-2:]
            set_items(pair)
        elif name == "SETITEMS":
            items = pop_to_mark()
            set_items(items)
        elif name == "GLOBAL":
            stack.append(_name(*str(argument).split(" ", 1)))
        elif name == "STACK_GLOBAL":
            stack[-2:] = [_name(*stack[-2:])]
        elif name == "REDUCE":
            stack[-2:] = [_call(*stack[-2:])]
        elif name == "BUILD":
            state = stack.pop()
            _build(stack[-1], state)
        elif name == "BINPERSID":
            stack[-1] = _storage(stack[-1])
        elif name == "STOP":
            return stack.pop()
        else:
            raise MalformedError(f"uses the opcode {name}, which no tensor needs; nothing of it was run")
    raise MalformedError("ends in the middle")
