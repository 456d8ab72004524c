"""A child process that takes turns with others."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engines.arch_status import avx512_seen

# <sys/prctl.h>
_PR_SET_PDEATHSIG = 1
# While it is watched. A stop is long enough for a signal to reach all threads.
_SECONDS_BETWEEN_STOPS, _STOP_SECONDS = 0.005, 0.002


class WorkerError(Exception):
    """A process could not do what it was asked; the message ends with the last lines of its log."""


class Process:
    """Answers each line of standard input with a line of JSON, after one that comes unasked once it is ready.

    It is stopped whenever it is not its turn: threads that spin after a run, as those of many engines do, would disturb
    the others.
    """

    def __init__(self, command: list[str | Path], cpus: list[int], variables: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as stream:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                env={**os.environ, "OMP_NUM_THREADS": str(len(cpus)), **variables},
                preexec_fn=partial(_prepare, cpus),
            )
        try:
            self.first_reply = self._reply()
        except BaseException:
            self.close()
            raise

    def ask(self, command: str) -> dict[str, Any]:
        self._send(command)
        return self._reply()

    def avx512_seen(self, command: str) -> bool | None:
        """Whether it uses AVX-512 during a command (see `arch_status`); the kernel looks whenever it is stopped."""
        assert self._process.stdout
        begin = time.perf_counter()
        self._send(command)
        while not select.select([self._process.stdout], [], [], _SECONDS_BETWEEN_STOPS)[0]:
            self._process.send_signal(signal.SIGSTOP)
            time.sleep(_STOP_SECONDS)
            self._process.send_signal(signal.SIGCONT)
        self._reply()
        return avx512_seen(self._process.pid, time.perf_counter() - begin)

    def finish(self) -> None:
        """Lets the process read the end of its input, and end."""
        self._process.send_signal(signal.SIGCONT)
        self._process.communicate()
        if self._process.returncode:
            raise WorkerError(self._last_words())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, command: str) -> None:
        assert self._process.stdin
        self._process.send_signal(signal.SIGCONT)
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(self._last_words())
        self._process.send_signal(signal.SIGSTOP)
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _last_words(self) -> str:
        return "".join(self._log.read_text(errors="replace").splitlines(keepends=True)[-5:]).strip()


def _prepare(cpus: list[int]) -> None:
    """In the new process: its CPUs, and death with this process, for who is stopped would never notice."""
    os.sched_setaffinity(0, cpus)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
