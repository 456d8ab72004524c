"""Decoding and preprocessing against what others would run.

PaddleClas's steps, Pillow as torchvision uses it, and simplejpeg with OpenCV. Interleaved; prints medians and ratios,
of the clock's time and of the processor's, which other work on the machine disturbs less, and checks the tensors.

Usage: python benchmarks/preprocess.py [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from hrnet_native import imaging

SIZES = {"500x375": (500, 375), "1080p": (1920, 1080), "12 MP": (4000, 3000)}
IMAGES = 4
MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 1, 3)
STD = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 1, 3)
SCALE = np.float32(1.0 / 255.0)
SECONDS = 0.1  # of a measurement, so that the clock's resolution does not matter

Tensor = NDArray[np.float32]
Step = Callable[[bytes], object]


class Result(NamedTuple):
    """Milliseconds of one image and their ratios to ours, one each a round."""

    size: str
    threads: int
    name: str
    ms: list[float]
    cpu_ms: list[float]
    ratios: list[float]
    cpu_ratios: list[float]


def photographs(size: tuple[int, int]) -> list[bytes]:
    """Real photographs that pinned packages ship, brought to a size and stored as 4:2:0 JPEG."""
    encoded = []
    options = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, cv2.IMWRITE_JPEG_QUALITY, 92]
    for package, pattern in (("sklearn", "datasets/images/*.jpg"), ("skimage", "data/[cr]*.[jp][pn]g")):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            sys.exit(f"{package} is not installed: its photographs are needed")
        for path in sorted(Path(spec.origin).parent.glob(pattern)):
            image = cv2.imread(str(path))
            if min(image.shape[:2]) >= 300:
                resized = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
                encoded.append(cv2.imencode(".jpg", resized, options)[1].tobytes())
    return encoded[:IMAGES]


def paddleclas(image: NDArray[np.uint8]) -> Tensor:
    """ResizeImage(resize_short=256), CropImage(224), NormalizeImage, ToCHWImage, and the batch's contiguous copy."""
    height, width = image.shape[:2]
    ratio = 256 / min(height, width)
    image = cv2.resize(image, (round(width * ratio), round(height * ratio)), interpolation=cv2.INTER_LINEAR)
    top, left = (image.shape[0] - 224) // 2, (image.shape[1] - 224) // 2
    image = image[top : top + 224, left : left + 224]
    return np.ascontiguousarray(((image.astype("float32") * SCALE - MEAN) / STD).transpose((2, 0, 1)))


def decode_paddleclas(encoded: bytes) -> NDArray[np.uint8]:
    """DecodeImage(to_rgb=True)."""
    return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def torchvision_style(encoded: bytes) -> Tensor:
    """Resize(256), CenterCrop(224), ToTensor, Normalize, as torchvision runs them on Pillow's images."""
    image = Image.open(io.BytesIO(encoded)).convert("RGB")
    ratio = 256 / min(image.size)
    width, height = int(image.width * ratio), int(image.height * ratio)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = round((width - 224) / 2), round((height - 224) / 2)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)))
    return (pixels.transpose(2, 0, 1).astype(np.float32) / 255 - MEAN.reshape(3, 1, 1)) / STD.reshape(3, 1, 1)


def simplejpeg_cv2(encoded: bytes) -> Tensor:
    """What a careful user writes: libjpeg-turbo directly, and cv2's own normalisation."""
    image = simplejpeg.decode_jpeg(encoded)
    height, width = image.shape[:2]
    ratio = 256 / min(height, width)
    image = cv2.resize(image, (round(width * ratio), round(height * ratio)))
    top, left = (image.shape[0] - 224) // 2, (image.shape[1] - 224) // 2
    blob = cv2.dnn.blobFromImage(
        image[top : top + 224, left : left + 224], 1 / 255.0, mean=(255 * MEAN).ravel().tolist()
    )
    blob /= STD.reshape(1, 3, 1, 1)
    return blob[0]


def ours(encoded: bytes) -> Tensor:
    return imaging.preprocess(imaging.decode(encoded))


def ours_fast_decode(encoded: bytes) -> Tensor:
    """What Predictor(fast_decode=True) does: never below twice the size after resizing."""
    return imaging.preprocess(imaging.decode(encoded, min_size=(512, 512)))


def milliseconds(step: Step, files: Sequence[bytes], threads: int) -> tuple[float, float]:
    """Mean time of one image, by the clock and of the processor."""
    done = 0
    start, cpu_start = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        while (spent := time.perf_counter() - start) < SECONDS or done == 0:
            if threads == 1:
                for encoded in files:
                    step(encoded)
            else:
                list(pool.map(step, files))
            done += len(files)
    cpu_spent = time.process_time() - cpu_start
    return spent * 1000 / done, cpu_spent * 1000 / done


def compare(size: str, threads: int, steps: dict[str, Step], files: list[bytes], rounds: int) -> list[Result]:
    """Measures all in turn; the first is the one that the ratios are of."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(milliseconds(step, files, threads))
    first = next(iter(steps))
    results: list[Result] = []
    for name, pairs in times.items():
        by_clock, by_cpu = (list(values) for values in zip(*pairs))
        ratios, cpu_ratios = (
            sorted(value / base for value, base in zip(values, bases))
            for values, bases in zip(zip(*pairs), zip(*times[first]))
        )
        print(
            f"{size:8s} {threads} thread{'s' if threads > 1 else ' '} {name:38s} {statistics.median(by_clock):8.3f} ms "
            f"{statistics.median(ratios):6.2f}x ({ratios[0]:.2f} to {ratios[-1]:.2f}), processor "
            f"{statistics.median(by_cpu):8.3f} ms "
            f"{statistics.median(cpu_ratios):6.2f}x ({cpu_ratios[0]:.2f} to {cpu_ratios[-1]:.2f})"
        )
        results.append(Result(size, threads, name, by_clock, by_cpu, ratios, cpu_ratios))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)

    print(f"{cpu()}; times of one image, medians; ratios to ours")
    results: list[Result] = []
    for size, sides in SIZES.items():
        files = photographs(sides)
        decoded = {encoded: imaging.decode(encoded) for encoded in files}
        reversed_bgr = {encoded: decode_paddleclas(encoded) for encoded in files}
        for encoded in files:
            np.testing.assert_array_equal(ours(encoded), paddleclas(decode_paddleclas(encoded)))
            np.testing.assert_allclose(ours(encoded), simplejpeg_cv2(encoded), atol=0.03)
        steps: list[dict[str, Step]] = [
            {
                "resize, crop, normalise: ours": lambda e, d=decoded: imaging.preprocess(d[e]),
                "resize, crop, normalise: PaddleClas": lambda e, d=reversed_bgr: paddleclas(d[e]),
            },
            {"decode: ours": imaging.decode, "decode: cv2": decode_paddleclas},
            {
                "all: ours": ours,
                "all: PaddleClas": lambda e: paddleclas(decode_paddleclas(e)),
                "all: Pillow, torchvision's steps": torchvision_style,
                "all: simplejpeg and cv2": simplejpeg_cv2,
            },
            {
                "fast_decode: ours": ours_fast_decode,
                "fast_decode: PaddleClas": lambda e: paddleclas(decode_paddleclas(e)),
            },
        ]
        for threads in (1, 2):
            for pair in steps:
                results += compare(size, threads, pair, files, arguments.rounds)
        least = {result.name: min(result.cpu_ms) for result in results if (result.size, result.threads) == (size, 1)}
        share = least["decode: ours"] / least["all: ours"]
        print(f"{size:8s} decoding takes {share:.0%} of ours: the rest could win {1 / share:.2f}x at most")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"cpu": cpu(), "results": [result._asdict() for result in results]}, indent=2) + "\n"
        )


def cpu() -> str:
    """The processor's name."""
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
