"""Reads Paddle's older program format (``.pdmodel``)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Final

import numpy as np
import paddle

from hrnet_native.compiler.program import Operator, Program, image_dims, only_one


@dataclasses.dataclass(frozen=True)
class _Translation:
    """How an operator of the older format is written in the newer one."""

    kind: str
    inputs: tuple[str, ...] = ("X",)
    output: str = "Out"
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)


_TRANSLATIONS: Final = {
    "conv2d": _Translation("conv2d", ("Input", "Filter", "Bias"), "Output"),
    "batch_norm": _Translation(
        "batch_norm", ("X", "Mean", "Variance", "Scale", "Bias"), "Y", {"data_layout": "data_format"}
    ),
    "pool2d": _Translation("pool2d", attributes={"ksize": "kernel_size"}),
    "nearest_interp_v2": _Translation(
        "nearest_interp", ("X", "OutSize", "SizeTensor", "Scale"), attributes={"data_layout": "data_format"}
    ),
    "elementwise_add": _Translation("add", ("X", "Y")),
    "elementwise_mul": _Translation("multiply", ("X", "Y")),
    "matmul_v2": _Translation("matmul", ("X", "Y"), attributes={"trans_x": "transpose_x", "trans_y": "transpose_y"}),
    "mul": _Translation("mul", ("X", "Y")),
    "reshape2": _Translation("reshape", ("X", "Shape", "ShapeTensor")),
    "expand_v2": _Translation("expand", ("X", "Shape", "expand_shapes_tensor")),
    "squeeze2": _Translation("squeeze", attributes={"axes": "axis"}),
    "unsqueeze2": _Translation("unsqueeze", attributes={"axes": "axis"}),
    "flatten_contiguous_range": _Translation("flatten"),
    "reduce_mean": _Translation("mean", attributes={"dim": "axis", "keep_dim": "keepdim"}),
    "scale": _Translation("scale", ("X", "ScaleTensor")),
    "dropout": _Translation("dropout", attributes={"dropout_implementation": "mode", "dropout_prob": "p"}),
    "cast": _Translation("cast", attributes={"out_dtype": "dtype"}),
}
# Says nothing about what an operator computes.
_BOOKKEEPING: Final = {
    *("op_callstack", "op_device", "op_namescope", "op_role", "op_role_var", "with_quant_attr"),
    *("use_mkldnn", "use_onednn", "use_cudnn", "use_quantizer", "mkldnn_data_type", "mkldnn_data_type"),
}


def read_pdmodel(model: Path) -> Program:
    """Reads a ``.pdmodel`` program, and its parameters beside it; needs Paddle's static mode."""
    executor = paddle.static.Executor(paddle.CPUPlace())
    scope = paddle.static.Scope()
    with paddle.pir_utils.OldIrGuard(), paddle.static.scope_guard(scope):
        program, feeds, fetches = paddle.static.load_inference_model(str(model.with_suffix("")), executor)
        feed = only_one(feeds, "input")
        output = only_one([fetch.name for fetch in fetches], "output")
        block = program.global_block()
        constants = {
            name: np.array(scope.find_var(name).get_tensor()) for name, var in block.vars.items() if _is_parameter(var)
        }
        operators = [_operator(op) for op in block.ops if op.type not in ("feed", "fetch")]
        return Program(feed, image_dims(list(block.var(feed).shape), feed), operators, constants, output)


def _is_parameter(variable: Any) -> bool:
    return bool(variable.persistable) and variable.name not in ("feed", "fetch")


def _operator(op: Any) -> Operator:
    translation = _TRANSLATIONS.get(op.type, _Translation(op.type))
    attributes = {
        translation.attributes.get(key, key): value for key, value in op.all_attrs().items() if key not in _BOOKKEEPING
    }
    inputs = [name for slot in translation.inputs if slot in op.input_names for name in op.input(slot)]
    # An operator that is not in the table may call its result anything.
    slot = translation.output if translation.output in op.output_names else op.output_names[0]
    return Operator(translation.kind, tuple(inputs), op.output(slot)[0], attributes)
