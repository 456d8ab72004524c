"""Models of Paddle's files alone are compiled for the native engine when they are first used."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from paddle import nn

import hrnet_native
from hrnet_native import Predictor, UnsupportedError
from support.paddle_models import Sequence, save


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "cache"
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", str(directory))
    return directory


@pytest.fixture
def paddle_only(small_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_model, tmp_path / "model", ignore=shutil.ignore_patterns("native.safetensors")))


@pytest.fixture
def grouped(tmp_path: Path) -> Path:
    """A network with a convolution that the native engine does not run."""
    model = Sequence(nn.Conv2D(3, 6, 3), nn.Conv2D(6, 6, 3, groups=2), nn.AdaptiveAvgPool2D(1), nn.Flatten())
    return save(Sequence(model, nn.Softmax()), tmp_path / "grouped", 224)


@pytest.mark.parametrize("backend", ["native", "auto"])
def test_the_first_use_compiles_and_later_ones_do_not(
    backend: str, paddle_only: Path, small_model: Path, cache: Path, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Predictor(paddle_only, backend=backend) as first, Predictor(small_model) as expected:
        assert first.backend == "native"
        assert first.predict(cat) == expected.predict(cat)
    (compiled,) = (cache / "compiled").glob("*.safetensors")
    assert compiled.read_bytes() == (small_model / "native.safetensors").read_bytes()
    assert not (paddle_only / "native.safetensors").exists()

    monkeypatch.setattr(subprocess, "run", None)  # no second child
    with Predictor(paddle_only, backend=backend) as second:
        assert second.backend == "native"


def test_the_cache_may_be_named(paddle_only: Path, cache: Path, tmp_path: Path) -> None:
    with Predictor(paddle_only, cache_dir=tmp_path / "named") as predictor:
        assert predictor.backend == "native"
    assert len(list((tmp_path / "named" / "compiled").glob("*.safetensors"))) == 1
    assert not cache.exists()


def test_an_unknown_operator_is_named(grouped: Path) -> None:
    with pytest.raises(UnsupportedError, match="conv2d with groups=2"):
        Predictor(grouped, backend="native")


def test_auto_uses_paddle_for_an_unknown_operator_and_logs_why(grouped: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hrnet_native"), Predictor(grouped) as predictor:
        assert predictor.backend == "onednn"
        scores = predictor.infer(np.zeros((1, 3, 224, 224), np.float32))
    assert scores.sum() == pytest.approx(1, abs=1e-5)
    assert "conv2d with groups=2" in caplog.text


def test_another_backend_compiles_nothing(paddle_only: Path, cache: Path) -> None:
    with Predictor(paddle_only, backend="onednn") as predictor:
        assert predictor.backend == "onednn"
    assert not cache.exists()


def test_a_cache_that_cannot_be_written(paddle_only: Path, cache: Path) -> None:
    cache.touch()
    with pytest.raises(UnsupportedError, match=f"the cache cannot keep one: .*{cache}.*HRNET_NATIVE_CACHE_DIR"):
        Predictor(paddle_only, backend="native")
    with Predictor(paddle_only) as predictor:
        assert predictor.backend == "onednn"


def test_the_default_model_runs_without_paddle(cat: Path) -> None:
    code = (
        "import sys, hrnet_native\n"
        f"with hrnet_native.Predictor() as p: print(p.backend, p.predict({str(cat)!r}).label_names[0])\n"
        "assert 'paddle' not in sys.modules\n"
        "assert 'libpaddle' not in open('/proc/self/maps').read()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("native cat\n", "")


def test_the_directorys_own_file_is_preferred(small_model: Path, cache: Path) -> None:
    with hrnet_native.Predictor(small_model) as predictor:
        assert predictor.backend == "native"
    assert not cache.exists()
