"""Accuracy through the core: the same decoding, preprocessing and engine as in production."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from hrnet_native import Classification, Predictor
from hrnet_native.data.folder import LabelledImage
from hrnet_native.errors import InvalidArgumentError


@dataclasses.dataclass(frozen=True)
class Accuracy:
    """Shares of images, 0 to 1; one that could not be served counts as wrong.

    Attributes:
        num_images: All images.
        top1: The first class was right.
        top5: The right class was among the first five.
        class_top1: Top-1 of each class that has images.
        failures: Images that could not be served, with the reason.
    """

    num_images: int
    top1: float
    top5: float
    class_top1: dict[str, float]
    failures: list[tuple[Path, Exception]]

    @property
    def mean_class_top1(self) -> float:
        """Mean of the classes' top-1, each class counting the same."""
        return sum(self.class_top1.values()) / len(self.class_top1)

    def to_dict(self) -> dict[str, Any]:
        """Returns the numbers as plain data."""
        return {
            "num_images": self.num_images,
            "num_failures": len(self.failures),
            "top1": self.top1,
            "top5": self.top5,
            "mean_class_top1": self.mean_class_top1,
            "class_top1": self.class_top1,
        }


def evaluate(predictor: Predictor, samples: Sequence[LabelledImage], batch_size: int = 32) -> Accuracy:
    """Classifies every sample and counts. Labels are indices into the model's outputs.

    Raises:
        InvalidArgumentError: There are no samples.
    """
    if not samples:
        raise InvalidArgumentError("there are no samples to evaluate, expected at least one")
    total: Counter[int] = Counter(label for _, label in samples)
    first: Counter[int] = Counter()
    five = 0
    failures: list[tuple[Path, Exception]] = []
    with tqdm(total=len(samples), unit="image", disable=None) as progress:
        for begin in range(0, len(samples), batch_size):
            piece = samples[begin : begin + batch_size]
            results = predictor.predict([path for path, _ in piece], top_k=5, on_error="return")
            for (path, label), result in zip(piece, results):
                if not isinstance(result, Classification):
                    failures.append((path, result))
                    continue
                first[label] += result.class_ids[0] == label
                five += label in result.class_ids
            progress.update(len(piece))
    names = predictor.label_names
    return Accuracy(
        num_images=len(samples),
        top1=first.total() / len(samples),
        top5=five / len(samples),
        class_top1={
            names[label] if names else str(label): first[label] / count for label, count in sorted(total.items())
        },
        failures=failures,
    )
