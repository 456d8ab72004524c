"""Everything at once: threads that predict, submit, cancel, give up, send rubbish, and predictors closed under them.

Every answer is compared, every error must be one that its call may meet, and in the end each predictor's statistics
must account for every image that it was asked for.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hrnet_native
from environments.soak.load import same_answer
from hrnet_native import Classification, ClosedError, Predictor

RUBBISH = (b"no picture", b"", b"\xff\xd8\xff\xe0 cut", "no/such/file.jpg")
_BAD_INPUT = (hrnet_native.InvalidImageError, hrnet_native.NotFoundError)


@dataclasses.dataclass
class Target:
    """A predictor, and how many images it was asked for."""

    predictor: Predictor
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    asked: int = 0
    asked_at_most: int = 0  # an iterator that was given up may have had one image in its hand
    is_closing: bool = False

    def ask(self, images: int, uncertain: int = 0) -> None:
        with self.lock:
            self.asked += images
            self.asked_at_most += images + uncertain

    def check_statistics(self) -> None:
        stats = self.predictor.stats()
        rejected = stats.rejected
        ended = stats.total.count + rejected.deadline_exceeded + rejected.cancelled + rejected.closed
        ended += rejected.bad_input
        assert rejected.internal == 0
        assert stats.queue_size == 0
        assert self.asked <= ended <= self.asked_at_most, f"{self.asked} images asked for, {ended} accounted for"


class Storm:
    """Calls of all kinds to whatever predictor stands, until `stop`."""

    def __init__(self, predictor: Predictor, images: Sequence[Any]) -> None:
        self.images = images
        self.tensors = [predictor.preprocess(image)[None] for image in images]
        self.classes = predictor.num_classes
        self.expected = [predictor.predict(image, top_k=self.classes) for image in images]
        self.target = Target(predictor)
        self.target.ask(len(images))
        self.targets = [self.target]
        self.stop = threading.Event()
        self.seen: Counter[str] = Counter()
        self.failures: list[str] = []

    def run(self, seconds: float, threads: int) -> Counter[str]:
        """Returns how often each outcome was met.

        Raises:
            AssertionError: An answer was wrong, an error out of place, or an image unaccounted for.
        """
        callers = [threading.Thread(target=self._call, args=(seed,)) for seed in range(threads)]
        for caller in callers:
            caller.start()
        end, generator = time.monotonic() + seconds, random.Random(0)
        while time.monotonic() < end and not self.failures:
            time.sleep(generator.uniform(0, 0.5))
            self._replace()
        self.stop.set()
        self._close(self.target)
        for caller in callers:
            caller.join()
        assert not self.failures, f"{len(self.failures)} failures, the first: {self.failures[0]}"
        for target in self.targets:
            target.check_statistics()
        return self.seen

    def _replace(self) -> None:
        old, self.target = self.target, Target(self.target.predictor.clone())
        self.targets.append(self.target)
        self._close(old)

    def _close(self, target: Target) -> None:
        target.is_closing = True
        target.predictor.close()

    def _call(self, seed: int) -> None:
        generator = random.Random(seed)
        kinds: list[Callable[[Target, random.Random], None]] = [
            self._predict, self._predict_list, self._submit, self._cancel, self._infer, self._iterate, self._give_up,
        ]  # fmt: skip
        while not self.stop.is_set():
            kind = generator.choice(kinds)
            try:
                kind(self.target, generator)
            except Exception as error:
                self.failures.append(f"{kind.__name__}: {error!r}")
                self.stop.set()

    def _pick(self, generator: random.Random) -> tuple[Any, int | None]:
        """An image with its number, or rubbish without one."""
        if generator.random() < 0.2:
            return generator.choice(RUBBISH), None
        index = generator.randrange(len(self.images))
        return self.images[index], index

    def _check(self, target: Target, index: int | None, outcome: Any, *allowed: type[BaseException]) -> None:
        self.seen[type(outcome).__name__] += 1
        if isinstance(outcome, Classification):
            assert index is not None, f"an answer for rubbish: {outcome}"
            assert same_answer(outcome, self.expected[index]), f"image {index}: {outcome}"
        elif isinstance(outcome, ClosedError):
            assert target.is_closing
        elif isinstance(outcome, _BAD_INPUT):
            assert index is None
        else:
            assert isinstance(outcome, allowed), repr(outcome)

    def _predict(self, target: Target, generator: random.Random) -> None:
        image, index = self._pick(generator)
        timeout = generator.choice([None, 1e-6, generator.uniform(0, 0.02)])
        target.ask(1)
        try:
            outcome: Any = target.predictor.predict(image, top_k=self.classes, timeout=timeout)
        except hrnet_native.Error as error:
            outcome = error
        self._check(target, index, outcome, *([hrnet_native.DeadlineExceededError] if timeout else []))

    def _predict_list(self, target: Target, generator: random.Random) -> None:
        picked = [self._pick(generator) for _ in range(generator.choice([0, 1, 5, 40]))]
        timeout = generator.choice([None, generator.uniform(1e-6, 0.05)])
        target.ask(len(picked))
        try:
            outcomes = target.predictor.predict(
                [image for image, _ in picked], top_k=self.classes, on_error="return", timeout=timeout
            )
        except ClosedError as error:
            outcomes = [error] * len(picked)
        assert len(outcomes) == len(picked)
        for (_, index), outcome in zip(picked, outcomes):
            self._check(target, index, outcome, *([hrnet_native.DeadlineExceededError] if timeout else []))

    def _submit_some(
        self, target: Target, generator: random.Random, timeout: float | None = None
    ) -> dict[concurrent.futures.Future[Classification], int | None]:
        futures = {}
        for _ in range(generator.randrange(1, 12)):
            image, index = self._pick(generator)
            try:
                futures[target.predictor.submit(image, top_k=self.classes, timeout=timeout)] = index
            except hrnet_native.QueueFullError:
                self.seen["QueueFullError"] += 1
            except (ClosedError, hrnet_native.DeadlineExceededError) as error:
                target.ask(1)
                self._check(target, index, error, *([hrnet_native.DeadlineExceededError] if timeout else []))
        target.ask(len(futures))
        return futures

    def _submit(self, target: Target, generator: random.Random) -> None:
        timeout = generator.choice([None, None, 1e-6, generator.uniform(0, 0.02)])
        futures = self._submit_some(target, generator, timeout)
        for future in concurrent.futures.as_completed(futures, timeout=300):
            outcome = future.exception() or future.result()
            self._check(target, futures[future], outcome, *([hrnet_native.DeadlineExceededError] if timeout else []))

    def _cancel(self, target: Target, generator: random.Random) -> None:
        futures = self._submit_some(target, generator)
        cancelled = {future for future in futures if generator.random() < 0.7 and future.cancel()}
        for future, index in futures.items():
            try:
                outcome: Any = future.exception(300) or future.result()
            except concurrent.futures.CancelledError as error:
                assert future in cancelled
                outcome = error
            else:
                assert future not in cancelled
            self._check(target, index, outcome, concurrent.futures.CancelledError)

    def _infer(self, target: Target, generator: random.Random) -> None:
        index = generator.randrange(len(self.tensors))
        target.ask(1)
        with contextlib.suppress(ClosedError):
            scores = target.predictor.infer(self.tensors[index])[0]
            best = self.expected[index]
            assert abs(scores[best.class_ids[0]] - best.scores[0]) <= 1e-5

    def _iterate(self, target: Target, generator: random.Random) -> None:
        picked = [self._pick(generator) for _ in range(20)]
        target.ask(len(picked))
        answers = target.predictor.predict_iter(
            (image for image, _ in picked), top_k=self.classes, on_error="return", batch_size=3
        )
        for (_, index), outcome in zip(picked, answers, strict=True):
            self._check(target, index, outcome)

    def _give_up(self, target: Target, generator: random.Random) -> None:
        taken = 0

        def endless() -> Any:
            nonlocal taken
            while True:
                taken += 1
                yield self._pick(generator)[0]

        answers = target.predictor.predict_iter(endless(), on_error="return")
        for _ in range(generator.randrange(1, 9)):
            next(answers)
        answers.close()
        target.ask(taken - 1, uncertain=1)


def storm(model: Path, images: Sequence[Any], seconds: float, **options: Any) -> Counter[str]:
    """How often each outcome was met. Raises AssertionError as `Storm.run` does."""
    small = {
        "num_instances": min(2, len(os.sched_getaffinity(0))),
        "num_threads": 1,
        "max_batch_size": 4,
        "max_queue_size": 24,
    }
    return Storm(Predictor(model, **small, **options), images).run(seconds, threads=12)
