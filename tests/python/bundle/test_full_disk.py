"""What is written to a full disk: one error that names the file and the reason, and nothing is left."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from hrnet_native.cli.main import main
from hrnet_native.compiler.cache import compiled_model
from hrnet_native.errors import UnsupportedError
from hrnet_native.export.exporter import ExportOptions, export
from hrnet_native.weights.files import Weights, save_weights
from support.full_disk import files_end_at
from support.small_network import SMALL_NETWORK


@pytest.fixture
def paddle_only(small_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_model, tmp_path / "model", ignore=shutil.ignore_patterns("native.safetensors")))


@pytest.mark.parametrize("suffix", [".safetensors", ".pdparams", ".pth"])
def test_weights(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_text("as it was")
    with files_end_at(1000), pytest.raises(OSError, match="File too large") as caught:
        save_weights(Weights({"conv1.weight": np.zeros(10_000, np.float32)}), path)
    assert str(path) in str(caught.value)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["as it was"]


def test_compile(paddle_only: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(paddle_only.iterdir())
    with files_end_at(1000):
        assert main(["compile", str(paddle_only)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"hrnet-native: {paddle_only / 'native.safetensors'} cannot be written: ")
    assert "File too large" in line
    assert sorted(paddle_only.iterdir()) == before


@pytest.mark.parametrize("limit", [1000, 10_000])  # in the program; in the parameters, which Paddle does not notice
def test_export(tmp_path: Path, limit: int) -> None:
    directory = tmp_path / "bundle"
    options = ExportOptions(arch="HRNet_W4_C", arch_overrides=SMALL_NETWORK, allow_random=True, input_size=32)
    with files_end_at(limit), pytest.raises(OSError, match="File too large") as caught:
        export(options, directory)
    assert str(directory) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_cache_of_compiled_models(paddle_only: Path, tmp_path: Path) -> None:
    """In a child process, which has the same limit."""
    with files_end_at(1000), pytest.raises(UnsupportedError, match=r"the cache cannot keep one: .*File too large"):
        compiled_model(paddle_only, tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
