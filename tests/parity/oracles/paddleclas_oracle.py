"""Runs PaddleClas's own HRNet: statistics that calibrate its batch norms, and its logits.

Only its model file is wanted, so the packages around it are entered without running their ``__init__``, which would
import all of PaddleClas's training stack.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import paddle
from numpy.typing import NDArray

from parity.oracles import golden
from support.seeded_weights import ORACLE_MODELS, norm_names, seeded_input, seeded_layer, seeded_weights

_PACKAGES = ("", ".ppcls", ".ppcls.utils", ".ppcls.arch", ".ppcls.arch.backbone", ".ppcls.arch.backbone.base")
_MODELS = ".ppcls.arch.backbone.legendary_models"


def _hrnet() -> types.ModuleType:
    spec = importlib.util.find_spec("paddleclas")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    root = Path(spec.submodule_search_locations[0])
    for package in (*_PACKAGES, _MODELS):
        module = types.ModuleType(f"paddleclas{package}")
        module.__path__ = [str(root.joinpath(*package.split(".")))]
        sys.modules[module.__name__] = module
        parent, _, name = module.__name__.rpartition(".")
        if parent:
            setattr(sys.modules[parent], name, module)
    importlib.import_module("paddleclas.ppcls.utils.logger").init_logger()
    return importlib.import_module(f"paddleclas{_MODELS}.hrnet")


def _calibrated(model: paddle.nn.Layer, name: str) -> dict[str, tuple[float, float]]:
    """Gives every batch norm the statistics of what reaches it, one after the other, in one pass."""
    found: dict[str, tuple[float, float]] = {}
    layers = {layer_name: layer for layer_name, layer in model.named_sublayers() if layer_name.endswith(".bn")}

    def calibrate(layer_name: str, images: paddle.Tensor) -> None:
        values = images.numpy().astype(np.float64)
        # Rounded as they are stored.
        found[layer_name] = (float(np.float32(values.mean())), float(np.float32(values.var())))
        tensors = seeded_layer(name, layer_name, found[layer_name])
        layers[layer_name]._mean.set_value(tensors["_mean"])
        layers[layer_name]._variance.set_value(tensors["_variance"])

    hooks = [
        layer.register_forward_pre_hook(lambda _, inputs, layer_name=layer_name: calibrate(layer_name, inputs[0]))
        for layer_name, layer in layers.items()
    ]
    model(paddle.to_tensor(seeded_input()))
    for hook in hooks:
        hook.remove()
    return found


def _answers(hrnet: types.ModuleType, name: str) -> dict[str, NDArray[np.generic]]:
    width, has_se = ORACLE_MODELS[name]
    model = hrnet.HRNet(width=width, has_se=has_se, stages_pattern=["st4"])
    model.eval()
    plain = seeded_weights(name, lambda _: (0.0, 1.0))
    assert list(model.state_dict()) == list(plain)
    model.set_state_dict({key: paddle.to_tensor(tensor) for key, tensor in plain.items()})
    statistics = _calibrated(model, name)
    logits = model(paddle.to_tensor(seeded_input())).numpy()[0]
    return {"statistics": np.array([statistics[layer] for layer in norm_names(name)], np.float32), "logits": logits}


def main() -> None:
    write = golden.must_write(__doc__ or "")
    hrnet = _hrnet()
    with paddle.no_grad():
        for name in ORACLE_MODELS:
            golden.settle(f"{name}.paddleclas", _answers(hrnet, name), write=write)


if __name__ == "__main__":
    main()
