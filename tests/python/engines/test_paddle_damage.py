"""Paddle's own files, damaged, with hashes that do not tell: our part is an error, crashes are Paddle's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT

TESTS = ROOT / "tests"
OURS = {"answer", "ModelLoadError", "UnsupportedError"}
UPSTREAM = {"SIGSEGV", "SIGABRT", "SIGFPE", "SIGBUS"}  # docs/architecture.md, "Paddle as a plugin"


@pytest.mark.parametrize("name", ["inference.json", "inference.pdmodel", "inference.pdiparams"])
def test_damaged_files_of_paddle(name: str, small_model: Path, small_pdmodel: Path, cat: Path) -> None:
    model = small_pdmodel if name.endswith("pdmodel") else small_model
    done = subprocess.run(
        [sys.executable, "-m", "support.paddle_damage", model, name, cat, "15"],
        env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    outcomes = json.loads(done.stdout)
    print(outcomes)
    assert sum(outcomes.values()) == 15
    assert set(outcomes) <= OURS | UPSTREAM
    assert "ModelLoadError" in outcomes
