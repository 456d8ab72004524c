"""Training and test images as normalised tensors."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from paddle.io import Dataset

from hrnet_native.data.folder import LabelledImage
from hrnet_native.training.augment import augment
from hrnet_native.training.config import TrainConfig


class ImageDataset(Dataset):
    """Files read when asked for: ``(3, input_size, input_size)`` float32 and the label.

    With ``training`` every image is augmented by a generator seeded with (seed, epoch, index): the same run gives the
    same pixels whatever the number of processes, also after it was resumed.
    """

    def __init__(self, samples: list[LabelledImage], config: TrainConfig, *, training: bool) -> None:
        super().__init__()
        self.samples = samples
        self.config = config
        self.training = training
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], np.int64]:
        path, label = self.samples[index]
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
        bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        if bgr is None:
            raise ValueError(f"{str(path)!r} is not an image")
        image = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        if self.training:
            rng = np.random.default_rng((self.config.seed, self.epoch, index))
            image = augment(image, self.config, rng)
        else:
            image = centre_crop(image, self.config.input_size)
        return normalise(image, self.config), np.int64(label)


def centre_crop(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resizes the shorter side to ``size`` as prediction does, and keeps the central square."""
    height, width = image.shape[:2]
    scale = size / min(height, width)
    resized = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_LINEAR)
    height, width = resized.shape[:2]
    top, left = (height - size) // 2, (width - size) // 2
    return np.asarray(resized[top : top + size, left : left + size])


def normalise(image: NDArray[np.uint8], config: TrainConfig) -> NDArray[np.float32]:
    """(H, W, 3) uint8 to (3, H, W) float32 with the configured mean and standard deviation."""
    mean, std = np.array(config.mean, np.float32), np.array(config.std, np.float32)
    pixels = (image.astype(np.float32) * np.float32(1.0 / 255.0) - mean) / std
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)
