"""The answer for one image."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Classification:
    """The top classes of one image, best first; the three tuples run in parallel.

    Attributes:
        class_ids: Indices into the model's outputs.
        scores: Probabilities, 0 to 1, descending; equal ones by ascending class id.
        label_names: The classes' names; empty where the model has none.
    """

    class_ids: tuple[int, ...]
    scores: tuple[float, ...]
    label_names: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns the three as lists under PaddleClas's keys: ``class_ids``, ``scores``, ``label_names``."""
        return {key: list(value) for key, value in dataclasses.asdict(self).items()}
