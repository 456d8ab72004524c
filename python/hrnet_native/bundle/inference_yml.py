"""The model's configuration as data, in the form that PaddleClas and PaddleX write."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any, Final

import yaml

from hrnet_native._hash import sha256_of
from hrnet_native.bundle.whole_file import whole_file

_FILE: Final = "inference.yml"
_SEAL: Final = "# sha256 of the lines below: "  # for YAML a comment


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
    hashes = {path.name: sha256_of(path) for path in sorted(directory.iterdir()) if path.is_file()}
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
    dump_inference_yml(document, directory / _FILE)


def update_hash(path: Path) -> None:
    """Records the hash of a new file of a bundle; a directory whose ``inference.yml`` keeps none stays as it is."""
    config = path.parent / _FILE
    if not config.is_file():
        return
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    details = document.get("hrnet_native") if isinstance(document, dict) else None
    if isinstance(details, dict) and isinstance(details.get("sha256"), dict):
        details["sha256"][path.name] = sha256_of(path)
        with whole_file(config) as partial:
            dump_inference_yml(document, partial)


def dump_inference_yml(document: dict[str, Any], path: Path) -> None:
    """Writes a configuration with its own hash in the first line, which prediction checks where it checks others."""
    lines = yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()
    path.write_bytes(f"{_SEAL}{hashlib.sha256(lines).hexdigest()}\n".encode() + lines)
