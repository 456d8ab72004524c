"""The benchmarks of hostile images and of reduced decoding run, and say what they found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

BENCHMARKS = ROOT / "benchmarks"


def test_limits_checks_every_answer_and_sees_flat_memory() -> None:
    command = [sys.executable, BENCHMARKS / "limits.py", "--rounds", "1"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    assert len(lines) == 16
    memory = {line[:38].strip(): int(line.split(" MiB")[0].split()[-1]) for line in lines}
    # The others are decoded, or are until their time is up.
    refused = [name for name, line in zip(memory, lines) if " MiB  (" not in line and "max_decode_ms" not in line]
    assert len(refused) == 12
    assert max(memory[name] for name in [*refused, "PNG with 1,000 texts of 8 MB"]) < 32


def test_fast_decode_counts_photographs_classes_and_changes(tmp_path: Path, cat: Path) -> None:
    (tmp_path / "cat").mkdir()
    shutil.copy(cat, tmp_path / "cat")
    shutil.copy(cat, tmp_path / "elsewhere.jpg")
    command = [sys.executable, BENCHMARKS / "fast_decode.py", tmp_path]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith("2 photographs, 2 of them decoded at a reduced size\nthe same top-1 class in 2\n")
    assert said.endswith("of 1 with a class of the model 1 were right decoded whole, 1 reduced\n")
