"""Exponential moving average of a model's weights and batch-norm statistics."""

from __future__ import annotations

import paddle
from paddle import nn


class Ema:
    """Averages the state of a model; young averages move faster, so that random weights are forgotten."""

    def __init__(self, model: nn.Layer, decay: float) -> None:
        self.decay = decay
        self.step = 0
        self._average = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}

    @paddle.no_grad()  # type: ignore[untyped-decorator]
    def update(self, model: nn.Layer) -> None:
        """Moves the average towards the model's present state."""
        self.step += 1
        decay = min(self.decay, (1 + self.step) / (10 + self.step))
        for name, tensor in model.state_dict().items():
            average = self._average[name]
            average.scale_(decay)
            average.add_(tensor.detach() * (1 - decay))

    def state_dict(self) -> dict[str, paddle.Tensor]:
        """The averaged tensors under the model's names."""
        return self._average

    def load(self, state: dict[str, paddle.Tensor], step: int) -> None:
        """Takes over a saved average."""
        for name, tensor in state.items():
            paddle.assign(tensor, self._average[name])
        self.step = step
