"""What `Predictor::Infer` costs beside a bare Paddle program with the same settings: time, and instructions."""

from __future__ import annotations

import dataclasses
import os
import re
import statistics
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.installed import build_programs, install_library
from engines.models import Network, make_bundle, make_inputs, make_weights
from engines.process import Process
from hrnet_native import Predictor

_SOURCES = Path(__file__).parents[1] / "paddle_overhead"
_BARE, _OURS = "bare_paddle_runs", "predictor_runs"
_WARM_UP = 5
# A process has its memory where it happens to lie, which moves its time by more than what is looked for: several pairs.
_PAIRS, _TURNS, _RUNS = 9, 8, 5
_CALLS = 100
# Callgrind calls a function for each lane of a fused multiply-add: at 224x224 a run of W18 takes it four minutes. A
# smaller image needs the same operators, and what `infer` adds is then a larger part of the whole.
_COUNTED_SIDE = 64
_COUNTED_WARM_UP = 2  # the first run makes what the others use
# A thread of the pool of Paddle's executor.
_POOL = "::WorkerLoop(int)"


@dataclasses.dataclass(frozen=True)
class Instructions:
    """Of a run. The threads of Paddle's pool spin while they wait, for as long as the scheduler lets them."""

    by_callers: int
    by_paddles_pool: int


class Overhead:
    """Both programs on one network, batch and number of threads. Raises on first use if their answers differ.

    `side` replaces that of the network's input.
    """

    def __init__(self, network: Network, batch: int, threads: int, cache: Path, *, side: int | None = None) -> None:
        folder = cache / "models" / network.arch
        weights = make_weights(network, folder / "weights.safetensors")
        if side:
            network = dataclasses.replace(network, input_size=side)
            folder /= f"side_{side}"
        self._bundle = make_bundle(network, weights, folder / "bundle")
        self._input = folder / f"inputs_{batch}.f32"
        make_inputs(network, batch).tofile(self._input)
        self._batch, self._threads = batch, threads
        self._cpus = sorted(os.sched_getaffinity(0))[:threads]
        self._cache = cache
        prefix = install_library(cache / "paddle_overhead")
        python = f"-DPython_EXECUTABLE={sys.executable}"
        self._programs = build_programs(_SOURCES, cache / "paddle_overhead" / "programs", prefix, python)

    def milliseconds(self) -> tuple[list[float], list[list[float]]]:
        """A run of bare Paddle in each turn, and what ours takes beside it: of each pair of processes, in each turn."""
        bare: list[float] = []
        differences: list[list[float]] = []
        for _ in range(_PAIRS):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                with self._start(_BARE, folder) as paddle, self._start(_OURS, folder) as ours:
                    for process in (paddle, ours):
                        process.ask(f"run {_WARM_UP}")
                    differences.append([])
                    for turn in range(_TURNS):
                        first, second = (paddle, ours) if turn % 2 else (ours, paddle)
                        taken = {process: _median_of_turn(process) for process in (first, second)}
                        bare.append(taken[paddle])
                        differences[-1].append(taken[ours] - taken[paddle])
                    for process in (paddle, ours):
                        process.finish()
                # The same settings give the same bits.
                np.testing.assert_array_equal(_answer(_OURS, folder), _answer(_BARE, folder))
        return bare, differences

    def microseconds_around_the_run(self) -> list[float]:
        """What each call of Python's `infer` takes beside its run of the engine, wherever memory lies."""
        image = np.fromfile(self._input, np.float32)
        around = []
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self._cpus)  # the predictor's threads inherit it
        try:
            options = {"backend": "onednn", "num_threads": self._threads, "max_batch_size": self._batch}
            with Predictor(self._bundle, **options) as predictor:
                image = image.reshape(self._batch, *predictor.input_shape)
                for _ in range(_WARM_UP + _CALLS):
                    predictor.reset_stats()
                    start = time.perf_counter_ns()
                    predictor.infer(image)
                    taken = time.perf_counter_ns() - start
                    around.append((taken - predictor.stats().infer.total_ns) / 1000)
        finally:
            os.sched_setaffinity(0, allowed)
        return around[_WARM_UP:]

    def instructions(self) -> dict[str, Instructions]:
        """Instructions of a run in each program, by callgrind (which knows no AVX-512)."""
        return {name: self._instructions(name) for name in (_BARE, _OURS)}

    def _instructions(self, program: str) -> Instructions:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            counts = folder / "counts"
            options = ("--instr-atstart=no", "--separate-threads=yes", f"--callgrind-out-file={counts}")
            with self._start(program, folder, "valgrind", "--tool=callgrind", *options) as process:
                process.ask(f"run {_COUNTED_WARM_UP}")
                process.ask("count 1")
                process.finish()
            threads = [file.read_text() for file in folder.glob("counts-*")]
        callers = sum(_total(thread) for thread in threads if _POOL not in thread)
        if not callers:
            raise RuntimeError(f"callgrind counted nothing in {program}: it was built without valgrind's headers")
        return Instructions(callers, sum(_total(thread) for thread in threads if _POOL in thread))

    def _start(self, program: str, folder: Path, *below: str) -> Process:
        paddle = find_spec("paddle")
        assert paddle
        assert paddle.origin
        command = [*below, self._programs / program, self._bundle, self._input, folder / program,
                   str(self._batch), str(self._threads)]  # fmt: skip
        variables = {"HRNET_NATIVE_PADDLE_DIR": str(Path(paddle.origin).parent)}
        return Process(command, self._cpus, variables, self._cache / f"{program}.log")


def _median_of_turn(process: Process) -> float:
    """Milliseconds of a run. The first after a pause does not count."""
    return statistics.median(process.ask(f"run {_RUNS + 1}")["ms"][1:])


def _answer(program: str, folder: Path) -> NDArray[np.float32]:
    return np.fromfile(folder / program, np.float32)


def _total(counts: str) -> int:
    """All that callgrind's file counts."""
    found = re.search(r"^totals: (\d+)", counts, re.MULTILINE)
    return int(found[1]) if found else 0


def show_overhead(network: Network, batch: int, cache: Path) -> None:
    """Prints the difference of the times with all CPUs, and with one, and that of the instructions."""
    for threads in sorted({1, len(os.sched_getaffinity(0))}):
        overhead = Overhead(network, batch, threads, cache)
        bare, differences = overhead.milliseconds()
        pairs = sorted(statistics.median(pair) for pair in differences)
        print(
            f"\n{network.arch}, batch {batch}, {threads} threads: bare Paddle {statistics.median(bare):.2f} ms, "
            f"Predictor::Infer {statistics.median(chain.from_iterable(differences)):+.3f} ms "
            f"(medians of {len(pairs)} pairs of processes: {pairs[0]:+.3f} to {pairs[-1]:+.3f})",
            flush=True,
        )
        around = sorted(overhead.microseconds_around_the_run())
        print(
            f"infer beside its run of the engine, in one process: {statistics.median(around):.1f} us "
            f"({around[0]:.1f} to {around[-1]:.1f}, {len(around)} calls)",
            flush=True,
        )
        if threads > 1:  # OpenMP's waiting threads spin too, among those that work
            continue
        paddle, ours = Overhead(network, batch, threads, cache, side=_COUNTED_SIDE).instructions().values()
        more = ours.by_callers - paddle.by_callers
        print(
            f"at {_COUNTED_SIDE}x{_COUNTED_SIDE}: bare Paddle {paddle.by_callers / 1e6:,.2f} million instructions, "
            f"Infer {more / 1e6:+.3f} million "
            f"({more / paddle.by_callers:+.3%}); spun by Paddle's pool, and left out: "
            f"{paddle.by_paddles_pool / 1e6:,.0f} and {ours.by_paddles_pool / 1e6:,.0f} million",
            flush=True,
        )
