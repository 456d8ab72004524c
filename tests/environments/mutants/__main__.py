"""Makes mutants, runs the tests of their modules, and says which nobody noticed."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import yaml

from environments.mutants.mutations import Mutant, draw
from environments.mutants.subjects import IN_CPP, IN_PYTHON
from environments.mutants.trials import Cpp, pytest_with
from support.paths import ROOT

_JUDGED: Final = Path(__file__).with_name("judged.yml")
_HEAVY: Final = ("paddle", "pytest", "safetensors")  # each mutant's tests begin with them imported
_SLOWER: Final = 5  # times as long as without a change, and some seconds: then a mutant hangs
_SECONDS: Final = 20
Trial = Callable[[Mutant, float], str | None]


def main() -> int:
    """Returns 1 if a mutant survives that nobody has judged."""
    parser = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--count", type=int, default=60, help="half of them Python's")
    parser.add_argument("--list", action="store_true", help="only show what would be changed")
    arguments = parser.parse_args()
    half = arguments.count // 2
    mutants = draw(ROOT, list(IN_CPP), arguments.count - half, arguments.seed)
    mutants += draw(ROOT, list(IN_PYTHON), half, arguments.seed)
    if arguments.list:
        print(*mutants, sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="hrnet_native_mutants_") as name:
        return _judge(mutants, Path(name))


def _judge(mutants: list[Mutant], folder: Path) -> int:
    for name in _HEAVY:
        importlib.import_module(name)
    reasons = judged()
    limits = _Limits(_trial(folder))
    survived, unjudged = 0, 0
    for number, mutant in enumerate(mutants, 1):
        killer = limits.trial(mutant, limits.of(mutant.file))
        fate = f"killed by {killer}"
        if killer is None:
            reason = reasons.get((mutant.file, mutant.before, mutant.after))
            fate = f"SURVIVED, which was judged: {reason}" if reason else "SURVIVED"
            survived += 1
            unjudged += reason is None
        print(f"{number}. {mutant}\n    {fate}", flush=True)
    print(f"{len(mutants)} mutants, {survived} survived, {unjudged} of them not judged in {_JUDGED.relative_to(ROOT)}")
    return int(unjudged > 0)


def judged() -> dict[tuple[str, str, str], str]:
    """Why no test has to notice: by the file, its line before, and after the change."""
    rows = yaml.safe_load(_JUDGED.read_text())
    return {(row["file"], row["before"], row["after"]): row["reason"] for row in rows}


class _Limits:
    """How long tests may take; they must pass where nothing is changed."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self._limits: dict[str, float] = {}  # by the tests, which some files have in common

    def of(self, file: str) -> float:
        tests = str(IN_CPP.get(file) or IN_PYTHON[file])
        if tests not in self._limits:
            text = (ROOT / file).read_text()
            begin = time.monotonic()
            if failed := self.trial(Mutant(file, 0, "", "", text), 1200):
                sys.exit(f"{failed}: this test of {file} fails without any change")
            self._limits[tests] = _SLOWER * (time.monotonic() - begin) + _SECONDS
        return self._limits[tests]


def _trial(folder: Path) -> Trial:
    cpp = Cpp(folder)

    def in_cpp(mutant: Mutant, limit: float) -> str | None:
        gtests, pytests = IN_CPP[mutant.file]
        if not cpp.compile(mutant.file, mutant.text):
            return "the compiler"
        return cpp.gtest(gtests, limit) or (cpp.pytest(pytests, limit) if pytests else None)

    def in_python(mutant: Mutant, limit: float) -> str | None:
        source = folder / Path(mutant.file).name
        source.write_text(mutant.text)
        module = ".".join(Path(mutant.file).with_suffix("").parts[1:])
        return pytest_with(module, source, IN_PYTHON[mutant.file], folder, limit)

    return lambda mutant, limit: (in_cpp if mutant.file in IN_CPP else in_python)(mutant, limit)


if __name__ == "__main__":
    sys.exit(main())
