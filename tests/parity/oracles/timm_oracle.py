"""Runs timm's HRNet on the same weights: its names, its logits, and the maps of its ``stages()``.

The weights find their places by the order of both state dicts, without this project's table of names, which the
answers are meant to test. timm imports torchvision for image transforms that are not used here; the torchvision that
fits the smallest torch build is not to be had, so empty modules stand for it.
"""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from parity.oracles import golden
from support.seeded_weights import ORACLE_MODELS, norm_names, seeded_input, seeded_weights


class _AnyName(type):
    def __getattr__(cls, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class _Empty(types.ModuleType):
    __path__: list[str] = []  # noqa: RUF012 (what makes a module a package)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return sys.modules.get(f"{self.__name__}.{name}") or _AnyName(name, (), {})


_UNUSED = "ops ops.misc transforms transforms.functional datasets datasets.folder models models.feature_extraction"
for _name in ("torchvision", *(f"torchvision.{module}" for module in _UNUSED.split())):
    sys.modules[_name] = _Empty(_name)

import timm  # noqa: E402

# The published widths; timm has neither W60 nor squeeze-and-excitation.
MODELS = {name: f"hrnet_w{width}" for name, (width, has_se) in ORACLE_MODELS.items() if width != 60 and not has_se}


def _state_dict(model: torch.nn.Module, ours: dict[str, NDArray[np.float32]]) -> dict[str, torch.Tensor]:
    """In timm's order; its head's biases are random, and the means behind them are shifted alike."""
    random = np.random.default_rng(3)
    tensors = iter(ours.values())
    result: dict[str, torch.Tensor] = {}
    bias = None
    for name, old in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            result[name] = old
        elif name.endswith(".0.bias"):
            bias = random.standard_normal(old.shape, np.float32)
            result[name] = torch.from_numpy(bias)
        else:
            tensor = next(tensors)
            if name == "classifier.weight":
                tensor = np.ascontiguousarray(tensor.T)
            if name.endswith("running_mean") and bias is not None:
                tensor, bias = tensor + bias, None
            assert tensor.shape == tuple(old.shape), name
            result[name] = torch.from_numpy(tensor)
    return result


def _answers(name: str) -> dict[str, NDArray[np.generic]]:
    with np.load(golden.FOLDER / f"{name}.paddleclas.npz") as stored:
        statistics = dict(zip(norm_names(name), stored["statistics"].tolist()))
    model = timm.create_model(MODELS[name]).eval()
    state = _state_dict(model, seeded_weights(name, lambda layer: tuple(statistics[layer])))
    model.load_state_dict(state)
    images = torch.from_numpy(seeded_input())
    stem = model.act2(model.bn2(model.conv2(model.act1(model.bn1(model.conv1(images))))))
    maps = {f"map{i}": stage.numpy()[0] for i, stage in enumerate(model.stages(stem))}
    names = [f"{key} {tuple(tensor.shape)}" for key, tensor in model.state_dict().items()]
    return {"logits": model(images).numpy()[0], "names": np.array(names), **maps}


def main() -> None:
    write = golden.must_write(__doc__ or "")
    with torch.no_grad():
        for name in MODELS:
            golden.settle(f"{name}.timm", _answers(name), write=write)


if __name__ == "__main__":
    main()
