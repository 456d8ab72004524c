"""The Predictor as a service uses it: futures, deadlines, order, statistics, references."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import hrnet_native
from hrnet_native import Classification, Predictor, imaging
from hrnet_native._future import PredictionFuture
from support.paths import ROOT
from support.predictors import fill, patient
from support.waiting import interrupt_once_running


@pytest.fixture(scope="module")
def image(cat: Path) -> NDArray[np.uint8]:
    return imaging.decode(cat.read_bytes())


def test_submit_gives_what_predict_gives(default_predictor: Predictor, cat: Path, image: NDArray[np.uint8]) -> None:
    expected = default_predictor.predict(cat)
    for same in (cat, cat.read_bytes(), image, image[::-1][::-1]):
        assert default_predictor.submit(same).result(60) == expected
    assert default_predictor.submit(image[:, :, ::-1], color="bgr").result(60) == expected
    assert len(default_predictor.submit(cat, top_k=2).result(60).scores) == 2


def test_submit_copies_arrays_and_holds_bytes(default_predictor: Predictor, cat: Path) -> None:
    image = imaging.decode(cat.read_bytes())
    expected = default_predictor.predict(image)
    future = default_predictor.submit(image)
    image[:] = 0
    assert future.result(60) == expected
    futures = [default_predictor.submit(bytes(bytearray(cat.read_bytes()))) for _ in range(8)]  # nobody else holds them
    assert {f.result(60).class_ids[0] for f in futures} == {expected.class_ids[0]}


def test_submit_errors(default_predictor: Predictor) -> None:
    with pytest.raises(hrnet_native.InvalidImageError, match="not a JPEG"):
        default_predictor.submit(b"text that is no picture").result(60)
    with pytest.raises(hrnet_native.NotFoundError, match="no/such"):
        default_predictor.submit("no/such.jpg").result(60)
    with pytest.raises(hrnet_native.InvalidTypeError, match="not int"):
        default_predictor.submit(17)
    with pytest.raises(ValueError, match="top_k"):
        default_predictor.submit(b"", top_k=0)
    for timeout in (0, -1.5, float("nan")):
        with pytest.raises(ValueError, match="timeout must be above 0"):
            default_predictor.submit(b"", timeout=timeout)


def test_asyncio(default_predictor: Predictor, cat: Path) -> None:
    async def classify() -> list[Classification]:
        return await asyncio.gather(*(asyncio.wrap_future(default_predictor.submit(cat)) for _ in range(8)))

    assert {r.class_ids[0] for r in asyncio.run(classify())} == {default_predictor.predict(cat).class_ids[0]}


def test_an_image_that_is_refused_leaves_no_future_behind(small_model: Path, cat: Path) -> None:
    def futures() -> int:
        gc.collect()
        return sum(isinstance(object_, PredictionFuture) for object_ in gc.get_objects())

    before = futures()
    with Predictor(small_model, max_queue_size=1) as predictor:
        for _ in range(10):
            with pytest.raises(hrnet_native.QueueFullError):
                fill(predictor, cat.read_bytes())
    with pytest.raises(hrnet_native.ClosedError):
        predictor.submit(cat)
    assert futures() == before  # those that were taken have answers


def test_a_full_queue(small_model: Path, cat: Path) -> None:
    with Predictor(small_model, max_queue_size=2) as predictor:
        with pytest.raises(hrnet_native.QueueFullError, match="max_queue_size=2"):
            fill(predictor, cat.read_bytes())
        assert predictor.stats().rejected.queue_full == 1


def test_deadlines(small_model: Path, image: NDArray[np.uint8]) -> None:
    with patient(small_model, batch_size=2) as predictor:
        with pytest.raises(TimeoutError, match=r"time-out of 0\.01 s"):
            predictor.predict(image, timeout=0.01)
        with pytest.raises(TimeoutError, match=r"time-out of 0\.02 s"):
            predictor.submit(image, timeout=0.02).result(60)
        with pytest.raises(hrnet_native.DeadlineExceededError, match=r"time-out of 0\.03 s"):
            predictor.infer(np.zeros((1, *predictor.input_shape), np.float32), timeout=0.03)
        assert predictor.stats().rejected.deadline_exceeded == 3


def test_close_ends_what_waits(small_model: Path, image: NDArray[np.uint8]) -> None:
    predictor = patient(small_model, batch_size=8)
    futures = [predictor.submit(image) for _ in range(7)]
    predictor.close()
    assert [type(f.exception(0)) for f in futures] == [hrnet_native.ClosedError] * 7
    with pytest.raises(hrnet_native.ClosedError):
        predictor.submit(image)


def test_cancel_frees_the_place(small_model: Path, image: NDArray[np.uint8]) -> None:
    with patient(small_model, batch_size=8, max_queue_size=8) as predictor:
        expected = predictor.predict([image] * 8)[0].class_ids
        cancelled = [predictor.submit(image) for _ in range(7)]
        assert all(future.cancel() for future in cancelled)
        with pytest.raises(CancelledError):
            cancelled[0].result(0)
        assert predictor.stats().queue_size == 0
        served = [predictor.submit(image) for _ in range(8)]
        assert {future.result(60).class_ids for future in served} == {expected}
        assert not any(future.cancel() for future in served)
    stats = predictor.stats()
    assert (stats.rejected.cancelled, stats.total.count) == (7, 16)


def test_a_callback_cannot_close_but_lives(small_model: Path, image: NDArray[np.uint8]) -> None:
    predictor = patient(small_model, batch_size=2)
    errors: list[Exception] = []
    called = threading.Event()

    def close(_: object) -> None:
        try:
            predictor.close()
        except hrnet_native.InvalidArgumentError as error:
            errors.append(error)
        called.set()

    predictor.submit(image).add_done_callback(close)
    predictor.submit(image)  # which the first waits for: its callback is there before its answer
    assert called.wait(60)
    assert [str(error) for error in errors] == ["a predictor cannot be closed from the callback of one of its futures"]
    predictor.predict([image] * 2)
    predictor.close()


def test_predict_iter_keeps_order_and_takes_only_what_it_needs(
    default_predictor: Predictor, photographs: list[Path]
) -> None:
    expected = [default_predictor.predict(path).class_ids[0] for path in photographs]
    taken = 0

    def endless() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield photographs[(taken - 1) % len(photographs)]

    answers = default_predictor.predict_iter(endless(), batch_size=2)
    for i in range(3 * len(photographs)):
        assert next(answers).class_ids[0] == expected[i % len(photographs)]
        assert taken <= i + 2 * (default_predictor.num_instances + 1) + 2


def test_predict_iter_with_bad_images(default_predictor: Predictor, cat: Path) -> None:
    images: list[Any] = [cat, b"junk", 17, cat]
    kinds = [type(r) for r in default_predictor.predict_iter(images, on_error="return")]
    assert kinds == [Classification, hrnet_native.InvalidImageError, hrnet_native.InvalidTypeError, Classification]
    answers = default_predictor.predict_iter(images)
    next(answers)
    with pytest.raises(hrnet_native.InvalidImageError):
        next(answers)
    with pytest.raises(ValueError, match="batch_size must be at least 1, not 0"):
        default_predictor.predict_iter(images, batch_size=0)


def test_predict_iter_waits_where_the_queue_is_full(small_model: Path, photographs: list[Path]) -> None:
    with Predictor(small_model, max_queue_size=1) as predictor:
        assert len(list(predictor.predict_iter(photographs))) == len(photographs)


def test_infer_writes_to_out(default_predictor: Predictor) -> None:
    inputs = np.random.default_rng(0).standard_normal((2, *default_predictor.input_shape)).astype(np.float32)
    out = np.empty((2, default_predictor.num_classes), np.float32)
    assert default_predictor.infer(inputs, out=out) is out
    np.testing.assert_array_equal(out, default_predictor.infer(inputs))
    for bad in (out[:1], out.T, out.astype(np.float64)):
        with pytest.raises((ValueError, TypeError), match="out must be"):
            default_predictor.infer(inputs, out=bad)


def test_a_picture_s_bits_depend_neither_on_neighbours_nor_position(default_predictor: Predictor) -> None:
    """At one batch size, and with the native engine; between batch sizes a little may differ."""
    inputs = np.random.default_rng(1).standard_normal((8, *default_predictor.input_shape)).astype(np.float32)
    together = default_predictor.infer(inputs)
    for shift in range(1, 8):
        np.testing.assert_array_equal(default_predictor.infer(np.roll(inputs, shift, 0)), np.roll(together, shift, 0))
    alone = np.concatenate([default_predictor.infer(row[None]) for row in inputs])
    np.testing.assert_allclose(alone, together, atol=1e-5)


@pytest.mark.parametrize("backend", ["native", "onednn", "cpu"])
def test_batch_sizes_change_nothing_that_counts(small_model: Path, backend: str) -> None:
    with Predictor(small_model, backend=backend) as predictor:
        inputs = np.random.default_rng(2).standard_normal((8, *predictor.input_shape)).astype(np.float32)
        alone = np.concatenate([predictor.infer(row[None]) for row in inputs])
        for size in range(2, 9):
            together = np.concatenate([predictor.infer(inputs[i : i + size]) for i in range(0, 8, size)])
            np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)
            for row, other in zip(alone, together):
                apart = row[:, None] - row[None, :] > 2e-5
                assert apart.any()
                assert (other[:, None] > other[None, :])[apart].all()


@pytest.mark.usefixtures("interrupts")
def test_a_list_can_be_interrupted(small_model: Path, image: NDArray[np.uint8]) -> None:
    with Predictor(small_model, num_threads=1) as predictor:
        predictor.predict(image)
        images = [image] * 1_000_000
        with interrupt_once_running(predictor):
            predictor.predict(images)
        stats = predictor.stats()
        assert stats.total.count + stats.rejected.cancelled == 1_000_001
        assert stats.rejected.cancelled > 0
        predictor.predict(image)


def test_clone_and_instances(small_model: Path, image: NDArray[np.uint8]) -> None:
    with Predictor(small_model, backend="onednn", num_threads=1, num_instances=2) as predictor:
        expected = predictor.predict(image)
        clone = predictor.clone()
        assert (clone.num_instances, clone.num_threads) == (2, 1)
        assert clone.stats().inference_count == 0
        assert predictor.stats().weights_bytes == 2 * (small_model / "inference.pdiparams").stat().st_size
    assert clone.predict(image) == expected
    clone.close()


def test_stats(default_predictor: Predictor, cat: Path) -> None:
    default_predictor.reset_stats()
    default_predictor.warmup([1, 2])
    default_predictor.predict([cat, cat, b"junk"], on_error="return")
    stats = default_predictor.stats()
    assert (stats.inference_count, stats.execution_count, stats.mean_batch_size) == (2, 1, 2)
    assert stats.batch_sizes[:3] == (0, 1, 0)
    assert stats.rejected.bad_input == 1
    stages = [stats.decode, stats.preprocess, stats.queue, stats.infer, stats.postprocess]
    assert [s.count for s in stages] == [2] * 5
    assert sum(s.total_ns for s in stages) == stats.total.total_ns
    assert 0 < stats.infer.p50_ns <= stats.infer.p99_ns


def test_ten_thousand_calls_leave_nothing_behind(small_model: Path, image: NDArray[np.uint8], cat: Path) -> None:
    encoded = cat.read_bytes()
    picture = np.ascontiguousarray(image[:64, :64])
    with Predictor(small_model) as predictor:
        inputs = predictor.preprocess(picture)[None]
        out = np.empty((1, predictor.num_classes), np.float32)

        def everything(times: int) -> None:
            for _ in range(times):
                predictor.predict(picture)
                predictor.submit(picture).result()
                predictor.infer(inputs)
                predictor.preprocess(picture)
                predictor.stats()
                predictor.infer(inputs, out=out)
                predictor.predict([picture, b"junk"], on_error="return")
                list(predictor.predict_iter([picture]))
                predictor.warmup([1], 1)
                predictor.reset_stats()
                with contextlib.suppress(hrnet_native.InvalidImageError):
                    predictor.predict(b"junk")
                with contextlib.suppress(hrnet_native.InvalidTypeError):
                    predictor.submit(17)

        everything(10)
        gc.collect()
        objects, references = len(gc.get_objects()), [sys.getrefcount(x) for x in (picture, inputs, encoded, predictor)]
        everything(1000)
        for _ in range(30):
            predictor.clone().close()
        gc.collect()
        assert len(gc.get_objects()) - objects < 100
        assert [sys.getrefcount(x) for x in (picture, inputs, encoded, predictor)] == references
        future = predictor.submit(encoded)
        future.result()
        gone = weakref.ref(future)
        del future
    gc.collect()
    assert gone() is None


def test_a_process_may_end_with_work_in_flight(small_model: Path, cat: Path) -> None:
    script = (
        "import hrnet_native\n"
        f"p = hrnet_native.Predictor({str(small_model)!r}, max_queue_size=-1)\n"
        f"fs = [p.submit({str(cat)!r}) for _ in range(200)]\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_free_threaded_python_is_refused_by_the_build() -> None:
    header = ROOT / "cpp" / "bindings" / "bindings.h"
    script = "import pybind11, sysconfig; print(pybind11.get_include(), sysconfig.get_path('include'))"
    include = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    command = ["g++", "-std=c++17", "-fsyntax-only", "-DPy_GIL_DISABLED=1", *(f"-I{i}" for i in include), str(header)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "free-threaded CPython is not supported" in done.stderr
