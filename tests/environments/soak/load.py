"""Predictions from many short-lived threads: every answer right, and memory that does not grow."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from environments.soak.process import resident_kib
from hrnet_native import Classification, Predictor, QueueFullError

_PREDICTIONS_A_THREAD = 8


def make_images(count: int, largest: int, seed: int = 0) -> list[NDArray[np.uint8] | bytes]:
    """Smooth pictures of random sizes, arrays and JPEGs in turn."""
    generator = np.random.default_rng(seed)
    images: list[NDArray[np.uint8] | bytes] = []
    for index in range(count):
        height, width = generator.integers(8, largest, 2)
        coarse = generator.integers(0, 256, (4, 4, 3), np.uint8)
        picture = cv2.resize(coarse, (int(width), int(height)), interpolation=cv2.INTER_CUBIC)
        images.append(picture if index % 2 else cv2.imencode(".jpg", picture)[1].tobytes())
    return images


def same_answer(answer: Classification, expected: Classification) -> bool:
    """Whether scores agree within 1e-5, and the ranking does where scores differ by more than 2e-5."""
    scores = dict(zip(expected.class_ids, expected.scores))
    if set(answer.class_ids) != set(scores):
        return False
    ranked = [scores[class_id] for class_id in answer.class_ids]
    close = np.abs(np.subtract(answer.scores, ranked)).max() <= 1e-5
    return bool(close and all(first > second - 2e-5 for first, second in itertools.pairwise(ranked)))


def _classify(predictor: Predictor, image: Any, classes: int, submits: bool) -> Classification:
    if submits:
        with contextlib.suppress(QueueFullError):  # 64 threads fill any queue: then wait in predict
            return predictor.submit(image, top_k=classes).result(600)
    return predictor.predict(image, top_k=classes)


def soak(predictor: Predictor, predictions: int, threads: int, images: Sequence[Any]) -> list[tuple[int, float]]:
    """Returns how many predictions there had been, and resident KiB, after each wave of threads.

    Raises:
        AssertionError: An answer was wrong, or none came.
    """
    classes = predictor.num_classes
    expected = [predictor.predict(image, top_k=classes) for image in images]
    failures: list[str] = []

    def classify(first: int) -> None:
        for number in range(first, first + _PREDICTIONS_A_THREAD):
            index = number * 7 % len(images)
            try:
                answer = _classify(predictor, images[index], classes, number % 3 == 0)
            except Exception as error:
                failures.append(repr(error))
            else:
                if not same_answer(answer, expected[index]):
                    failures.append(f"image {index}: {answer} is not {expected[index]}")

    wave = threads * _PREDICTIONS_A_THREAD
    memory = []
    for first in range(0, predictions, wave):
        callers = [threading.Thread(target=classify, args=(first + t * _PREDICTIONS_A_THREAD,)) for t in range(threads)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        memory.append((first + wave, resident_kib()))
    assert not failures, f"{len(failures)} predictions failed, the first: {failures[0]}"
    return memory


def slope_after(warmup: int, memory: list[tuple[int, float]]) -> float:
    """KiB a prediction, after the first `warmup` predictions."""
    done, resident = np.array([point for point in memory if point[0] > warmup]).T
    return float(np.polyfit(done, resident, 1)[0])
