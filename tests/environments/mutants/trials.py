"""Runs tests against a mutant.

Nothing of the developer's tree is touched: C++ is compiled to another folder, and a Python module comes from there.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from support.paths import ROOT

_BUILD: Final = ROOT / "build" / "editable"
_TESTS: Final = "tests/cpp/hrnet_native_tests"
_LIBRARY: Final = "cpp/src/libhrnet_native.so"
_PYTEST: Final = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:warnings"]
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)|^\[  FAILED  \] ([\w./]+)", re.MULTILINE)


class Cpp:
    """The C++ core with one file replaced, made by the commands of the developer's build."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # As it is installed: the library looks for its plugin and for Paddle beside itself.
        self._package = folder / "installed" / "hrnet_native"
        self._package.mkdir(parents=True)
        site = Path(sysconfig.get_path("platlib"))
        for path in (site / "hrnet_native" / "libhrnet_native_paddle.so", site / "paddle"):
            (folder / "installed" / path.relative_to(site)).symlink_to(path)
        commands = json.loads((_BUILD / "compile_commands.json").read_text())
        self._compile = {entry["file"]: entry for entry in commands if "hrnet_native_objects" in entry["command"]}
        self._link = {target: _link_command(target) for target in (_TESTS, _LIBRARY)}

    def compile(self, file: str, text: str) -> bool:
        """Whether the compiler takes it. What is linked from then on has it."""
        entry = self._compile[str(ROOT / file)]
        source, self._object = self._folder / Path(file).name, self._folder / "mutant.o"
        source.write_text(text)
        command = [{entry["file"]: str(source)}.get(word, word) for word in shlex.split(entry["command"])]
        at = command.index("-o") + 1
        self._replaced, command[at] = command[at], str(self._object)
        return subprocess.run(command, cwd=_BUILD, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def gtest(self, tests: str, limit: float) -> str | None:
        """The test that fails, or what else ends them; None if they pass."""
        program = str(self._linked(_TESTS, self._folder))
        command = [program, f"--gtest_filter={tests}", "--gtest_fail_fast", "--gtest_brief=1"]
        return run(lambda: os.execv(command[0], command), self._folder, limit)

    def pytest(self, tests: Sequence[str], limit: float) -> str | None:
        """The same of Python's, in which the library replaces the package's own."""
        os.environ["LD_PRELOAD"] = str(self._linked(_LIBRARY, self._package))
        try:
            command = [sys.executable, "-m", "pytest", *_PYTEST, *tests]
            return run(lambda: os.execv(command[0], command), self._folder, limit)
        finally:
            del os.environ["LD_PRELOAD"]

    def _linked(self, target: str, folder: Path) -> Path:
        linked = folder / Path(target).name
        paths = {self._replaced: str(self._object), target: str(linked)}
        subprocess.run([paths.get(word, word) for word in self._link[target]], cwd=_BUILD, check=True)
        return linked


def pytest_with(module: str, source: Path, tests: Sequence[str], folder: Path, limit: float) -> str | None:
    """Runs tests where a module of the package has this source, in a fork of this process, which has Paddle already.

    Returns the test that fails, or what else ends them; None if they pass.
    """
    return run(lambda: _pytest_here(module, source, tests), folder, limit)


def _pytest_here(module: str, source: Path, tests: Sequence[str]) -> int:
    import pytest

    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, _Replacing(module, source))
    return int(pytest.main([*_PYTEST, *tests]))


class _Replacing(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, source: Path) -> None:
        self._module, self._source = module, source

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self._source) if name == self._module else None


def _link_command(target: str) -> list[str]:
    ninja = subprocess.run(
        ["ninja", "-C", _BUILD, "-t", "commands", "-s", target], capture_output=True, text=True, check=True
    )
    return next(
        command
        for part in ninja.stdout.splitlines()[-1].split(" && ")
        if target in (command := shlex.split(part)) and "-o" in command
    )


def run(body: Callable[[], int], folder: Path, limit: float) -> str | None:
    """Runs `body` in a child, and ends it and its children after `limit` seconds.

    Returns the test that its output says to fail, or what else ended it; None where it returned 0.
    """
    output = folder / "output"
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setpgid(0, 0)
            with output.open("w") as stream:
                os.dup2(stream.fileno(), 1)
                os.dup2(stream.fileno(), 2)
            os.chdir(ROOT)
            code = body()
            sys.stdout.flush()
        os._exit(code)
    with contextlib.suppress(OSError):  # the child does so too: whoever comes first
        os.setpgid(child, child)
    try:
        status = _wait(child, limit)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
        return f"no end within {limit:.3g} s"
    if status == 0:
        return None
    failed = _FAILED.search(output.read_text(errors="replace"))
    return next(filter(None, failed.groups())) if failed else f"exit status {status}"


def _wait(child: int, limit: float) -> int | None:
    """Its exit status; None if it has none in time."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    return None
