"""The model's configuration as data, in the form that PaddleClas and PaddleX write."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any, Final

import yaml


@dataclasses.dataclass(frozen=True)
class Preprocessing:
    """What prediction does to a picture: shorter side to ``resize_short``, central crop, normalisation (RGB)."""

    resize_short: int
    crop_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


# Of all published models.
IMAGENET_PREPROCESSING: Final = Preprocessing(256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def write_inference_yml(
    directory: Path,
    *,
    model_name: str,
    preprocessing: Preprocessing,
    label_names: list[str] | None,
    top_k: int,
    details: dict[str, Any],
) -> None:
    """Writes ``inference.yml``; ``details`` is this project's own section, to which the files' hashes are added."""
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.iterdir())
        if path.is_file()
    }
    topk: dict[str, Any] = {"topk": top_k}
    if label_names:
        topk["label_list"] = label_names
    document = {
        "Global": {"model_name": model_name},
        "PreProcess": {
            "transform_ops": [
                {"ResizeImage": {"resize_short": preprocessing.resize_short}},
                {"CropImage": {"size": preprocessing.crop_size}},
                {
                    "NormalizeImage": {
                        "scale": "1.0/255.0",
                        "mean": list(preprocessing.mean),
                        "std": list(preprocessing.std),
                        "order": "",
                        "channel_num": 3,
                    }
                },
                {"ToCHWImage": None},
            ]
        },
        "PostProcess": {"Topk": topk},
        "hrnet_native": {"format_version": 1, "output": "probabilities", **details, "sha256": hashes},
    }
    with (directory / "inference.yml").open("w", encoding="utf-8") as stream:
        yaml.safe_dump(document, stream, sort_keys=False, allow_unicode=True)
