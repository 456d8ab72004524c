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
        truncated: A part of the image was missing; only with the predictor's ``allow_truncated``.
    """

    class_ids: tuple[int, ...]
    scores: tuple[float, ...]
    label_names: tuple[str, ...]
    truncated: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns the tuples as lists under PaddleClas's keys, and ``truncated`` if it is true."""
        result: dict[str, Any] = {
            "class_ids": list(self.class_ids),
            "scores": list(self.scores),
            "label_names": list(self.label_names),
        }
        return {**result, "truncated": True} if self.truncated else result
