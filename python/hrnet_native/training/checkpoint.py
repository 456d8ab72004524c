"""What a run needs to go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paddle
from paddle import nn

from hrnet_native.training.ema import Ema

_CHECKPOINT = "checkpoint.pdckpt"


def save_checkpoint(
    directory: Path, *, epoch: int, model: nn.Layer, optimizer: paddle.optimizer.Optimizer, ema: Ema
) -> None:
    """Writes the state after ``epoch`` finished epochs, replacing the previous one in a single step."""
    partial = directory / (_CHECKPOINT + ".partial")
    state = {
        "epoch": epoch,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "ema": ema.state_dict(),
        "ema_step": ema.step,
    }
    paddle.save(state, str(partial))
    partial.replace(directory / _CHECKPOINT)


def load_checkpoint(directory: Path, *, model: nn.Layer, optimizer: paddle.optimizer.Optimizer, ema: Ema) -> int:
    """Restores the state in ``directory``, if there is one; returns the number of finished epochs."""
    path = directory / _CHECKPOINT
    if not path.exists():
        return 0
    state: dict[str, Any] = paddle.load(str(path))
    model.set_state_dict(state["model"])
    optimizer.set_state_dict(state["optimizer"])
    ema.load(state["ema"], state["ema_step"])
    return int(state["epoch"])
