"""From a program's operators to the graph's layers, one by one; what can be fused is left to the passes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hrnet_native.bundle.graph import (
    INPUT,
    Activate,
    Activation,
    Add,
    Affine,
    Array,
    Conv,
    FullyConnected,
    GlobalAveragePool,
    Graph,
    Layer,
    Padding,
    Pair,
    Pool,
    Scale,
    Shape,
    Softmax,
)
from hrnet_native.compiler.program import Operator, Program
from hrnet_native.errors import UnsupportedError

Dims = tuple[int, ...]

# A prime that no program has as a size: it comes out of a reshape in front, or the batch was mixed with the rest.
_ANY_BATCH: Final = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class _Tensor:
    """A tensor of the program: a value of the graph, seen with other dimensions (batch left out).

    Row-major order makes a reshape free, and turns expanded (C, H, s, W, s) into a map of (C, H * s, W * s).
    """

    value: int
    dims: Dims


def lower(program: Program) -> Graph:
    """Returns the graph of a program, unoptimised.

    Raises:
        UnsupportedError: An operator, or a setting of one, is not among those that the native engine runs.
    """
    lowering = _Lowering(program)
    for op in program.operators:
        lowering.add(op)
    output = lowering.tensors.get(program.output)
    if output is None or len(output.dims) != 1 or output.value not in lowering.vectors:
        dims = "a constant" if output is None else f"of shape (batch, {', '.join(map(str, output.dims))})"
        raise UnsupportedError(f"the output is {dims}, expected (batch, classes)")
    return Graph(program.input_dims, lowering.layers, output.value)


class _Lowering:
    """State while operators are lowered.

    Attributes:
        tensors: Results so far, by the program's names.
        constants: Parameters and what follows from them alone.
        vectors: The values that are 1x1 whatever the input's size, not only for the size of the export.
        layers: The result.
    """

    def __init__(self, program: Program) -> None:
        self.tensors = {program.input: _Tensor(INPUT, program.input_dims)}
        self.constants = dict(program.constants)
        self.vectors: set[int] = set()
        self.layers: list[Layer] = []
        self._shapes: list[Shape] = [program.input_dims]

    def add(self, op: Operator) -> None:
        if op.kind in _RESHAPES and op.inputs[0] in self.constants:
            array = self.constants[op.inputs[0]]
            # A constant has no batch: what a tensor's is, is here the first dimension.
            self.constants[op.output] = array.reshape(_RESHAPES[op.kind](op, array.shape))
            return
        handler = _HANDLERS.get(op.kind)
        if handler is None or not any(name in self.tensors for name in op.inputs):
            settings = ", ".join(f"{key}={value}" for key, value in op.attributes.items())
            raise UnsupportedError(f"the native engine does not run the operator {op.kind}({settings})")
        self.tensors[op.output] = handler(self, op)

    def shape(self, value: int) -> Shape:
        return self._shapes[value]

    def tensor(self, op: Operator, index: int = 0) -> _Tensor:
        found = self.tensors.get(op.inputs[index]) if index < len(op.inputs) else None
        if found is None:
            raise op.unsupported(f"with a constant as input {index}")
        return found

    def constant(self, op: Operator, index: int) -> NDArray[Any]:
        found = self.constants.get(op.inputs[index]) if index < len(op.inputs) else None
        if found is None:
            raise op.unsupported(f"where input {index} is not a constant")
        return found

    def map(self, op: Operator) -> _Tensor:
        """The first input, which must be a map as the graph has it."""
        tensor = self.tensor(op)
        if tensor.dims != self.shape(tensor.value):
            raise op.unsupported(f"on a tensor of shape {('batch', *tensor.dims)}")
        return tensor

    def define(self, shape: Shape, *, vector: bool = False) -> int:
        """A new value."""
        self._shapes.append(shape)
        value = len(self._shapes) - 1
        if vector:
            self.vectors.add(value)
        return value

    def emit(self, layer: Layer, dims: Dims | None = None) -> _Tensor:
        self.layers.append(layer)
        return _Tensor(layer.output, self.shape(layer.output) if dims is None else dims)

    def like(self, tensor: _Tensor) -> int:
        """A new value of the same shape."""
        return self.define(self.shape(tensor.value), vector=tensor.value in self.vectors)


# Reshapes: from (batch, ...) to (batch, ...).


def _reshape(op: Operator, dims: Dims) -> Dims:
    shape = [dims[i] if size == 0 and i < len(dims) else size for i, size in enumerate(_setting(op, "shape"))]
    if shape.count(-1) == 1:
        shape[shape.index(-1)] = math.prod(dims) // -math.prod(shape)
    if -1 in shape or math.prod(shape) != math.prod(dims):
        raise op.unsupported(f"to shape {_setting(op, 'shape')}")
    return tuple(shape)


def _squeeze(op: Operator, dims: Dims) -> Dims:
    axes = {axis % len(dims) for axis in _setting(op, "axis")}
    if not axes or any(dims[axis] != 1 for axis in axes):
        raise op.unsupported(f"of axes {_setting(op, 'axis')}")
    return tuple(size for axis, size in enumerate(dims) if axis not in axes)


def _unsqueeze(op: Operator, dims: Dims) -> Dims:
    for axis in _setting(op, "axis"):
        at = axis % (len(dims) + 1)
        dims = (*dims[:at], 1, *dims[at:])
    return dims


def _flatten(op: Operator, dims: Dims) -> Dims:
    start, stop = (op.attributes[key] % len(dims) for key in ("start_axis", "stop_axis"))
    return (*dims[:start], math.prod(dims[start : stop + 1]), *dims[stop + 1 :])


def _setting(op: Operator, name: str) -> list[int]:
    """A setting that is a list; some are tensors in the program, and must be constant."""
    value = op.attributes.get(name)
    if value is None or len(op.inputs) != 1:
        raise op.unsupported(f"whose {name} is computed")
    return [value] if isinstance(value, int) else list(value)


_RESHAPES: Final[dict[str, Callable[[Operator, Dims], Dims]]] = {
    "reshape": _reshape,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "flatten": _flatten,
}


def _lower_reshape(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.tensor(op)
    after = _RESHAPES[op.kind](op, (_ANY_BATCH, *tensor.dims))
    if after[0] != _ANY_BATCH:
        raise op.unsupported(f"across the batch: {op.attributes}")
    return _Tensor(tensor.value, after[1:])


def _lower_expand(self: _Lowering, op: Operator) -> _Tensor:
    """Up-sampling written as reshape-expand-reshape: (C, H, 1, W, 1) to (C, H, s, W, s)."""
    tensor = self.tensor(op)
    shape = _setting(op, "shape")[1:]
    channels, height, width = self.shape(tensor.value)
    factor = shape[2] if len(shape) == 5 else 0
    wanted = [size if target == -1 else target for size, target in zip(tensor.dims, shape)]
    if tensor.dims != (channels, height, 1, width, 1) or wanted != [channels, height, factor, width, factor]:
        raise op.unsupported(f"from shape {('batch', *tensor.dims)} to {['batch', *shape]}")
    return dataclasses.replace(_upsample(self, tensor, factor), dims=tuple(wanted))


def _lower_nearest(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.map(op)
    _expect(op, align_corners=False)
    _expect_nchw(op)
    if len(op.inputs) != 1:
        raise op.unsupported("to a size that is computed")
    _, height, width = tensor.dims
    scales = list(op.attributes["scale"])
    ratios = [op.attributes["out_h"] / height, op.attributes["out_w"] / width]
    factors = [scales[0], scales[-1]] if scales else ratios
    if factors[0] != factors[1] or factors[0] < 1 or factors[0] % 1:
        raise op.unsupported(f"by factors {factors}; expected one positive integer")
    return _upsample(self, tensor, int(factors[0]))


def _upsample(self: _Lowering, tensor: _Tensor, factor: int) -> _Tensor:
    channels, height, width = self.shape(tensor.value)
    output = self.define((channels, height * factor, width * factor))
    return self.emit(Add((tensor.value,), (factor,), output))


# Convolutions and fully connected layers.


def _lower_conv(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.map(op)
    weight = self.constant(op, 1).astype(np.float64)
    _expect_nchw(op)
    _expect(op, groups=1, dilations=[1, 1])
    stride = _pair(op.attributes["strides"])
    padding = _padding(op)
    kernel = _pair(weight.shape[2:])
    name = _layer_name(op.inputs[1])
    bias = self.constant(op, 2).astype(np.float64) if len(op.inputs) > 2 else None
    if tensor.value in self.vectors and kernel == (1, 1) and not any(padding):
        output = self.define((weight.shape[0], 1, 1), vector=True)
        return self.emit(FullyConnected(tensor.value, output, name, weight[:, :, 0, 0], bias))
    output = self.define(_window_shape(op, tensor.dims, weight.shape[0], kernel, stride, padding))
    return self.emit(Conv(tensor.value, output, name, weight, bias, stride, padding))


def _lower_matmul(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.tensor(op)
    weight = self.constant(op, 1).astype(np.float64)
    _expect(op, transpose_x=False, x_num_col_dims=1, y_num_col_dims=1)
    weight = weight if op.attributes.get("transpose_y", False) else weight.T
    shape = self.shape(tensor.value)
    # "mul" flattens by itself.
    if weight.ndim != 2 or (len(tensor.dims) != 1 and op.kind != "mul") or math.prod(shape) != weight.shape[1]:
        raise op.unsupported(f"on shape {('batch', *tensor.dims)} with a constant of shape {weight.T.shape}")
    output = self.define((weight.shape[0], 1, 1), vector=True)
    name = _layer_name(op.inputs[1])
    dims = (weight.shape[0],)
    if tensor.value in self.vectors:
        return self.emit(FullyConnected(tensor.value, output, name, weight), dims)
    # A map's every pixel counts: a convolution over the whole of it.
    return self.emit(Conv(tensor.value, output, name, weight.reshape(-1, *shape)), dims)


def _layer_name(parameter: str) -> str:
    """``conv2d_0`` for the parameter ``conv2d_0.w_0``."""
    return parameter.removesuffix(".w_0")


# Pooling.


def _lower_pool(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.map(op)
    _expect_nchw(op)
    _expect(op, ceil_mode=False)
    average = op.attributes["pooling_type"] == "avg"
    channels, height, width = tensor.dims
    kernel = _pair(op.attributes["kernel_size"])
    if op.attributes["global_pooling"] or (op.attributes["adaptive"] and kernel == (1, 1)):
        if not average:
            raise op.unsupported("with pooling_type=max over the whole map")
        return _global_average(self, tensor)
    if op.attributes["adaptive"]:
        if kernel == (height, width):
            return tensor
        if height % kernel[0] or width % kernel[1]:
            raise op.unsupported(f"from {height}x{width} to {kernel[0]}x{kernel[1]}: windows of unequal size")
        kernel = stride = (height // kernel[0], width // kernel[1])
        padding: Padding = (0, 0, 0, 0)
    else:
        stride = _pair(op.attributes["strides"])
        padding = _padding(op)
    if average and any(padding):
        _expect(op, exclusive=True)
    output = self.define(_window_shape(op, tensor.dims, channels, kernel, stride, padding))
    return self.emit(Pool("average_pool" if average else "max_pool", tensor.value, output, kernel, stride, padding))


def _lower_mean(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.map(op)
    _expect(op, reduce_all=False)
    axes = [axis % 4 for axis in _setting(op, "axis")]
    if sorted(axes) != [2, 3]:
        raise op.unsupported(f"over axes {axes}; expected height and width")
    pooled = _global_average(self, tensor)
    return pooled if op.attributes["keepdim"] else _Tensor(pooled.value, pooled.dims[:1])


def _global_average(self: _Lowering, tensor: _Tensor) -> _Tensor:
    output = self.define((tensor.dims[0], 1, 1), vector=True)
    return self.emit(GlobalAveragePool(tensor.value, output))


# Element by element.


def _lower_batch_norm(self: _Lowering, op: Operator) -> _Tensor:
    _expect_nchw(op)
    if not (op.attributes["is_test"] or op.attributes["use_global_stats"]):
        raise op.unsupported("in training mode")
    mean, variance, scale, bias = (self.constant(op, i).astype(np.float64) for i in range(1, 5))
    tensor = self.tensor(op)
    if tensor.dims[0] != self.shape(tensor.value)[0]:
        raise op.unsupported("on a flattened map")
    factor = scale / np.sqrt(variance + op.attributes["epsilon"])
    return _affine(self, tensor, factor, bias - mean * factor)


def _lower_add(self: _Lowering, op: Operator) -> _Tensor:
    constant, other = _constant_operand(self, op)
    if constant is not None:
        shift = _per_channel(self, op, other, constant)
        return _affine(self, other, np.ones_like(shift), shift)
    left, right = self.tensor(op, 0), self.tensor(op, 1)
    if left.dims != right.dims or self.shape(left.value) != self.shape(right.value):
        raise op.unsupported(f"of shapes {('batch', *left.dims)} and {('batch', *right.dims)}")
    return self.emit(Add((left.value, right.value), (1, 1), self.like(left)), left.dims)


def _lower_multiply(self: _Lowering, op: Operator) -> _Tensor:
    constant, other = _constant_operand(self, op)
    if constant is not None:
        factor = _per_channel(self, op, other, constant)
        return _affine(self, other, factor, np.zeros_like(factor))
    left, right = self.tensor(op, 0), self.tensor(op, 1)
    if op.attributes.get("axis", -1) == 0:
        right = _Tensor(right.value, right.dims + (1,) * (len(left.dims) - len(right.dims)))
    for tensor, gate in ((left, right), (right, left)):
        fits = gate.dims == (tensor.dims[0],) + (1,) * (len(tensor.dims) - 1)
        if gate.value in self.vectors and fits and self.shape(tensor.value)[0] == tensor.dims[0]:
            return self.emit(Scale(tensor.value, gate.value, self.like(tensor)), tensor.dims)
    raise op.unsupported(f"of shapes {('batch', *left.dims)} and {('batch', *right.dims)}")


def _lower_scale(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.tensor(op)
    factor, bias = np.ravel(_setting_number(op, "scale"))[0], op.attributes.get("bias", 0.0)
    shift = bias if op.attributes.get("bias_after_scale", True) else bias * factor
    if (factor, shift) == (1, 0):
        return tensor
    channels = self.shape(tensor.value)[0]
    return _affine(self, tensor, np.full(channels, float(factor)), np.full(channels, float(shift)))


def _lower_dropout(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.tensor(op)
    _expect(op, is_test=True)
    if op.attributes["mode"] == "upscale_in_train":
        return tensor
    kept = np.full(self.shape(tensor.value)[0], 1 - float(np.ravel(_setting_number(op, "p"))[0]))
    return _affine(self, tensor, kept, np.zeros_like(kept))


def _lower_cast(self: _Lowering, op: Operator) -> _Tensor:
    # The older format numbers its types: 5 is float32.
    if str(op.attributes["dtype"]) not in ("DataType.FLOAT32", "5"):
        raise op.unsupported(f"to dtype {op.attributes['dtype']}")
    return self.tensor(op)


def _lower_identity(self: _Lowering, op: Operator) -> _Tensor:
    return self.tensor(op)


def _lower_softmax(self: _Lowering, op: Operator) -> _Tensor:
    tensor = self.tensor(op)
    if tensor.value not in self.vectors or op.attributes["axis"] % (len(tensor.dims) + 1) != 1:
        raise op.unsupported(f"over axis {op.attributes['axis']} of shape {('batch', *tensor.dims)}")
    return self.emit(Softmax(tensor.value, self.like(tensor)), tensor.dims)


def _activation(kind: Activation) -> Callable[[_Lowering, Operator], _Tensor]:
    def lower_activation(self: _Lowering, op: Operator) -> _Tensor:
        tensor = self.tensor(op)
        return self.emit(Activate(tensor.value, self.like(tensor), kind), tensor.dims)

    return lower_activation


def _affine(self: _Lowering, tensor: _Tensor, factor: Array, shift: Array) -> _Tensor:
    return self.emit(Affine(tensor.value, self.like(tensor), factor, shift), tensor.dims)


def _constant_operand(self: _Lowering, op: Operator) -> tuple[NDArray[Any] | None, _Tensor]:
    """The constant of a binary operator, if it has one, and the other operand."""
    for constant, other in ((1, 0), (0, 1)):
        if op.inputs[constant] in self.constants:
            return self.constants[op.inputs[constant]], self.tensor(op, other)
    return None, self.tensor(op)


def _per_channel(self: _Lowering, op: Operator, tensor: _Tensor, constant: NDArray[Any]) -> Array:
    """A constant operand as one number per channel, by the rules of broadcasting."""
    rank = len(tensor.dims) + 1
    axis = op.attributes.get("axis", -1)  # the older format's: where the constant's first dimension belongs
    trailing = 0 if axis < 0 else rank - axis - constant.ndim
    shape = (1,) * (rank - constant.ndim - trailing) + constant.shape + (1,) * trailing
    channels = self.shape(tensor.value)[0]
    fits = len(shape) == rank and tensor.dims[0] == channels and shape[1] in (1, channels)
    if not fits or constant.size != shape[1]:
        raise op.unsupported(f"of shape {('batch', *tensor.dims)} and a constant of shape {constant.shape}")
    return np.broadcast_to(constant.ravel().astype(np.float64), (channels,)).copy()


# Settings.


def _expect(op: Operator, **expected: object) -> None:
    for name, value in expected.items():
        found = op.attributes.get(name, value)
        if (list(found) if isinstance(found, (list, tuple)) else found) != value:
            raise op.unsupported(f"with {name}={found}")


def _expect_nchw(op: Operator) -> None:
    layout = op.attributes.get("data_format", "NCHW")
    if layout not in ("NCHW", "AnyLayout"):
        raise op.unsupported(f"with data_format={layout}")


def _setting_number(op: Operator, name: str) -> Any:
    if len(op.inputs) != 1:
        raise op.unsupported(f"whose {name} is computed")
    return op.attributes[name]


def _pair(values: Any) -> Pair:
    first, *rest = (int(value) for value in values)
    return first, rest[0] if rest else first


def _padding(op: Operator) -> Padding:
    algorithm = op.attributes.get("padding_algorithm", "EXPLICIT")
    if algorithm == "VALID":
        return (0, 0, 0, 0)
    _expect(op, padding_algorithm="EXPLICIT")
    paddings = [int(value) for value in op.attributes["paddings"]]
    top, bottom, left, right = paddings if len(paddings) == 4 else (paddings[0], paddings[0], paddings[1], paddings[1])
    return top, left, bottom, right


def _window_shape(op: Operator, dims: Dims, channels: int, kernel: Pair, stride: Pair, padding: Padding) -> Shape:
    top, left, bottom, right = padding
    height = (dims[1] + top + bottom - kernel[0]) // stride[0] + 1
    width = (dims[2] + left + right - kernel[1]) // stride[1] + 1
    if height < 1 or width < 1:
        raise op.unsupported(f"with a kernel of {kernel[0]}x{kernel[1]} on a map of {dims[1]}x{dims[2]}")
    return channels, height, width


_HANDLERS: Final[dict[str, Callable[[_Lowering, Operator], _Tensor]]] = {
    **dict.fromkeys(_RESHAPES, _lower_reshape),
    "expand": _lower_expand,
    "nearest_interp": _lower_nearest,
    "conv2d": _lower_conv,
    "matmul": _lower_matmul,
    "mul": _lower_matmul,
    "pool2d": _lower_pool,
    "mean": _lower_mean,
    "batch_norm": _lower_batch_norm,
    "add": _lower_add,
    "multiply": _lower_multiply,
    "scale": _lower_scale,
    "dropout": _lower_dropout,
    "cast": _lower_cast,
    "assign": _lower_identity,
    "relu": _activation("relu"),
    "sigmoid": _activation("sigmoid"),
    "softmax": _lower_softmax,
}
