"""A training run as data: what a recipe's YAML file may say."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from hrnet_native._assignments import parse_assignments
from hrnet_native._suggest import did_you_mean
from hrnet_native.errors import InvalidArgumentError
from hrnet_native.family.table import SIZE_MULTIPLE


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """One field per key of the recipe.

    Attributes:
        arch: Architecture name, such as ``HRNet_W18_C``.
        arch_overrides: Fields of ``family.table.Architecture`` that replace the row's.
        data: Directory with ``train/CLASS/*`` and ``test/CLASS/*``.
        output_dir: Where checkpoints, the log and the final weights go.
        input_size: Height and width of the network's input, pixels, a multiple of 32.
        epochs: Passes over the training images.
        batch_size: Images per optimisation step, over all processes.
        num_processes: Data-parallel processes; on a CPU one per core is faster than threads.
        learning_rate: Peak of the cosine schedule.
        warmup_epochs: Epochs of linear warm-up to the peak.
        momentum: Nesterov momentum.
        weight_decay: L2 penalty of convolution and fully connected weights (not of biases and batch norms).
        label_smoothing: Share of the target spread over all classes.
        ema_decay: Decay per step of the averaged weights, which are the result of the run.
        crop_area: Smallest and largest share of the image's area that a random crop keeps.
        jitter: Largest relative change of brightness, contrast and saturation.
        degrade: Probability of each of blur, noise and JPEG compression.
        mean: Channel means (R, G, B) in units of the 0..1 pixel value.
        std: Channel standard deviations, likewise.
        seed: Seed of weights, order and augmentation.
        origin: A sentence on data and trainer that travels with the weights.
    """

    arch: str
    data: Path
    output_dir: Path
    arch_overrides: dict[str, Any] = dataclasses.field(default_factory=dict)
    input_size: int = 224
    epochs: int = 120
    batch_size: int = 256
    num_processes: int = 1
    learning_rate: float = 0.1
    warmup_epochs: float = 0.5
    momentum: float = 0.9
    weight_decay: float = 1e-4
    label_smoothing: float = 0.1
    ema_decay: float = 0.999
    crop_area: tuple[float, float] = (0.08, 1.0)
    jitter: float = 0.0
    degrade: float = 0.0
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    seed: int = 0
    origin: str = "trained with hrnet_native"

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", Path(self.data))
        object.__setattr__(self, "output_dir", Path(self.output_dir))
        for name in ("crop_area", "mean", "std"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.input_size <= 0 or self.input_size % SIZE_MULTIPLE:
            raise InvalidArgumentError(f"input_size must be a multiple of {SIZE_MULTIPLE}, not {self.input_size}")
        if self.num_processes < 1 or self.batch_size % self.num_processes:
            raise InvalidArgumentError(
                f"batch_size {self.batch_size} must be a multiple of num_processes {self.num_processes}"
            )
        if not 0 < self.crop_area[0] <= self.crop_area[1] <= 1:
            raise InvalidArgumentError(f"crop_area must be 0 < smallest <= largest <= 1, not {self.crop_area}")


def load_config(path: Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Reads a recipe; ``overrides`` are ``key=value`` strings whose values are YAML.

    Raises:
        InvalidArgumentError: A key is unknown, or a value is invalid.
    """
    try:
        values = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        raise InvalidArgumentError(f"{str(path)!r} is not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise InvalidArgumentError(f"{str(path)!r} must hold a mapping of keys to values")
    values |= parse_assignments(overrides)
    known = [field.name for field in dataclasses.fields(TrainConfig)]
    for key in values:
        if key not in known:
            raise InvalidArgumentError(f"unknown key {key!r} in the training configuration{did_you_mean(key, known)}")
    required = [
        f.name for f in dataclasses.fields(TrainConfig) if f.default is f.default_factory is dataclasses.MISSING
    ]
    missing = [key for key in required if key not in values]
    if missing:
        raise InvalidArgumentError(f"the training configuration lacks {', '.join(missing)}")
    return TrainConfig(**values)
