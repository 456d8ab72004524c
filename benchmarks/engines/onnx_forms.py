"""Runs in the environment `onnx`: a bundle to two ONNX files that differ in how they write nearest up-sampling.

Usage: python -m engines.onnx_forms BUNDLE FOLDER

FOLDER/reshape.onnx has what this project exports (Reshape, Expand, Reshape), FOLDER/resize.onnx the operator Resize.
Which one an engine runs faster differs from engine to engine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

_OPSET = 13


def convert(bundle: Path, folder: Path) -> None:
    """Writes both files."""
    raw = folder / "paddle2onnx.onnx"
    subprocess.run(
        [
            Path(sys.executable).with_name("paddle2onnx"),
            *("--model_dir", bundle, "--model_filename", "inference.json", "--params_filename", "inference.pdiparams"),
            *("--save_file", raw, "--opset_version", str(_OPSET)),
        ],
        check=True,
    )  # says success where it failed: reading the file is the check
    for form, replace in (("reshape", _constant_expand), ("resize", _resize)):
        model = onnx.load(raw)
        _rewrite_upsampling(model.graph, replace)
        onnx.checker.check_model(model)
        onnx.save(model, folder / f"{form}.onnx")
    raw.unlink()


def _rewrite_upsampling(graph: onnx.GraphProto, replace) -> None:
    """Replaces each Reshape, Shape, Max, Expand, Reshape (all of them one up-sampling) by what `replace` gives."""
    maker = {output: node for node in graph.node for output in node.output}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for expand in [node for node in graph.node if node.op_type == "Expand"]:
        split = maker[expand.input[0]]
        largest = maker[expand.input[1]]
        shape = next(maker[name] for name in largest.input if name in maker)
        merge = next(node for node in graph.node if expand.output[0] in node.input)
        _, _, _, factor, _, _ = next(numpy_helper.to_array(constants[n]) for n in largest.input if n in constants)
        replaced = [split, shape, largest, expand, merge]
        nodes, tensors = replace(split, merge, int(factor))
        position = list(graph.node).index(split)
        for node in replaced:
            graph.node.remove(node)
        for node in reversed(nodes):
            graph.node.insert(position, node)
        graph.initializer.extend(tensors)
    used = {name for node in graph.node for name in node.input}
    for index in reversed(range(len(graph.initializer))):
        if graph.initializer[index].name not in used:
            del graph.initializer[index]


def _constant_expand(split: onnx.NodeProto, merge: onnx.NodeProto, factor: int):
    """The same three operators, with the factor as a constant: paddle2onnx computes it from the shape at run time."""
    name = f"{split.output[0]}.expand"
    sizes = numpy_helper.from_array(np.array([1, 1, 1, factor, 1, factor], np.int64), f"{name}.sizes")
    expand = onnx.helper.make_node("Expand", [split.output[0], sizes.name], [name])
    merged = onnx.helper.make_node("Reshape", [name, merge.input[1]], merge.output)
    kept = onnx.helper.make_node("Reshape", split.input, split.output)
    return [kept, expand, merged], [sizes]


def _resize(split: onnx.NodeProto, merge: onnx.NodeProto, factor: int):
    name = f"{split.output[0]}.scales"
    scales = numpy_helper.from_array(np.array([1, 1, factor, factor], np.float32), name)
    options = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return [onnx.helper.make_node("Resize", [split.input[0], "", name], merge.output, **options)], [scales]


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
