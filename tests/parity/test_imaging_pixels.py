"""The core's pixels are OpenCV's, and its tensors NumPy's, to the last bit."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hrnet_native import imaging

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def opencv_decode(encoded: bytes) -> NDArray[np.uint8]:
    return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def paddleclas_preprocess(image: NDArray[np.uint8], resize_short: int, crop: int) -> NDArray[np.float32]:
    """PaddleClas's steps: ResizeImage, CropImage, NormalizeImage, ToCHWImage."""
    height, width = image.shape[:2]
    ratio = resize_short / min(height, width)
    resized = cv2.resize(np.ascontiguousarray(image), (round(width * ratio), round(height * ratio)))
    top, left = (resized.shape[0] - crop) // 2, (resized.shape[1] - crop) // 2
    cropped = resized[top : top + crop, left : left + crop]
    return ((cropped.astype(np.float32) * np.float32(1 / 255.0) - MEAN) / STD).transpose(2, 0, 1)


def test_photographs_decode_to_opencvs_pixels(photographs: list[Path]) -> None:
    for path in photographs:
        encoded = path.read_bytes()
        np.testing.assert_array_equal(imaging.decode(encoded), opencv_decode(encoded), str(path))


@pytest.mark.parametrize("sampling", ["411", "420", "422", "440", "444"])
@pytest.mark.parametrize("progressive", [0, 1])
def test_every_chroma_sampling(photographs: list[Path], sampling: str, progressive: int) -> None:
    factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{sampling}")
    image = cv2.imread(str(photographs[0]))
    for height, width in ((300, 451), (17, 33), (1, 1), (8, 8)):
        options = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive]
        encoded = cv2.imencode(".jpg", image[:height, :width], options)[1].tobytes()
        np.testing.assert_array_equal(imaging.decode(encoded), opencv_decode(encoded))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_png_depth(channels: int, dtype: type) -> None:
    rng = np.random.default_rng(channels)
    pixels = rng.integers(np.iinfo(dtype).max + 1, size=(23, 31, channels)).astype(dtype)
    encoded = cv2.imencode(".png", pixels)[1].tobytes()
    np.testing.assert_array_equal(imaging.decode(encoded), opencv_decode(encoded))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(cat: Path, orientation: int) -> None:
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    payload = b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, 1) + entry + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
    jpeg = cat.read_bytes()
    encoded = jpeg[:2] + segment + jpeg[2:]
    upright = imaging.decode(encoded)
    np.testing.assert_array_equal(upright, opencv_decode(encoded))
    assert (upright.shape[0] > upright.shape[1]) == (orientation >= 5)


def test_preprocessing_equals_paddleclas_at_random_sizes(photographs: list[Path]) -> None:
    rng = np.random.default_rng(5)
    images = [imaging.decode(path.read_bytes()) for path in photographs]
    for _ in range(400):
        image = images[rng.integers(len(images))]
        height, width = rng.integers(1, min(image.shape[0], 500) + 1), rng.integers(1, min(image.shape[1], 500) + 1)
        resize_short = int(rng.choice([32, 64, 97, 256, min(height, width)]))
        if max(height, width) / min(height, width) * resize_short**2 > 4e6:
            continue  # OpenCV would resize all of what we crop
        crop = int(rng.integers(1, resize_short + 1))
        ours = imaging.preprocess(image[:height, :width], resize_short=resize_short, crop_size=(crop, crop))
        theirs = paddleclas_preprocess(image[:height, :width], resize_short, crop)
        np.testing.assert_array_equal(ours, theirs, f"{width}x{height}, {resize_short}, {crop}")


@pytest.mark.parametrize("source", [224, 112, 448, 896, 100])
def test_whole_number_ratios(source: int) -> None:
    image = np.random.default_rng(source).integers(256, size=(source, source, 3), dtype=np.uint8)
    ours = imaging.preprocess(image, resize_short=224, crop_size=(224, 224))
    np.testing.assert_array_equal(ours, paddleclas_preprocess(image, 224, 224))


def test_resize_to_a_size() -> None:
    image = np.random.default_rng(0).integers(256, size=(50, 90, 3), dtype=np.uint8)
    ours = imaging.preprocess(image, resize_short=None, crop_size=(32, 64), scale=1, mean=[0, 0, 0], std=[1, 1, 1])
    np.testing.assert_array_equal(ours.transpose(1, 2, 0), cv2.resize(image, (64, 32)))


def test_training_and_prediction_share_their_pixels(photographs: list[Path]) -> None:
    from hrnet_native.data.folder import LabelledImage
    from hrnet_native.training.config import TrainConfig
    from hrnet_native.training.dataset import ImageDataset

    config = TrainConfig(arch="HRNet_W18_C", data=Path(), output_dir=Path(), input_size=64)
    dataset = ImageDataset([LabelledImage(path, 0) for path in photographs], config, training=False)
    for path, (pixels, _) in zip(photographs, (dataset[i] for i in range(len(dataset)))):
        ours = imaging.preprocess(imaging.decode(path.read_bytes()), resize_short=64, crop_size=(64, 64))
        np.testing.assert_array_equal(ours, pixels, str(path))


def test_given_photographs_decode_to_opencvs_pixels(test_data: Path) -> None:
    paths = [path for folder in ("imagenet_photos_125", "exif_orientation") for path in (test_data / folder).rglob("*")]
    images = [path for path in paths if path.suffix.lower() in {".jpg", ".jpeg"} and not path.name.startswith("._")]
    assert len(images) >= 125
    for path in images:
        encoded = path.read_bytes()
        decoded = imaging.decode(encoded)
        np.testing.assert_array_equal(decoded, opencv_decode(encoded), str(path))
        np.testing.assert_array_equal(imaging.preprocess(decoded), paddleclas_preprocess(decoded, 256, 224), str(path))
