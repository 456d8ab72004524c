"""Every resize that PaddleClas's configurations can name gives the pixels of cv2 or Pillow."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import hrnet_native
from hrnet_native import imaging

CV2 = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
PIL = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
}
# Largest difference and largest share of values that differ. cv2 sums bicubic rows up in floats where it uses vectors
# and in whole numbers elsewhere, and computes Lanczos weights in floats; ours are whole numbers, and doubles.
DIFFERENCES = {("cv2", "bicubic"): (1, 0.05), ("cv2", "lanczos"): (1, 0.001)}
PRIMES = (1, 2, 3, 5, 7, 31, 97, 211)


def random_sizes(rng: np.random.Generator) -> tuple[int, int]:
    """1x1, 1xN, primes, extreme aspect ratios, and anything."""
    match rng.integers(4):
        case 0:
            return int(rng.integers(1, 4)), int(rng.integers(1, 400))
        case 1:
            return int(rng.integers(1, 400)), int(rng.integers(1, 4))
        case 2:
            return int(rng.choice(PRIMES)), int(rng.choice(PRIMES))
        case _:
            return int(rng.integers(1, 200)), int(rng.integers(1, 200))


def resized(image: NDArray[np.uint8], height: int, width: int, backend: str, interpolation: str) -> NDArray[np.float32]:
    return imaging.preprocess(
        image,
        resize_size=(height, width),
        crop_size=(height, width),
        backend=backend,
        interpolation=interpolation,
        scale=1,
        mean=[0, 0, 0],
        std=[1, 1, 1],
    ).transpose(1, 2, 0)


@pytest.mark.parametrize(
    ("backend", "interpolation"), [("cv2", name) for name in CV2] + [("pil", name) for name in PIL]
)
def test_random_sizes(backend: str, interpolation: str) -> None:
    rng = np.random.default_rng(7)
    most, share = DIFFERENCES.get((backend, interpolation), (0, 0))
    different = total = 0
    for _ in range(1000):
        (height, width), (to_height, to_width) = random_sizes(rng), random_sizes(rng)
        if rng.integers(3) == 0:  # whole-number ratios have code of their own in cv2
            factor = int(rng.integers(1, 5))
            height, width = to_height * factor, to_width * factor
        image = rng.integers(256, size=(height, width, 3), dtype=np.uint8)
        if backend == "cv2":
            theirs = cv2.resize(image, (to_width, to_height), interpolation=CV2[interpolation])
        else:
            theirs = np.asarray(Image.fromarray(image).resize((to_width, to_height), PIL[interpolation]))
        difference = np.abs(resized(image, to_height, to_width, backend, interpolation) - theirs)
        assert difference.max() <= most, f"{width}x{height} -> {to_width}x{to_height}"
        different += np.count_nonzero(difference)
        total += difference.size
    assert different <= share * total


@pytest.mark.parametrize("interpolation", ["area", "lanczos", "bicubic"])
def test_the_crop_is_the_whole_pictures(interpolation: str) -> None:
    rng = np.random.default_rng(8)
    for _ in range(100):
        height, width = rng.integers(1, 300, 2)
        image = rng.integers(256, size=(height, width, 3), dtype=np.uint8)
        backend = "cv2" if interpolation == "area" else str(rng.choice(["cv2", "pil"]))
        to_height, to_width = (int(x) for x in rng.integers(1, 120, 2))
        crop_height, crop_width = int(rng.integers(1, to_height + 1)), int(rng.integers(1, to_width + 1))
        whole = resized(image, to_height, to_width, backend, interpolation)
        top, left = (to_height - crop_height) // 2, (to_width - crop_width) // 2
        ours = imaging.preprocess(
            image,
            resize_size=(to_height, to_width),
            crop_size=(crop_height, crop_width),
            backend=backend,
            interpolation=interpolation,
        )
        cropped = whole[top : top + crop_height, left : left + crop_width]
        mean, std = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
        expected = (cropped * np.float32(1 / 255.0) - mean) / std
        np.testing.assert_array_equal(ours, expected.transpose(2, 0, 1))


def test_four_channels_are_three_and_zeros(photographs: list) -> None:
    image = imaging.decode(photographs[0].read_bytes())
    four = imaging.preprocess(image, channel_num=4)
    assert four.shape == (4, 224, 224)
    np.testing.assert_array_equal(four[:3], imaging.preprocess(image))
    assert not four[3].any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"interpolation": "box"}, "backend cv2 has no interpolation box"),
        ({"interpolation": "area", "backend": "pil"}, "backend pil has no interpolation area"),
        ({"interpolation": "cubic"}, "interpolation must be one of .*not 'cubic'"),
        ({"backend": "tf"}, "backend must be one of cv2, pil, not 'tf'"),
        ({"channel_num": 1}, "channel_num must be 3 or 4, not 1"),
        ({"crop_size": (0, 5)}, "crop_height must be 1 to 65536, not 0"),
        ({"resize_short": -3}, "resize_short must be 0 to 65536, not -3"),
        ({"std": (1, 0, 1)}, "std must be positive, not 0"),
        ({"scale": float("nan")}, "scale must be finite"),
        ({"resize_short": 64, "crop_size": (65, 64)}, "smaller than the crop of 64x65"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, object], words: str) -> None:
    with pytest.raises(hrnet_native.Error, match=words):
        imaging.preprocess(np.zeros((10, 10, 3), np.uint8), **options)
