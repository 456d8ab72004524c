"""Folders of images: what is an image file, and what class it belongs to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

from hrnet_native.errors import InvalidArgumentError

IMAGE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


class LabelledImage(NamedTuple):
    """A file and the index of its class."""

    path: Path
    label: int


def list_images(root: Path) -> list[Path]:
    """Returns the image files below a directory, recursively, in a fixed order."""
    found: list[Path] = []
    for directory, subdirectories, names in os.walk(root):
        subdirectories.sort()
        found.extend(Path(directory, n) for n in sorted(names) if Path(n).suffix.lower() in IMAGE_SUFFIXES)
    return found


def class_folders(root: Path) -> list[str]:
    """Returns the names of a directory's subdirectories, sorted: one class each.

    Raises:
        InvalidArgumentError: ``root`` is no directory or has no subdirectory.
    """
    if not root.is_dir():
        raise InvalidArgumentError(f"{str(root)!r} is not a directory; expected one with a subdirectory per class")
    names = sorted(p.name for p in root.iterdir() if p.is_dir())
    if not names:
        raise InvalidArgumentError(f"{str(root)!r} has no subdirectories; expected one per class")
    return names


def list_labelled_images(root: Path, class_names: list[str]) -> list[LabelledImage]:
    """Returns the images of a class-per-folder directory; a class's label is its index in ``class_names``.

    Raises:
        InvalidArgumentError: A subdirectory is no class, or there is no image.
    """
    index = {name: i for i, name in enumerate(class_names)}
    samples: list[LabelledImage] = []
    for name in class_folders(root):
        if name not in index:
            known = ", ".join(class_names[:10]) + (", ..." if len(class_names) > 10 else "")
            raise InvalidArgumentError(
                f"folder {name!r} in {str(root)!r} is not one of the {len(class_names)} classes: {known}"
            )
        samples.extend(LabelledImage(path, index[name]) for path in list_images(root / name))
    if not samples:
        raise InvalidArgumentError(
            f"{str(root)!r} has no image with one of the suffixes {', '.join(sorted(IMAGE_SUFFIXES))}"
        )
    return samples
