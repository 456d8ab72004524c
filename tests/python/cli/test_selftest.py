"""``hrnet-native selftest``: what it says of backends that work, that are missing, and that are wrong."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hrnet_native.cli.main import main
from hrnet_native.evaluation import backends


def run_json(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["selftest", "--runs", "2", "--json", *arguments])
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {result["name"]: result for result in results}


def test_the_cpus_backends_work_and_are_timed(small_pdmodel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, results = run_json(["--model", str(small_pdmodel)], capsys)
    assert code == 0
    assert list(results) == ["native fp32", "onednn fp32", "openvino fp32", "cpu fp32"]
    for result in results.values():
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


def test_openvino_lacks_the_older_format_of_a_newer_model(
    small_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, results = run_json(["--model", str(small_model)], capsys)
    assert code == 0
    assert [result["status"] for result in results.values()] == ["works", "works", "lacking", "works"]
    assert results["openvino fp32"]["message"].startswith("the model has no inference.pdmodel; ")


def test_a_model_without_paddles_files_runs_natively(
    small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    native = tmp_path / "native"
    shutil.copytree(small_model, native, ignore=shutil.ignore_patterns("*.json", "*.pdiparams"))
    code, results = run_json(["--model", str(native)], capsys)
    assert code == 0
    assert results["native fp32"]["status"] == "works"
    for name in ("onednn fp32", "openvino fp32", "cpu fp32"):
        assert results[name]["status"] == "lacking"
        assert "the model has no inference." in results[name]["message"]


def test_a_damaged_model_fails(small_pdmodel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = Path(shutil.copytree(small_pdmodel, tmp_path / "damaged"))
    (damaged / "native.safetensors").write_bytes(b"short")
    code, results = run_json(["--model", str(damaged)], capsys)
    assert code == 1
    assert results["native fp32"]["status"] == "fails"
    assert results["onednn fp32"]["status"] == "works"


def test_a_model_that_no_backend_of_the_cpu_runs(
    small_pdmodel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = Path(shutil.copytree(small_pdmodel, tmp_path / "damaged"))
    (damaged / "native.safetensors").write_bytes(b"short")
    (damaged / "inference.pdiparams").write_bytes(b"short")
    assert main(["selftest", "--model", str(damaged)]) == 1
    error = capsys.readouterr().err
    assert re.search(r"no backend of the CPU runs the model: cpu: .*inference\.pdiparams.*; native: ", error)


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
    assert backends._check(Wrong(0), inputs, expected, 1e-4) == 0  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="at batch 4 a probability differs"):
        backends._check(Wrong(error), inputs, expected, 1e-4)  # type: ignore[arg-type]
