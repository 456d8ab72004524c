"""Calls that type checkers must accept, with what they give, and calls that they must refuse. Read by test_typing.py.

A line that ends in ``# wrong`` must be an error, every other must not.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from typing_extensions import assert_type

import hrnet_native
from hrnet_native import Classification, ImageLimits, Predictor, Stats, TensorRtOptions, imaging

frame: NDArray[np.uint8] = np.zeros((4, 4, 3), np.uint8)
opened = Image.open("a.png")
encoded = b"\xff\xd8"
names: Sequence[str] = ["a.jpg", "b.jpg"]
paths: list[Path] = [Path("a.jpg")]
mixed = ["a.jpg", b"bytes", Path("c.png"), frame, opened]

# The README's.
with hrnet_native.Predictor() as opened_predictor:
    best = opened_predictor.predict("examples/cat.jpg")
    print(best.label_names[0], best.scores[0])
    for either in opened_predictor.predict(["a.jpg", "b.jpg"], on_error="return"):
        assert_type(either, Classification | Exception)
    assert_type(opened_predictor, Predictor)

predictor = Predictor("models/w18", "cpu", backend="native", precision="fp32", num_threads=2, warmup=[1, 8])
assert_type(predictor, Predictor)
assert_type(Predictor(Path("models/w18"), image_limits=ImageLimits(max_side=100), background=(0, 0, 0)), Predictor)
assert_type(Predictor(device="gpu", backend="tensorrt", tensorrt=TensorRtOptions(build=False)), Predictor)
assert_type(Predictor.from_bytes(b"", b"", native=b"", num_threads=1), Predictor)

# One image.
assert_type(predictor.predict("a.jpg"), Classification)
assert_type(predictor.predict(Path("a.jpg"), top_k=3, timeout=0.5), Classification)
assert_type(predictor.predict(encoded), Classification)
assert_type(predictor.predict(memoryview(encoded)), Classification)
assert_type(predictor.predict(opened), Classification)

# Several.
assert_type(predictor.predict(["a.jpg", b"bytes"]), list[Classification])
assert_type(predictor.predict(("a.jpg", Path("b.jpg"))), list[Classification])
assert_type(predictor.predict(names), list[Classification])
assert_type(predictor.predict(paths), list[Classification])
assert_type(predictor.predict([frame, frame[::-1]], color="bgr"), list[Classification])
assert_type(predictor.predict([opened, frame]), list[Classification])
assert_type(predictor.predict(names, on_error="return"), list[Classification | Exception])

# An array's shape, which no type tells, decides.
assert_type(predictor.predict(frame), Classification | list[Classification | Exception])

assert_type(predictor.submit(frame, timeout=1), Future[Classification])
assert_type(predictor.submit(opened).result(), Classification)
assert_type(predictor.predict_iter(iter(names)), Iterator[Classification])
assert_type(predictor.predict_iter(paths, batch_size=4, on_error="return"), Iterator[Classification | Exception])
assert_type(predictor.infer(predictor.preprocess(frame)[None]), NDArray[np.float32])
assert_type(predictor.stats(), Stats)
assert_type(predictor.stats().infer.p99_ns, int)
assert_type(predictor.input_shape, tuple[int, int, int])
assert_type(predictor.top_k, int)
assert_type(predictor.clone(), Predictor)
assert_type(imaging.decode(encoded, background=[255, 255, 255]), NDArray[np.uint8])
assert_type(imaging.preprocess(opened, interpolation="area", mean=[0.5, 0.5, 0.5]), NDArray[np.float32])
same_device = Predictor(device=predictor.device, backend=predictor.backend, exif=predictor.exif)


async def classify(path: os.PathLike[str]) -> Classification:
    """As the docstring of submit says."""
    return await asyncio.wrap_future(predictor.submit(path))


predictor.predict(17)  # wrong
predictor.predict([17])  # wrong
predictor.predict("a.jpg", color="hsv")  # wrong
predictor.predict("a.jpg", on_error="skip")  # wrong
predictor.predict("a.jpg", topk=3)  # wrong
predictor.submit(["a.jpg"])  # wrong
predictor.infer([1.0])  # wrong
Predictor(backend="fastest")  # wrong
Predictor(device="tpu")  # wrong
Predictor(None, "cpu", "native")  # wrong
imaging.preprocess(frame, interpolation="cubic")  # wrong
best.label_names.append("x")  # wrong
