"""What `Predictor::Infer` costs beside a bare Paddle program with the same settings: time, and instructions."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.installed import build_programs, install_library
from engines.models import Network, make_bundle, make_inputs, make_weights

_SOURCES = Path(__file__).parents[1] / "paddle_overhead"
_PROGRAMS = ("bare_paddle_runs", "predictor_runs")
_WARM_UP = 5
_RUNS = 60
_ROUNDS = 7
# Two counts, whose difference has neither the loading nor the first run.
_COUNTED = (2, 4)


class Overhead:
    """Both programs on one network, batch and number of threads. Raises on first use if their answers differ."""

    def __init__(self, network: Network, batch: int, threads: int, cache: Path) -> None:
        folder = cache / "models" / network.arch
        weights = make_weights(network, folder / "weights.safetensors")
        self._bundle = make_bundle(network, weights, folder / "bundle")
        self._input = folder / f"inputs_{batch}.f32"
        make_inputs(network, batch).tofile(self._input)
        self._batch, self._threads = batch, threads
        self._answer: NDArray[np.float32] | None = None
        self._cpus = sorted(os.sched_getaffinity(0))[:threads]
        prefix = install_library(cache / "paddle_overhead")
        python = f"-DPython_EXECUTABLE={sys.executable}"
        self._programs = build_programs(_SOURCES, cache / "paddle_overhead" / "programs", prefix, python)

    def milliseconds(self) -> dict[str, list[float]]:
        """The median time of a run of each program in each round: a process of each, in turn."""
        medians: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
        for turn in range(_ROUNDS):
            for name in _PROGRAMS if turn % 2 else reversed(_PROGRAMS):
                medians[name].append(statistics.median(self._run(name, _WARM_UP + _RUNS)[0][_WARM_UP:]))
        return medians

    def instructions(self) -> dict[str, float]:
        """Instructions of a run in each program, by callgrind (which knows no AVX-512)."""
        return {name: self._instructions(name) for name in _PROGRAMS}

    def _instructions(self, program: str) -> float:
        valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
        totals = []
        for runs in _COUNTED:
            said = self._run(program, runs, *valgrind)[1]
            found = re.search(r"Collected : (\d+)", said)
            if found is None:
                raise RuntimeError(f"callgrind printed no count:\n{said}")
            totals.append(int(found[1]))
        return (totals[1] - totals[0]) / (_COUNTED[1] - _COUNTED[0])

    def _run(self, program: str, runs: int, *below: str) -> tuple[list[float], str]:
        """Milliseconds of each run, and standard error."""
        paddle = find_spec("paddle")
        assert paddle
        assert paddle.origin
        variables = {"HRNET_NATIVE_PADDLE_DIR": str(Path(paddle.origin).parent), "OMP_NUM_THREADS": str(self._threads)}
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder, "answer.f32")
            done = subprocess.run(
                [*below, self._programs / program, self._bundle, self._input, answer,
                 str(self._batch), str(self._threads), str(runs)],
                capture_output=True, text=True, check=False, env=os.environ | variables,
                preexec_fn=partial(os.sched_setaffinity, 0, self._cpus),
            )  # fmt: skip
            *times, last = done.stdout.splitlines() or [""]
            if done.returncode or last != "answered":
                raise RuntimeError(f"{program} failed:\n{done.stderr}")
            if not below:  # under valgrind oneDNN takes other kernels
                self._compare(np.fromfile(answer, np.float32))
        return [float(time) for time in times], done.stderr

    def _compare(self, answer: NDArray[np.float32]) -> None:
        """The same settings give the same bits."""
        if self._answer is None:
            self._answer = answer
        np.testing.assert_array_equal(answer, self._answer)


def show_overhead(network: Network, batch: int, cache: Path) -> None:
    """Prints the difference of the times with all CPUs, and with one, and that of the instructions."""
    for threads in sorted({1, len(os.sched_getaffinity(0))}):
        overhead = Overhead(network, batch, threads, cache)
        bare, ours = overhead.milliseconds().values()
        differences = sorted(b - a for a, b in zip(bare, ours))
        print(
            f"\n{network.arch}, batch {batch}, {threads} threads: bare Paddle {statistics.median(bare):.2f} ms, "
            f"Predictor::Infer {statistics.median(differences):+.2f} ms "
            f"({differences[0]:+.2f} to {differences[-1]:+.2f})"
        )
        if threads > 1:  # waiting threads spin, for as many instructions as it takes
            continue
        bare_count, our_count = overhead.instructions().values()
        print(f"bare Paddle {bare_count / 1e6:,.2f} million instructions, Infer {our_count / bare_count - 1:+.3%}")
