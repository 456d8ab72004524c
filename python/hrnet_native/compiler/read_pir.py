"""Reads Paddle 3's program format (``.json``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import paddle
from numpy.typing import NDArray

from hrnet_native.compiler.program import Operator, Program, as_constant, image_dims, only_one

# Settings that arrive as tensors: the position of the input, and what the setting is called here.
_SETTINGS: Final = {
    "reshape": {1: "shape"},
    "expand": {1: "shape"},
    "pool2d": {1: "kernel_size"},
    "squeeze": {1: "axis"},
    "unsqueeze": {1: "axis"},
    "mean": {1: "axis"},
    "scale": {1: "scale"},
    "dropout": {2: "p"},
}
# Says nothing about what an operator computes.
_BOOKKEEPING: Final = {"stop_gradient", "op_callstack", "struct_name", "place"}


def read_pir(model: Path) -> Program:
    """Reads a ``.json`` program, and its parameters beside it; needs Paddle's static mode."""
    executor = paddle.static.Executor(paddle.CPUPlace())
    scope = paddle.static.Scope()
    with paddle.static.scope_guard(scope):
        program, feeds, _ = paddle.static.load_inference_model(str(model.with_suffix("")), executor)
        return _Reader(scope).read(program, only_one(feeds, "input"))


class _Reader:
    def __init__(self, scope: Any) -> None:
        self._scope = scope
        self._constants: dict[str, NDArray[Any]] = {}

    def read(self, program: Any, feed: str) -> Program:
        operators = []
        fetched = []
        names: dict[str, str] = {}
        dims = (0, 0, 0)
        for op in program.global_block().ops:
            kind = op.name().removeprefix("pd_op.").removesuffix("_")
            if kind == "fetch":
                fetched.append(names.get(op.operand_source(0).id, op.operand_source(0).id))
                continue
            output = op.result(0).id
            if kind == "builtin.parameter":
                name = names[output] = op.attrs()["parameter_name"]
                self._constants[name] = np.array(self._scope.find_var(name).get_tensor())
            elif kind in ("data", "feed"):
                names[output] = feed
                dims = image_dims(list(op.result(0).shape), feed)
            elif kind == "full_int_array":
                self._constants[output] = as_constant(op.attrs()["value"])
            elif kind == "full":
                self._constants[output] = as_constant(op.attrs()["value"], tuple(op.attrs()["shape"]))
            else:
                operators.append(self._operator(op, kind, names))
        return Program(feed, dims, operators, self._constants, only_one(fetched, "output"))

    def _operator(self, op: Any, kind: str, names: dict[str, str]) -> Operator:
        attributes = {key: value for key, value in op.attrs().items() if key not in _BOOKKEEPING}
        inputs = []
        for position, source in enumerate(op.operands_source()):
            if not source.initialized():
                continue
            name = names.get(source.id, source.id)
            setting = _SETTINGS.get(kind, {}).get(position)
            if setting is not None and name in self._constants:
                attributes[setting] = self._constants[name].tolist()
            else:
                inputs.append(name)
        return Operator(kind, tuple(inputs), op.result(0).id, attributes)
