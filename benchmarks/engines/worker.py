"""This side of a worker process: one engine with one model, stopped whenever it is not its turn."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import signal
import statistics
import subprocess
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BENCHMARKS = Path(__file__).parent.parent


# <sys/prctl.h>
_PR_SET_PDEATHSIG = 1


class WorkerError(Exception):
    """The engine could not do what it was asked; the message ends with the last lines of its log."""


@dataclasses.dataclass(frozen=True)
class Window:
    """One stretch of runs: milliseconds of each, and the share of the machine's CPUs that others used meanwhile."""

    ms: list[float]
    others: float

    @property
    def median(self) -> float:
        return statistics.median(self.ms)


class Worker:
    """Threads that spin after a run, as those of many engines do, would disturb the others: hence the stopping."""

    def __init__(
        self,
        python: Path,
        module: str,
        model: Path,
        inputs: Path,
        cpus: list[int],
        variables: dict[str, str],
        log: Path,
    ) -> None:
        self._log = log
        threads = str(len(cpus))
        with log.open("w") as stream:
            self._process = subprocess.Popen(
                [python, "-m", f"engines.workers.{module}", model, inputs, threads],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                env={**os.environ, "PYTHONPATH": str(_BENCHMARKS), "OMP_NUM_THREADS": threads, **variables},
                preexec_fn=partial(_prepare, cpus),
            )
        try:
            self.load_seconds: float = self._reply()["seconds"]
        except BaseException:
            self.close()
            raise

    def run(self, count: int, seconds: float) -> Window:
        """Runs `count` times or for `seconds`, whichever ends first, after a short warm-up."""
        return Window(**self._ask(f"run {count} {seconds}"))

    def outputs(self, file: Path) -> NDArray[np.float32]:
        """Probabilities (batch, classes)."""
        self._ask(f"outputs {file}")
        outputs: NDArray[np.float32] = np.load(file)
        return outputs

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, command: str) -> dict[str, Any]:
        assert self._process.stdin
        self._process.send_signal(signal.SIGCONT)
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._reply()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError("".join(self._log.read_text(errors="replace").splitlines(keepends=True)[-5:]).strip())
        self._process.send_signal(signal.SIGSTOP)
        reply: dict[str, Any] = json.loads(line)
        return reply


def _prepare(cpus: list[int]) -> None:
    """In the new process: its CPUs, and death with this process, for who is stopped would never notice."""
    os.sched_setaffinity(0, cpus)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
