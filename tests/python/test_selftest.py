"""``hrnet-native selftest``: what it says of backends that work, that are missing, and that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hrnet_native.cli.main import main
from hrnet_native.evaluation import selftest as module


def test_the_cpus_backends_work_and_are_timed(small_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", "--model", str(small_model), "--runs", "2", "--json"]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [result["name"] for result in results] == ["native fp32", "onednn fp32", "cpu fp32"]
    for result in results:
        assert result["status"] == "works", result
        assert result["batch_sizes"] == [1, 4, 8]
        assert all(0 < median <= tail for median, tail in result["latency_ms"])


def test_the_table(small_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", "--model", str(small_model), "--runs", "1"]) == 0
    out = capsys.readouterr().out
    assert "batch 1" in out
    assert "batch 4" in out
    assert "batch 8" in out
    assert len([line for line in out.splitlines() if line.startswith("native fp32")]) == 2  # the check, and its times


def test_a_model_without_a_backends_file_is_told(small_pdmodel: Path, tmp_path: Path, capsys: Any) -> None:
    for file in small_pdmodel.iterdir():
        if file.name != "native.safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert main(["selftest", "--model", str(tmp_path), "--runs", "1", "--json"]) == 1
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert results[0]["status"] == "fails"
    assert "native.safetensors" in results[0]["message"]


class Wrong:
    """Answers as a predictor does, but for one number at one batch size."""

    def __init__(self, error: float) -> None:
        self.error = error

    def infer(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        scores = np.full((len(inputs), 2), 0.5, np.float32)
        if len(inputs) == 4:
            scores[3, 1] += self.error
        return scores


@pytest.mark.parametrize("error", [0.01, float("nan")])
def test_one_wrong_number_is_found(error: float) -> None:
    inputs, expected = np.zeros((8, 1), np.float32), np.full((8, 2), 0.5, np.float32)
    assert module._check(Wrong(0), inputs, expected, 1e-4) == 0  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="at batch 4 a probability differs"):
        module._check(Wrong(error), inputs, expected, 1e-4)  # type: ignore[arg-type]
