"""The benchmarks' own machinery, with this project's engine alone and a network that runs in milliseconds."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engines import layers
from engines.models import NETWORKS
from engines.rounds import Effort, measure, relative_error, summarise
from engines.worker import Window
from support.paths import ROOT

BENCHMARKS = ROOT / "benchmarks"


def test_engines_runs_and_checks_our_answers(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    cell = ["--models", "tiny", "--batches", "2", "--threads", "1"]
    effort = ["--rounds", "2", "--runs", "3", "--seconds", "0.2"]
    command = [sys.executable, BENCHMARKS / "engines.py", *cell, *effort, "--peers", "--json", results]
    printed = subprocess.run([*command, "--cache", tmp_path / "cache"], check=True, capture_output=True, text=True)
    assert "native" in printed.stdout
    document = json.loads(results.read_text())
    assert document["machine"]["cpus"] >= 1
    assert datetime.date.fromisoformat(document["machine"]["date"]) <= datetime.date.today()
    (result,) = document["cells"]
    (ours,) = result["engines"]
    assert result["failures"] == {}
    assert (result["network"], result["batch"], result["threads"]) == ("tiny", 2, 1)
    assert ours["counts"]
    assert 0 < ours["error"] < 1e-4
    assert 0 < ours["least_ms"] <= ours["median_ms"]
    assert ours["ratio_range"] == [1, 1]
    assert [len(window["ms"]) for window in ours["windows"]] == [3, 3]


def test_paddles_backends_are_compared(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    cell = ["--models", "tiny", "--batches", "1", "--threads", "1"]
    effort = ["--rounds", "1", "--runs", "2", "--seconds", "0.1"]
    command = [sys.executable, BENCHMARKS / "engines.py", "--paddle-only", *cell, *effort, "--json", results]
    subprocess.run([*command, "--cache", tmp_path / "cache"], check=True, capture_output=True)
    (result,) = json.loads(results.read_text())["cells"]
    assert result["failures"] == {}
    assert result["goal"] is None
    names = {engine["name"]: (engine["version"], engine["form"], engine["counts"]) for engine in result["engines"]}
    assert names == {
        "onednn": ("onednn", "bundle", True),
        "onednn-pdmodel": ("onednn", "pdmodel", True),
        "openvino-pdmodel": ("openvino", "pdmodel", True),
        "cpu": ("cpu", "bundle", True),
    }


def test_layers_are_told_with_their_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = BENCHMARKS.parent / "build" / "editable" / "benchmarks" / "layers" / "hrnet_native_layers"
    monkeypatch.setattr(layers, "build", lambda _: program)
    layers.show_layers(NETWORKS["tiny"], 2, 1, "scalar", tmp_path)
    lines = capsys.readouterr().out.splitlines()
    shares = [float(line[62:].split()[2].rstrip("%")) for line in lines[2:]]
    assert sum(shares) == pytest.approx(100, abs=0.1 * len(shares))
    assert sum(int(line[62:].split()[0]) for line in lines[2:]) == int(lines[0].split()[3])
    assert any(line.startswith("conv 3x3 stride 1 32 to 4, 16x16, ") for line in lines)


def test_a_wrong_answer_has_a_large_error() -> None:
    logits = np.array([[3.0, -1.0, 0.5], [0.0, 4.0, 1.0]])
    probabilities = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)
    assert relative_error(probabilities, logits) < 1e-6
    assert relative_error(probabilities[::-1], logits) > 0.1
    assert relative_error(np.zeros_like(probabilities), logits) == np.inf
    assert relative_error(np.full_like(probabilities, np.nan), logits) == np.inf


class _Scripted:
    """A worker whose windows are known beforehand."""

    def __init__(self, *windows: Window) -> None:
        self._windows: Iterator[Window] = iter(windows)

    def run(self, count: int, seconds: float) -> Window:
        assert (count, seconds) == (30, 2.0)
        return next(self._windows)


@pytest.mark.parametrize(
    ("others", "kept"),
    [([0.0], 0), ([0.5, 0.4, 0.02], 2), ([0.5, 0.2, 0.4, 0.3], 1)],
)
def test_disturbed_windows_are_repeated(others: list[float], kept: int) -> None:
    windows = [Window([float(i)], share) for i, share in enumerate(others)]
    measured = measure({"ours": _Scripted(*windows)}, Effort(rounds=1))  # type: ignore[dict-item]
    assert measured["ours"] == [windows[kept]]
    assert summarise(measured["ours"], [Window([1.0], 0.0)]).disturbed_rounds == int(others[kept] > 0.03)


def test_ratios_are_taken_within_a_round() -> None:
    ours = [Window([1.0, 1.0, 9.0], 0.0), Window([2.0], 0.0), Window([4.0], 0.0)]
    theirs = [Window([2.0], 0.0), Window([6.0], 0.0), Window([4.0], 0.0)]
    summary = summarise(theirs, ours)
    assert (summary.ratio, summary.ratio_range) == (2.0, (1.0, 3.0))
    assert (summary.median_ms, summary.least_ms) == (4.0, 2.0)
