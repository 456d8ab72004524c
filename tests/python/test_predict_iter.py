"""When predict_iter gives its answers, and what becomes of them where the source fails."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import hrnet_native
from hrnet_native import Classification, Predictor
from hrnet_native._predict_iter import predict_iter


class FakePredictor:
    """Answers when it is told to."""

    max_batch_size = 8
    num_instances = 1

    def __init__(self) -> None:
        self.futures: list[Future[Classification]] = []

    def submit(self, image: int, **_: object) -> Future[Classification]:
        future: Future[Classification] = Future()
        self.futures.append(future)
        assert len(self.futures) == image + 1
        return future

    def answer(self, index: int) -> Classification:
        result = Classification((index,), (1.0,), ())
        self.futures[index].set_result(result)
        return result


def test_an_answer_that_is_there_is_given_before_another_image_is_taken() -> None:
    predictor: Any = FakePredictor()
    taken: list[int] = []

    def source() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            if i > 0:
                predictor.answer(i - 1)  # while the source was slow
            yield i

    answers = predict_iter(predictor, source(), None, None, "rgb", "raise")
    for i in range(50):
        assert next(answers).class_ids == (i,)
        assert taken[-1] == i + 1


def test_answers_of_a_burst_are_all_given_before_another_image_is_taken() -> None:
    predictor: Any = FakePredictor()

    def source() -> Iterator[int]:
        yield from range(5)
        for i in range(5):
            predictor.answer(i)
        yield 5
        raise AssertionError("the answers that are there come first")

    answers = predict_iter(predictor, source(), None, None, "rgb", "raise")
    assert [next(answers).class_ids[0] for _ in range(5)] == list(range(5))


@pytest.mark.parametrize("on_error", ["raise", "return"])
def test_a_source_that_raises_costs_no_answer(default_predictor: Predictor, cat: Path, on_error: Any) -> None:
    def source() -> Iterator[Path]:
        for _ in range(5):
            yield cat
        raise OSError("the camera was unplugged")

    answers = default_predictor.predict_iter(source(), on_error=on_error)
    expected = default_predictor.predict(cat).class_ids[0]
    assert [next(answers).class_ids[0] for _ in range(5)] == [expected] * 5
    with pytest.raises(OSError, match="unplugged"):
        next(answers)
    with pytest.raises(StopIteration):
        next(answers)


def test_ctrl_c_in_the_source_waits_for_no_answer() -> None:
    predictor: Any = FakePredictor()

    def source() -> Iterator[int]:
        yield 0
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(predict_iter(predictor, source(), None, None, "rgb", "raise"))
    assert predictor.futures[0].cancelled()


CALLBACK = """
    import queue, sys
    import numpy as np
    import hrnet_native
    model, wait = sys.argv[1:]
    # Waits an hour for two images, so that a callback is there before the answer.
    options = {"num_threads": 1, "max_batch_size": 2, "max_queue_delay_us": 3_600_000_000}
    predictor = hrnet_native.Predictor(model, **options)
    image = np.zeros((8, 8, 3), np.uint8)
    done, other = predictor.submit(image), predictor.submit(image)
    expected = done.result()
    waits = {
        "result": lambda: predictor.submit(image).result(),
        "exception": lambda: predictor.submit(image).exception(),
        "predict_iter": lambda: list(predictor.predict_iter([image])),
    }
    told = queue.Queue()
    def callback(_):
        assert predictor.predict([image] * 2) == [done.result()] * 2 == [expected] * 2  # these wait for no callback
        try:
            waits[wait]()
        except hrnet_native.InvalidArgumentError as error:
            told.put(str(error))
    predictor.submit(image).add_done_callback(callback)
    predictor.submit(image)
    print(told.get(timeout=60))
    predictor.close()
"""


@pytest.mark.parametrize("wait", ["result", "exception", "predict_iter"])
def test_a_callback_that_would_wait_for_itself_gets_an_error(small_model: Path, wait: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(CALLBACK), str(small_model), wait]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the callback of a future cannot wait for another future of the same predictor" in done.stdout


def test_images_must_be_iterable(default_predictor: hrnet_native.Predictor) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        default_predictor.predict_iter(17)  # type: ignore[arg-type]
