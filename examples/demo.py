"""Classifies one photograph with the default model and shows where the time goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np  # also so that no stage below pays for its first import

import hrnet_native
from hrnet_native import imaging

PHOTOGRAPH = Path(__file__).parent / "cat.jpg"
TRUE_CLASS = "cat"

T = TypeVar("T")


def timed(stage: str, action: Callable[[], T]) -> T:
    """Runs a stage and prints how long it took."""
    start = time.perf_counter()
    result = action()
    print(f"  {stage:28s} {(time.perf_counter() - start) * 1000:9.2f} ms")
    return result


def main() -> int:
    """Returns 0 if the photograph is recognised."""
    encoded = PHOTOGRAPH.read_bytes()
    print("time of each stage")
    predictor = timed("load the model and warm up", hrnet_native.Predictor)
    with predictor:
        image = timed("decode", lambda: imaging.decode(encoded))
        tensor = timed("resize, crop, normalise", lambda: predictor.preprocess(image))
        timed("run the network", lambda: predictor.infer(tensor[np.newaxis]))
        best = timed("all of it, by predict()", lambda: predictor.predict(PHOTOGRAPH, top_k=1))
        print(f"backend      {predictor.backend}, {predictor.num_threads} threads")
    print(f"file         {PHOTOGRAPH.name}, {image.shape[1]}x{image.shape[0]} pixels")
    print(f"class        {best.label_names[0]}")
    print(f"score        {best.scores[0]:.4f}")
    print(f"true class   {TRUE_CLASS}")
    return 0 if best.label_names[0] == TRUE_CLASS else 1


if __name__ == "__main__":
    raise SystemExit(main())
