"""A published model's name where a directory or a file of weights could stand; from download to bundle in one step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open

from hrnet_native import DownloadError, ModelLoadError, NotFoundError, Predictor
from hrnet_native.cli.main import main
from hrnet_native.family.published import DEFAULT_MODEL, imagenet_labels, resolve_architecture
from hrnet_native.weights.conversion import convert
from hrnet_native.weights.files import Weights, save_weights
from hrnet_native.weights.naming import entries
from parity.oracles.golden import FOLDER
from support import hostile_server as hostile
from support.archives import tar_of
from support.hostile_server import HostileServer
from support.seeded_weights import norm_names, seeded_weights
from support.small_network import SMALL_NETWORK

NAME = "HRNet_W18_C"


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile.running() as state:
        yield state


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache that the environment names."""
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def published_archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive as the publisher's, of a smaller network."""
    from hrnet_native.export.exporter import ExportOptions, export

    directory = tmp_path_factory.mktemp("archive") / "m"
    arch = {"arch": "HRNet_W4_C", "arch_overrides": SMALL_NETWORK, "allow_random": True, "model_format": "pdmodel"}
    export(ExportOptions(**arch, native=False), directory)  # type: ignore[arg-type]
    names = ("inference.pdmodel", "inference.pdiparams")
    return tar_of({f"{NAME}_infer/{name}": (directory / name).read_bytes() for name in names})


def test_download_by_itself_where_predict_is_given_a_name(
    server: HostileServer, cache: Path, published_archive: bytes, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files[f"/inference/{NAME}_infer.tar"] = published_archive
    monkeypatch.setenv("HRNET_NATIVE_MIRROR", server.url)
    command = [sys.executable, "-m", "hrnet_native.cli.main", "predict", "--model", NAME, str(cat), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["label_names"] == [imagenet_labels()[i] for i in answer["class_ids"]]
    bundle = cache / "weights" / f"{NAME}_infer"
    assert sorted(p.name for p in bundle.iterdir()) == ["inference.pdiparams", "inference.pdmodel", "inference.yml"]
    assert not list((cache / "weights").glob("*.tar"))


@pytest.mark.usefixtures("cache")
def test_download_by_itself_where_a_predictor_is_given_a_name(
    server: HostileServer, published_archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRNET_NATIVE_OFFLINE", "1")
    with pytest.raises(DownloadError, match=r"offline.*`hrnet-native download`"):
        Predictor(NAME)
    monkeypatch.delenv("HRNET_NATIVE_OFFLINE")
    server.files[f"/inference/{NAME}_infer.tar"] = published_archive
    monkeypatch.setenv("HRNET_NATIVE_MIRROR", server.url)
    with Predictor(NAME, backend="onednn") as predictor:
        assert predictor.model_name == NAME
        assert predictor.label_names == imagenet_labels()
    monkeypatch.setenv("HRNET_NATIVE_OFFLINE", "1")
    with Predictor(NAME, backend="onednn") as predictor:
        assert predictor.num_classes == 1000
    assert len(server.requests) == 1


@pytest.mark.usefixtures("cache")
def test_download_of_a_name_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundError, match=r"no such model directory: HRNet_W18; did you mean .*HRNet_W18_C"):
        Predictor("HRNet_W18")
    with Predictor(DEFAULT_MODEL) as predictor:
        assert predictor.model_name == Predictor().model_name
    (tmp_path / NAME).mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelLoadError, match=NAME):  # a directory of that name comes first
        Predictor(NAME)


def test_download_by_name_imports_neither_paddle_nor_torch() -> None:
    code = (
        "import os, sys, hrnet_native\n"
        "os.environ['HRNET_NATIVE_OFFLINE'] = '1'\n"
        f"try: hrnet_native.Predictor({NAME!r})\n"
        "except hrnet_native.DownloadError: pass\n"
        "assert not {'torch', 'paddle'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def w18() -> dict[str, NDArray[np.float32]]:
    with np.load(FOLDER / f"{NAME}.paddleclas.npz") as stored:
        statistics = dict(zip(norm_names(NAME), stored["statistics"].tolist()))
    return seeded_weights(NAME, lambda layer: tuple(statistics[layer]))


@pytest.mark.slow
def test_download_then_export_in_one_step(
    w18: dict[str, NDArray[np.float32]],
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mirror = tmp_path / "mirror"
    (mirror / "legendary_models").mkdir(parents=True)
    save_weights(Weights(w18), mirror / "legendary_models" / f"{NAME}_pretrained.pdparams")
    monkeypatch.setenv("HRNET_NATIVE_MIRROR", f"file://{mirror}")
    options = ["--input-size", "32", "--storage", "fp16", "-o", str(tmp_path / "bundle")]
    assert main(["export", "--arch", NAME, "--weights", NAME, *options]) == 0
    said = capsys.readouterr().out
    assert "1000 classes, input 32x32" in said
    assert "largest change of a weight by half precision" in said
    assert (cache / "weights" / f"{NAME}_pretrained.pdparams").is_file()
    with Predictor(tmp_path / "bundle") as predictor:
        assert predictor.label_names == imagenet_labels()
    native = tmp_path / "bundle" / "native.safetensors"
    single = sum(tensor.nbytes for tensor in w18.values())
    assert native.stat().st_size < 0.51 * single
    with safe_open(native, framework="numpy") as file:
        assert str(file.get_tensor("conv2d_0.weight").dtype) == "float16"


def test_convert_then_export_in_one_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From torch's file to a bundle."""
    arch, _ = resolve_architecture(DEFAULT_MODEL)
    random = np.random.default_rng(0)
    ours = {e.paddleclas: 0.05 * random.standard_normal(e.shape).astype(np.float32) for e in entries(arch, 1000)}
    ours |= {name: np.ones_like(tensor) for name, tensor in ours.items() if name.endswith("_variance")}
    save_weights(Weights(convert(ours, arch, "timm")[0]), tmp_path / "w.pth", storage="fp16")
    output = str(tmp_path / "bundle")
    assert main(["export", "--arch", DEFAULT_MODEL, "--weights", str(tmp_path / "w.pth"), "-o", output]) == 0
    assert "1000 classes, input 224x224" in capsys.readouterr().out
