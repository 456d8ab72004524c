"""The types that the package promises, as mypy and basedpyright see them in the calls of typing/calls.py."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT

CALLS = ROOT / "tests" / "repository" / "typing" / "calls.py"
VERSIONS = ["3.10", "3.13"]


def wrong_lines() -> set[int]:
    return {i for i, line in enumerate(CALLS.read_text().splitlines(), 1) if line.endswith("# wrong")}


def lines_with_errors(messages: list[tuple[int, str]]) -> set[int]:
    """The lines, once it is clear that none but the expected ones has an error."""
    unexpected = [f"line {line}: {text}" for line, text in messages if line not in wrong_lines()]
    assert unexpected == []
    return {line for line, _ in messages}


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_mypy(version: str, tmp_path: Path) -> None:
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path}", f"--python-version={version}"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--no-error-summary", "--hide-error-context", str(CALLS)],
        capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    errors = re.findall(r"^[^\n]*calls\.py:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert done.stderr == ""
    assert done.stdout.count(": error: ") == len(errors), done.stdout  # none elsewhere
    assert lines_with_errors([(int(line), text) for line, text in errors]) == wrong_lines()


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_basedpyright(version: str, tmp_path: Path) -> None:
    settings = {
        "include": [str(CALLS)],
        "pythonVersion": version,
        "typeCheckingMode": "strict",
        "extraPaths": [str(ROOT / "python")],
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    report = json.loads(done.stdout)
    errors = [d for d in report["generalDiagnostics"] if d["severity"] == "error"]
    assert {Path(error["file"]).name for error in errors} == {CALLS.name}
    messages = [(error["range"]["start"]["line"] + 1, error["message"]) for error in errors]
    assert lines_with_errors(messages) == wrong_lines()
