"""Giving a network its weights, strictly."""

from __future__ import annotations

from typing import Final

import numpy as np
import paddle
from numpy.typing import NDArray

from hrnet_native.errors import InvalidArgumentError
from hrnet_native.models.hrnet import HRNet
from hrnet_native.weights.conversion import convert
from hrnet_native.weights.naming import find_naming

# What a network of features only has not.
_HEAD: Final = ("last_cls.", "cls_head_conv_list.", "conv_last.", "fc.")


def load_into(model: HRNet, tensors: dict[str, NDArray[np.float32]]) -> None:
    """Gives a network its weights, in any naming; one of features only takes those of a classifier without its head.

    Raises:
        InvalidArgumentError: A tensor is missing, left over, or of another shape.
    """
    if find_naming(tensors) != "paddleclas":
        classes = model.num_classes
        tensors, _ = convert(tensors, model.architecture, num_classes=classes, in_channels=model.in_channels)
    if model.features_only:
        tensors = {name: array for name, array in tensors.items() if not name.startswith(_HEAD)}
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
