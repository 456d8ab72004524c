"""Random changes to training images, on (H, W, 3) uint8 RGB arrays."""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from hrnet_native.training.config import TrainConfig

Image = NDArray[np.uint8]

# Small training images are enlarged while users' photographs are reduced, without anti-aliasing: mixing interpolations
# keeps the network from relying on the smoothness of either.
_INTERPOLATIONS: Final = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA, cv2.INTER_NEAREST)
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)


def augment(image: Image, config: TrainConfig, rng: np.random.Generator) -> Image:
    """Returns a randomly cropped, flipped, coloured and degraded version of ``input_size``."""
    out = random_resized_crop(image, config.input_size, config.crop_area, rng)
    if rng.random() < 0.5:
        out = np.ascontiguousarray(out[:, ::-1])
    if config.jitter:
        out = jitter_colors(out, config.jitter, rng)
    if config.degrade:
        out = degrade(out, config.degrade, rng)
    return out


def random_resized_crop(image: Image, size: int, area: tuple[float, float], rng: np.random.Generator) -> Image:
    """Crops a random share of the area at an aspect ratio of 3/4 to 4/3, and resizes it to a square."""
    height, width = image.shape[:2]
    share = rng.uniform(*area) * height * width
    ratio = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
    crop_h = min(height, max(1, round(math.sqrt(share / ratio))))
    crop_w = min(width, max(1, round(math.sqrt(share * ratio))))
    top = rng.integers(height - crop_h + 1)
    left = rng.integers(width - crop_w + 1)
    interpolation = _INTERPOLATIONS[rng.integers(len(_INTERPOLATIONS))]
    crop = image[top : top + crop_h, left : left + crop_w]
    return np.asarray(cv2.resize(crop, (size, size), interpolation=interpolation))


def jitter_colors(image: Image, strength: float, rng: np.random.Generator) -> Image:
    """Scales brightness, contrast and saturation by up to ``1 +- strength`` each."""
    brightness, contrast, saturation = rng.uniform(1 - strength, 1 + strength, 3).astype(np.float32)
    pixels = image.astype(np.float32) * brightness
    luma = (pixels @ _LUMA)[..., None]
    pixels = luma + (pixels - luma) * saturation
    mean = luma.mean()
    return to_pixels(mean + (pixels - mean) * contrast)


def degrade(image: Image, probability: float, rng: np.random.Generator) -> Image:
    """Blurs, adds noise, and compresses as JPEG, each with the given probability."""
    if rng.random() < probability:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    if rng.random() < probability:
        noise = rng.normal(0, rng.uniform(2, 12), image.shape)
        image = to_pixels(image + noise)
    if rng.random() < probability:
        _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
        image = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    return image


def to_pixels(values: NDArray[Any]) -> Image:
    """Clips to 0..255 and cuts the fraction."""
    pixels: Image = np.clip(values, 0, 255).astype(np.uint8)
    return pixels
