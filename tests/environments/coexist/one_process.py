"""Imports libraries in the order of the arguments, uses each, and prints what hrnet_native answered.

``one_process.py BACKEND MODEL IMAGE ONNX LIBRARY...``: every library works before and after all are imported, and the
process must end by itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np

BACKEND, MODEL, IMAGE, ONNX = sys.argv[1:5]
ONES = np.ones((2, 3, 8, 8), np.float32)
DOUBLED = 2 * ONES


def use_hrnet_native() -> Callable[[], bool]:
    import hrnet_native

    predictor = hrnet_native.Predictor(MODEL, backend=BACKEND, num_threads=2)
    first = predictor.predict(IMAGE)
    print(json.dumps(first.to_dict()))
    return lambda: predictor.predict(IMAGE) == first


def use_torch() -> Callable[[], bool]:
    import torch

    kernel = torch.zeros(3, 3, 3, 3)
    kernel[range(3), range(3), 1, 1] = 2
    return lambda: bool((torch.conv2d(torch.from_numpy(ONES), kernel, padding=1).numpy() == DOUBLED).all())


def use_onnxruntime() -> Callable[[], bool]:
    import onnxruntime

    session = onnxruntime.InferenceSession(ONNX, providers=["CPUExecutionProvider"])
    return lambda: bool((session.run(None, {"x": ONES})[0] == DOUBLED).all())


def use_cv2() -> Callable[[], bool]:
    import cv2

    return lambda: cv2.imread(IMAGE) is not None and bool((cv2.resize(DOUBLED[0, 0], (16, 16)) == 2).all())


def use_paddle() -> Callable[[], bool]:
    import paddle

    kernel = paddle.zeros([3, 3, 3, 3])
    for channel in range(3):
        kernel[channel, channel, 1, 1] = 2
    convolve = paddle.nn.functional.conv2d
    return lambda: bool((convolve(paddle.to_tensor(ONES), kernel, padding=1).numpy() == DOUBLED).all())


def main() -> None:
    checks = {}
    for library in sys.argv[5:]:
        checks[library] = globals()[f"use_{library}"]()
        assert checks[library](), f"{library} is wrong after its import"
    for library, check in checks.items():
        assert check(), f"{library} is wrong after all imports"


main()
