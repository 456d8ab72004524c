"""Device gpu where there is none: every refusal is typed and says what is missing; options are checked as all are."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import hrnet_native
from hrnet_native import TensorRtOptions, UnsupportedError
from hrnet_native.cli import selftest as cli_selftest
from hrnet_native.cli.main import main
from support.paths import ROOT
from support.small_network import SMALL_NETWORK


@pytest.mark.parametrize("backend", ["auto", "cuda", "tensorrt"])
def test_a_paddle_without_cuda_is_refused(small_pdmodel: Path, backend: str) -> None:
    with pytest.raises(UnsupportedError, match=r"was built without CUDA here; install paddlepaddle-gpu==3\.3\.1"):
        hrnet_native.Predictor(small_pdmodel, "gpu", backend=backend)


def test_the_refusal_prints_nothing(small_pdmodel: Path) -> None:
    code = """
import sys, hrnet_native
try:
    hrnet_native.Predictor(sys.argv[1], "gpu", backend="cuda")
except hrnet_native.UnsupportedError:
    pass
"""
    done = subprocess.run([sys.executable, "-c", code, small_pdmodel], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("device", "options", "words"),
    [
        ("gpu", {"backend": "native"}, r"native does not run on device gpu; expected auto, cuda or tensorrt"),
        ("gpu", {"backend": "onednn"}, r"onednn does not run on device gpu"),
        ("cpu", {"backend": "cuda"}, r"cuda does not run on device cpu; expected auto, native"),
        ("gpu", {"backend": "cuda", "precision": "int8"}, r"cuda does not run in precision int8"),
        ("gpu", {"backend": "tensorrt", "precision": "bf16"}, r"tensorrt does not run in precision bf16"),
        ("cpu", {"precision": "fp16"}, r"does not run in precision fp16 on device cpu"),
    ],
)
def test_what_does_not_go_together(small_model: Path, device: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        hrnet_native.Predictor(small_model, device, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"device_id": -1}, "device_id must be at least 0, not -1"),
        ({"gpu_memory_pool_mb": 0}, "gpu_memory_pool_mb must be at least 1, not 0"),
        ({"tensorrt": TensorRtOptions(workspace_mb=0)}, "workspace_mb must be at least 1, not 0"),
        ({"tensorrt": TensorRtOptions(min_subgraph_size=0)}, "min_subgraph_size must be at least 1, not 0"),
        ({"tensorrt": TensorRtOptions(optimal_batch_size=9)}, "optimal_batch_size must be from 1 to max_batch_size=8"),
    ],
)
def test_options_out_of_range(small_model: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        hrnet_native.Predictor(small_model, "gpu", **options)


def test_build_engine_says_what_is_missing(small_pdmodel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build-engine", "--model", str(small_pdmodel), "--precision", "fp16"]) == 1
    assert "was built without CUDA here" in capsys.readouterr().err


def test_defaults_are_those_of_the_core() -> None:
    """Python's dataclass and the C++ struct name the same defaults."""
    header = ROOT / "cpp" / "include" / "hrnet_native" / "backend.h"
    text = " ".join(header.read_text().split())
    for name, value in vars(TensorRtOptions()).items():
        assert f"{name} = {str(value).lower()};" in text


def test_gpu_selftest_without_a_gpu(small_pdmodel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", "--device", "gpu", "--model", str(small_pdmodel), "--runs", "1"]) == 1
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    for name in ("cuda fp32", "cuda fp16", "tensorrt fp32", "tensorrt fp16"):
        assert any(line.startswith(name) and "lacking" in line and "without CUDA" in line for line in lines)
    assert "nothing works" in captured.err


@pytest.mark.slow
def test_gpu_selftest_exports_a_model_that_paddle_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = {"arch": "HRNet_W4_C", "arch_overrides": SMALL_NETWORK, "model_format": "pdmodel", "native": False}
    monkeypatch.setattr(cli_selftest, "_GPU_MODEL", {**small, "num_classes": 4, "input_size": 64})
    assert main(["selftest", "--device", "gpu", "--runs", "1", "--json"]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert len(lines) == 4
    assert all("was built without CUDA here" in line for line in lines)  # not: the model has no inference.pdmodel


def test_gpu_settings_read_the_table_that_paddle_prints() -> None:
    """`./dev gpu-settings` needs a large package; that it can fail is tested here."""
    run = importlib.import_module("environments.gpu_settings.run")
    table = "+---+---+\n| Option | Value |\n| use_gpu       | true         |\n|        |\nbuilt_with_cuda 1\n"
    assert run.settings(table)["use_gpu"] == "true"
    assert run.settings(table)["built_with_cuda"] == "1"
