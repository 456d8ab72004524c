"""What ``./dev mutate`` changes; the tests of a few mutants."""

from __future__ import annotations

import ast
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.mutants.__main__ import judged
from environments.mutants.mutations import draw, mutants_of
from environments.mutants.subjects import IN_CPP, IN_PYTHON
from environments.mutants.trials import run
from support.paths import ROOT


@pytest.mark.parametrize("files", [IN_CPP, IN_PYTHON], ids=["cpp", "python"])
def test_a_seed_draws_different_mutants_and_always_the_same(files: dict[str, object]) -> None:
    mutants = draw(ROOT, list(files), 30, seed=1)
    assert mutants == draw(ROOT, list(files), 30, seed=1)
    assert mutants != draw(ROOT, list(files), 30, seed=2)
    assert len({mutant.text for mutant in mutants}) == 30
    assert {mutant.file for mutant in mutants} == set(files)
    for mutant in mutants:
        before, after = (ROOT / mutant.file).read_text().split("\n"), mutant.text.split("\n")
        assert [i + 1 for i, lines in enumerate(zip(before, after)) if lines[0] != lines[1]] == [mutant.line]
        assert (before[mutant.line - 1].strip(), after[mutant.line - 1].strip()) == (mutant.before, mutant.after)


@pytest.mark.parametrize("file", IN_PYTHON)
def test_every_mutant_in_python_is_another_program(file: str) -> None:
    whole = ast.dump(ast.parse((ROOT / file).read_text()))
    for mutant in mutants_of(ROOT, file):
        assert ast.dump(ast.parse(mutant.text)) != whole, mutant


def test_comments_strings_types_and_signs_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.cc").write_text(
        "#if 1 == 2\n"
        "// 1 < 2\n"
        "const std::map<int, char*>& f(T&& x, int* y) { return g(-x, *y, \"1 + 2\", '3', 0x10U, 1'000, 1.5F); }\n"
        "bool h() { return !f() && true; }\n"
    )
    assert [mutant.after for mutant in mutants_of(tmp_path, "a.cc")] == [
        "const std::map<int, char*>& f(T&& x, int* y) { return g(-x, *y, \"1 + 2\", '3', 0x11U, 1'000, 1.5F); }",
        "const std::map<int, char*>& f(T&& x, int* y) { return g(-x, *y, \"1 + 2\", '3', 0x10U, 1001, 1.5F); }",
        "const std::map<int, char*>& f(T&& x, int* y) { return g(-x, *y, \"1 + 2\", '3', 0x10U, 1'000, 2.5F); }",
        "bool h() { return f() && true; }",
        "bool h() { return !f() || true; }",
        "bool h() { return !f() && false; }",
    ]
    (tmp_path / "a.py").write_text('"""1 + 2"""\ndef f(*a: int, b: int | None) -> bool:\n    return not a  # 3\n')
    assert [mutant.after for mutant in mutants_of(tmp_path, "a.py")] == ["return  a  # 3"]


def test_what_was_judged_is_still_there() -> None:
    for file, before, after in judged():
        assert (before, after) in [(mutant.before, mutant.after) for mutant in mutants_of(ROOT, file)]


def failing() -> int:
    os.write(1, b"1 failed\nFAILED tests/test_x.py::test_y - assert 1 == 2\n")
    return 1


@pytest.mark.parametrize(
    ("body", "limit", "killer"),
    [
        (lambda: 0, 60, None),
        (lambda: 3, 60, "exit status 3"),
        (failing, 60, "tests/test_x.py::test_y"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), 60, "exit status -9"),
        (lambda: os.system("sleep 1000"), 0.5, "no end within 0.5 s"),
    ],
    ids=["passes", "ends", "fails", "crashes", "hangs"],
)
def test_what_kills_a_mutant_is_named(
    body: Callable[[], int], limit: float, killer: str | None, tmp_path: Path
) -> None:
    assert run(body, tmp_path, limit) == killer
