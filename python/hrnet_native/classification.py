"""The answer for one image."""

from __future__ import annotations

import dataclasses
from typing import Any

_MOST_IN_REPR = 5


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
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

    def __repr__(self) -> str:
        """The classes side by side with their scores: ``<Classification: 281 'tabby' 0.8412, ...>``."""
        names = [f" {name!r}" for name in self.label_names] or [""] * len(self.class_ids)
        best = [f"{i}{name} {score:.4f}" for i, name, score in zip(self.class_ids, names, self.scores)]
        more = len(best) - _MOST_IN_REPR
        shown = ", ".join(best[:_MOST_IN_REPR]) + (f" and {more} more" if more > 0 else "")
        return f"<Classification: {shown}{'; truncated' if self.truncated else ''}>"

    def to_dict(self) -> dict[str, Any]:
        """Returns the tuples as lists under PaddleClas's keys, and ``truncated`` if it is true."""
        result: dict[str, Any] = {
            "class_ids": list(self.class_ids),
            "scores": list(self.scores),
            "label_names": list(self.label_names),
        }
        return {**result, "truncated": True} if self.truncated else result
