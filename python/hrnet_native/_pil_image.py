"""Pixels of PIL images, as decoding gives those of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hrnet_native.errors import InvalidArgumentError, InvalidImageError

if TYPE_CHECKING:
    from PIL import Image

    Background = tuple[int, int, int] | list[int]

_WITHOUT_RANGE = ("I", "F")


def pixels(image: Image.Image, background: Background | None) -> NDArray[np.uint8]:
    """Returns an (H, W, 3) RGB array. Transparent pixels are laid over ``background``; None drops alpha.

    Raises:
        InvalidArgumentError: The image's mode says nothing about the range of its values, or has no colours.
        InvalidImageError: Its file, which Pillow reads when pixels are asked for, is damaged.
    """
    if image.mode in _WITHOUT_RANGE:
        raise InvalidArgumentError(f"a PIL image of mode {image.mode} has no range of values: convert it to L or RGB")
    try:
        image.load()
    except (OSError, SyntaxError) as error:
        raise InvalidImageError(f"the PIL image cannot be read: {error}") from error
    if image.mode.startswith("I;16"):
        return _repeated((np.asarray(image) >> 8).astype(np.uint8))
    if _has_alpha(image):
        return _without_alpha(np.asarray(image.convert("RGBA")), background)
    try:
        return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    except ValueError as error:
        raise InvalidArgumentError(f"a PIL image of mode {image.mode} cannot be converted: {error}") from error


def _has_alpha(image: Image.Image) -> bool:
    return (bool({"A", "a"} & set(image.getbands())) and image.mode != "LAB") or "transparency" in image.info


def _repeated(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _without_alpha(rgba: NDArray[np.uint8], background: Background | None) -> NDArray[np.uint8]:
    if background is None:
        return np.ascontiguousarray(rgba[:, :, :3])
    alpha = rgba[:, :, 3:].astype(np.uint16)
    blended = rgba[:, :, :3] * alpha + np.array(background, np.uint16) * (255 - alpha)
    return ((blended + 127) // 255).astype(np.uint8)
