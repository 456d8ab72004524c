"""Contiguous arrays are borrowed, others are copied once."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hrnet_native import InvalidTypeError, Predictor
from support.predictors import patient
from support.waiting import wait_until

MIB = 1 << 20


@pytest.mark.parametrize("read_only", [False, True])
def test_infer_runs_the_callers_memory(small_model: Path, read_only: bool) -> None:
    """What is written to the array while the call waits in the queue is what the engine runs."""
    with patient(small_model, batch_size=2) as predictor:
        memory = np.zeros((1, *predictor.input_shape), np.float32)
        inputs = memory[:]
        inputs.flags.writeable = not read_only
        company = np.random.default_rng(0).standard_normal(inputs.shape).astype(np.float32)
        scores = np.empty((1, predictor.num_classes), np.float32)
        thread = threading.Thread(target=predictor.infer, args=(inputs,), kwargs={"out": scores})
        thread.start()
        wait_until(lambda: predictor.stats().queue_size == 1)
        memory[:] = company
        expected = predictor.infer(company)  # fills the batch
        thread.join()
        np.testing.assert_array_equal(scores, expected)
        assert np.ptp(scores) > 0


def peak(call: Callable[[], object]) -> int:
    """Most bytes that NumPy held for the call."""
    call()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_only_what_is_not_contiguous_is_copied_and_once(small_model: Path) -> None:
    with Predictor(small_model) as predictor:
        image = np.zeros((1000, 2000, 3), np.uint8)
        inputs = np.zeros((100, *predictor.input_shape), np.float32)
        out = np.empty((100, predictor.num_classes), np.float32)
        borrowed = [
            lambda: predictor.predict(image),
            lambda: predictor.predict(image[100:900, 50:]),  # whole pixels side by side in each row
            lambda: predictor.predict(image[::-1]),
            lambda: predictor.predict(image[:, :, ::-1]),  # the other order of the channels
            lambda: predictor.predict([image[:, :, ::-1]] * 100),
            lambda: predictor.predict(np.stack([image[:8, :8]] * 2)[..., ::-1]),
            lambda: predictor.predict(image, color="bgr"),
            lambda: predictor.infer(inputs, out=out),
            lambda: predictor.infer(inputs[10:], out=out[10:]),
        ]
        for call in borrowed:
            assert peak(call) < MIB
        copied = [
            (image.nbytes, lambda: predictor.predict(image[:, ::-1])),
            (image.nbytes, lambda: predictor.predict(image[:, ::-1, ::-1])),
            (inputs.nbytes, lambda: predictor.infer(inputs[:, :, ::-1], out=out)),
            (image.nbytes, lambda: predictor.submit(image).result()),  # the caller may write to it at once
        ]
        for size, call in copied:
            assert size <= peak(call) < size + MIB


def test_a_list_of_what_must_be_copied_takes_bounded_memory(small_model: Path) -> None:
    with Predictor(small_model, num_threads=1, max_batch_size=2) as predictor:
        image = np.zeros((500, 500, 3), np.uint8)
        turned = image[:, ::-1]
        few = 4 * predictor.max_batch_size * image.nbytes
        assert peak(lambda: predictor.predict([turned] * 100)) < few + MIB
        assert peak(lambda: predictor.predict(np.stack([image[:100, :100]] * 100)[:, :, ::-1])) < few + MIB


def test_copies_change_no_answer(small_model: Path) -> None:
    pictures = np.random.default_rng(4).integers(0, 256, (23, 80, 70, 3), np.uint8)
    with Predictor(small_model, num_threads=1, max_batch_size=3) as predictor:
        borrowed = predictor.predict(list(pictures))
        reversed_channels = np.ascontiguousarray(pictures[..., ::-1])
        assert predictor.predict(list(reversed_channels[..., ::-1])) == borrowed
        wide = np.zeros((*pictures.shape[:3], 4), np.uint8)
        wide[..., :3] = pictures
        assert predictor.predict(list(wide[..., :3])) == borrowed
        assert predictor.predict(wide[..., :3]) == borrowed
        mixed = [*pictures[:7], *wide[7:9, ..., :3], *pictures[9:]]
        assert predictor.predict(mixed) == borrowed
        bad = predictor.predict([*wide[:5, ..., :3], None, *wide[5:, ..., :3]], on_error="return")
        assert bad[:5] + bad[6:] == borrowed
        assert isinstance(bad[5], InvalidTypeError)


def test_the_whole_time_out_is_told(small_model: Path) -> None:
    """Also where a list of copies is more than one call of the core."""
    image = np.zeros((64, 64, 4), np.uint8)[:, :, :3]
    with Predictor(small_model, num_threads=1) as predictor:
        results = predictor.predict([image] * 20_000, timeout=0.25, on_error="return")
        errors = [result for result in results if isinstance(result, Exception)]
        assert errors
        assert all("time-out of 0.25 s passed" in str(error) for error in errors)
        with pytest.raises(TimeoutError, match=r"time-out of 0\.25 s passed"):
            predictor.infer(np.zeros((20_000, *predictor.input_shape), np.float32), timeout=0.25)
