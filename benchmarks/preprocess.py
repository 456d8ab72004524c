"""Preprocessing against PaddleClas's Python steps (cv2 and NumPy), on one thread, interleaved.

Prints medians and the median of the rounds' ratios, and checks that both give the same tensor.
Usage: python benchmarks/preprocess.py [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hrnet_native import imaging

SIZE = (500, 375)
MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 1, 3)
STD = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 1, 3)
SCALE = np.float32(1.0 / 255.0)
REPETITIONS = 20  # of a measurement, so that the clock's resolution does not matter


def photographs() -> list[bytes]:
    """Real photographs that pinned packages ship, brought to 500x375 and stored as 4:2:0 JPEG."""
    encoded = []
    options = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, cv2.IMWRITE_JPEG_QUALITY, 92]
    for package, pattern in (("sklearn", "datasets/images/*.jpg"), ("skimage", "data/[acr]*.[jp][pn]g")):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            sys.exit(f"{package} is not installed: its photographs are needed")
        for path in sorted(Path(spec.origin).parent.glob(pattern)):
            image = cv2.imread(str(path))
            if min(image.shape[:2]) >= 300:
                resized = cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA)
                encoded.append(cv2.imencode(".jpg", resized, options)[1].tobytes())
    return encoded


def paddleclas(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """ResizeImage(resize_short=256), CropImage(224), NormalizeImage, ToCHWImage, and the batch's contiguous copy."""
    height, width = image.shape[:2]
    ratio = 256 / min(height, width)
    image = cv2.resize(image, (round(width * ratio), round(height * ratio)), interpolation=cv2.INTER_LINEAR)
    top, left = (image.shape[0] - 224) // 2, (image.shape[1] - 224) // 2
    image = image[top : top + 224, left : left + 224]
    return np.ascontiguousarray(((image.astype("float32") * SCALE - MEAN) / STD).transpose((2, 0, 1)))


def paddleclas_decode(encoded: bytes) -> NDArray[np.uint8]:
    """DecodeImage(to_rgb=True)."""
    return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def milliseconds(action: Callable[[], object]) -> float:
    """Mean time of one call."""
    start = time.perf_counter()
    for _ in range(REPETITIONS):
        action()
    return (time.perf_counter() - start) * 1000 / REPETITIONS


def compare(
    name: str, pairs: list[tuple[Callable[[], object], Callable[[], object]]], rounds: int
) -> dict[str, object]:
    """Measures ours and theirs in turn; every round goes over all images."""
    ours, theirs = [], []
    for _ in range(rounds):
        times = [(milliseconds(our), milliseconds(their)) for our, their in pairs]
        ours.append(statistics.mean(t for t, _ in times))
        theirs.append(statistics.mean(t for _, t in times))
    ratios = sorted(t / o for o, t in zip(ours, theirs))
    result = {
        "name": name,
        "ours_ms": statistics.median(ours),
        "paddleclas_ms": statistics.median(theirs),
        "ratio": statistics.median(ratios),
        "ratio_range": [ratios[0], ratios[-1]],
    }
    print(
        f"{name:28s} {result['ours_ms']:8.3f} ms {result['paddleclas_ms']:8.3f} ms "
        f"{result['ratio']:6.2f}x  ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)

    files = photographs()
    images = [imaging.decode(encoded) for encoded in files]
    for encoded, image in zip(files, images):
        np.testing.assert_array_equal(imaging.preprocess(image), paddleclas(paddleclas_decode(encoded)))
    print(f"{len(files)} photographs of {SIZE[0]}x{SIZE[1]}, 4:2:0; same tensors; {cpu()}")
    print(f"{'':28s} {'ours':>11s} {'PaddleClas':>11s}   ratio")
    results = [
        compare(
            "resize + crop + normalise",
            [(lambda i=i: imaging.preprocess(i), lambda i=i: paddleclas(i)) for i in images],
            arguments.rounds,
        ),
        compare(
            "decode",
            [(lambda e=e: imaging.decode(e), lambda e=e: paddleclas_decode(e)) for e in files],
            arguments.rounds,
        ),
        compare(
            "with decoding",
            [
                (lambda e=e: imaging.preprocess(imaging.decode(e)), lambda e=e: paddleclas(paddleclas_decode(e)))
                for e in files
            ],
            arguments.rounds,
        ),
    ]
    if arguments.json:
        arguments.json.write_text(json.dumps({"cpu": cpu(), "results": results}, indent=2) + "\n")


def cpu() -> str:
    """The processor's name."""
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
