"""A Paddle program as both of its formats are read: a list of operators over named tensors and constants."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrnet_native.errors import UnsupportedError


@dataclasses.dataclass(frozen=True)
class Operator:
    """One operator, with the names of the newer format (``pd_op`` without its prefix) whichever format it came from.

    Attributes:
        kind: What it does, such as ``conv2d``.
        inputs: Names of the tensors that it reads.
        output: Name of its result. Further results, which only training uses, are left out.
        attributes: Settings, as plain Python values.
    """

    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]

    def unsupported(self, why: str) -> UnsupportedError:
        """Returns the error that names this operator and why the native engine does not run it."""
        return UnsupportedError(f"the native engine does not run {self.kind} {why}")


@dataclasses.dataclass(frozen=True)
class Program:
    """A program for inference with one input and one output.

    Attributes:
        input: Name of the input.
        input_dims: Its channels, height and width.
        operators: In an order in which they can run.
        constants: Parameters and literal tensors.
        output: Name of the output.
    """

    input: str
    input_dims: tuple[int, int, int]
    operators: list[Operator]
    constants: dict[str, NDArray[Any]]
    output: str


def only_one(names: list[str], what: str) -> str:
    """Returns the only name of a list.

    Raises:
        UnsupportedError: There is not exactly one.
    """
    if len(names) != 1:
        raise UnsupportedError(f"the program has {len(names)} {what}s ({', '.join(names)}), expected one")
    return names[0]


def image_dims(dims: list[int], name: str) -> tuple[int, int, int]:
    """Returns channels, height and width of a program's input of shape (batch, channels, height, width).

    Raises:
        UnsupportedError: It has another rank, or no fixed size.
    """
    if len(dims) != 4 or min(dims[1:]) < 1:
        raise UnsupportedError(f"the input {name!r} has shape {dims}, expected (-1, channels, height, width)")
    return dims[1], dims[2], dims[3]


def as_constant(value: Any, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Returns a literal of a program as an array, filled to ``shape`` if that is given."""
    array = np.asarray(value)
    return array if shape is None else np.full(shape, array)
