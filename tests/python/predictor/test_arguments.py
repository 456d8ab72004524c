"""Arguments of other types and out of range: one line with the name, the value and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hrnet_native
from hrnet_native import ImageLimits, InvalidArgumentError, InvalidTypeError, Predictor, TensorRtOptions, imaging

IMAGE = np.zeros((8, 8, 3), np.uint8)
HUGE = 10**30

WRONG: list[tuple[Callable[..., Any], dict[str, Any], type[Exception], str]] = [
    (Predictor, {"max_batch_size": 3_000_000_000}, InvalidArgumentError, "max_batch_size must be at most 2147483647,"),
    (Predictor, {"max_queue_delay_us": HUGE}, InvalidArgumentError, "max_queue_delay_us must be at most .*, not 10"),
    (Predictor, {"num_threads": -HUGE}, InvalidArgumentError, "num_threads must be at least .*, not -10"),
    (Predictor, {"num_threads": 10**5000}, InvalidArgumentError, "num_threads must be at most .*, not a number of"),
    (Predictor, {"num_instances": "2"}, InvalidTypeError, "num_instances must be an int, not str"),
    (Predictor, {"top_k": 1.5}, InvalidTypeError, "top_k must be an int, not float"),
    (Predictor, {"backend": None}, InvalidTypeError, "backend must be a str, not NoneType"),
    (Predictor, {"device": "\ud800"}, InvalidArgumentError, r"device must be one of cpu, gpu, not '\\ud800'"),
    (Predictor, {"warmup": [1, HUGE]}, InvalidArgumentError, "warmup must be at most"),
    (Predictor, {"warmup": 1}, InvalidTypeError, "warmup must be a sequence of ints, not int"),
    (Predictor, {"background": (1, 2)}, InvalidArgumentError, r"background must be three numbers .*, not \(1, 2\)"),
    (Predictor, {"background": (0, 0, 256)}, InvalidArgumentError, "background must be at most 255, not 256"),
    (Predictor, {"background": "red"}, InvalidTypeError, "background must be three numbers from 0 to 255, not str"),
    (Predictor, {"image_limits": 5}, InvalidTypeError, "image_limits must be an ImageLimits, not int"),
    (Predictor, {"tensorrt": 5}, InvalidTypeError, "tensorrt must be a TensorRtOptions, not int"),
    (Predictor, {"tensorrt": TensorRtOptions(HUGE)}, InvalidArgumentError, "tensorrt.workspace_mb must be at most"),
    (Predictor, {"model": 5}, InvalidTypeError, "model must be a path, not int"),
    (Predictor, {"model": "a\0b"}, InvalidArgumentError, "model is not a usable path: embedded null"),
    (Predictor, {"cache_dir": 5}, InvalidTypeError, "cache_dir must be a path, not int"),
    (Predictor.from_bytes, {"program": "text"}, InvalidTypeError, "program must be bytes, not str"),
    (ImageLimits, {"max_side": HUGE}, InvalidArgumentError, "max_side must be at most"),
    (imaging.decode, {"encoded": 5}, InvalidTypeError, "encoded must be bytes, not int"),
    (imaging.decode, {"encoded": b"", "min_size": (1, 2, 3)}, InvalidArgumentError, "min_size must be .height, width"),
    (imaging.decode, {"encoded": b"", "limits": 5}, InvalidTypeError, "limits must be an ImageLimits, not int"),
    (imaging.preprocess, {"image": 5}, InvalidTypeError, "array of shape .* or a PIL image, not int"),
    (imaging.preprocess, {"image": IMAGE, "crop_size": (HUGE, 1)}, InvalidArgumentError, "crop_size must be at most"),
    (imaging.preprocess, {"image": IMAGE, "mean": (0, 0)}, InvalidArgumentError, "mean must be three numbers"),
    (imaging.preprocess, {"image": IMAGE, "scale": "x"}, InvalidTypeError, "scale must be a number, not str"),
    (imaging.preprocess, {"image": IMAGE, "scale": 10**400}, InvalidArgumentError, "scale must be a number that"),
]  # fmt: skip

CALLS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("predict", {"image": IMAGE, "top_k": HUGE}, InvalidArgumentError, "top_k must be at most 2147483647, not 10"),
    ("predict", {"image": IMAGE, "color": 5}, InvalidTypeError, "color must be a str, not int"),
    ("predict", {"image": IMAGE, "timeout": "soon"}, InvalidTypeError, "timeout must be a number, not str"),
    ("predict", {"image": [IMAGE], "on_error": "skip"}, InvalidArgumentError, "on_error must be one of raise, return"),
    ("submit", {"image": IMAGE, "top_k": "all"}, InvalidTypeError, "top_k must be an int, not str"),
    ("preprocess", {"image": IMAGE, "color": "hsv"}, InvalidArgumentError, "color must be one of bgr, rgb, not 'hsv'"),
    ("infer", {"inputs": [1.0]}, InvalidTypeError, "inputs must be a float32 array, not list"),
    ("warmup", {"batch_sizes": 5}, InvalidTypeError, "batch_sizes must be a sequence of ints, not int"),
    ("warmup", {"iterations": HUGE}, InvalidArgumentError, "iterations must be at most"),
    ("warmup", {"iterations": 0}, InvalidArgumentError, "iterations must be at least 1, not 0"),
]


def check(call: Callable[..., Any], arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        call(**arguments)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("call", "arguments", "error", "words"), WRONG)
def test_wrong_arguments(
    call: Callable[..., Any], arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    check(call, arguments, error, words)


@pytest.mark.parametrize(("method", "arguments", "error", "words"), CALLS)
def test_wrong_arguments_of_methods(
    default_predictor: Predictor, method: str, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    check(getattr(default_predictor, method), arguments, error, words)


def test_numbers_of_numpy_are_numbers(default_predictor: Predictor) -> None:
    result = default_predictor.predict(IMAGE, top_k=np.int64(2), timeout=np.float32(60))
    assert len(result.class_ids) == 2


@pytest.mark.parametrize("size", [300, 5000])
def test_a_path_that_the_system_does_not_take_is_a_typed_error(size: int) -> None:
    with pytest.raises(hrnet_native.ModelLoadError, match=r"aaa cannot be looked up: File name too long"):
        Predictor("a" * size)


@pytest.mark.parametrize("name", ["Predictor", "Stats", "ImageLimits"])
def test_an_object_without_init_is_a_type_error(name: str) -> None:
    cls = getattr(hrnet_native, name)
    empty = cls.__new__(cls)
    members = [m for m in dir(cls) if isinstance(getattr(cls, m), property)]
    assert members
    for member in members:
        with pytest.raises(TypeError, match=f"{name}.__init__ was not called"):
            getattr(empty, member)
    with pytest.raises(TypeError, match="__init__ was not called"):
        repr(empty)


def test_methods_of_an_object_without_init_are_type_errors() -> None:
    empty = Predictor.__new__(Predictor)
    for call in (
        lambda: empty.predict(IMAGE),
        lambda: empty.submit(IMAGE),
        lambda: empty.predict_iter([]),
        lambda: empty.close(),
        lambda: empty.clone(),
        lambda: empty.stats(),
    ):
        with pytest.raises(TypeError, match=r"Predictor.__init__ was not called"):
            call()
