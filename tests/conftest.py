"""Photographs, models and data that many tests share."""

from __future__ import annotations

import os
import signal
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

# Before NumPy is loaded. Two threads that wait for each other in turn cost forty times the CPU time of one where the
# CPUs have other work, as they have beside another process with tests.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hrnet_native
from hrnet_native import default_model
from support.paths import ROOT
from support.small_network import SMALL_NETWORK

LABELS = ["red", "green", "blue", "grey"]


def _package_files(package: str, *patterns: str) -> list[Path]:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


@pytest.fixture(scope="session")
def cat() -> Path:
    """The demo's photograph."""
    return ROOT / "examples" / "cat.jpg"


@pytest.fixture(scope="session")
def photographs(cat: Path) -> list[Path]:
    """Real images of many sizes that pinned packages ship: colour and grey, JPEG and PNG, with and without alpha."""
    found = _package_files("skimage", "data/*.jpg", "data/*.png") + _package_files("sklearn", "datasets/images/*.jpg")
    assert len(found) >= 20
    return [cat, *found]


@pytest.fixture(scope="session")
def default_predictor() -> Iterator[hrnet_native.Predictor]:
    """The model that ships with the package."""
    with hrnet_native.Predictor() as predictor:
        yield predictor


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Ctrl-C as usual, also where the tests are run by a shell that ignores it for what it runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def default_directory() -> Path:
    """Directory of the model that ships with the package."""
    return default_model.DIRECTORY


@pytest.fixture(scope="session")
def default_paddle_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network as a directory with Paddle's files only."""
    from hrnet_native.export.exporter import ExportOptions, export

    directory = tmp_path_factory.mktemp("models") / "default"
    export(ExportOptions(weights=ROOT / "recipes" / "cifar10.safetensors", native=False), directory)
    return directory


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narrow random network with four classes, exported as .json."""
    return _export_small(tmp_path_factory.mktemp("models") / "json", "json")


@pytest.fixture(scope="session")
def small_pdmodel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in Paddle's older format."""
    return _export_small(tmp_path_factory.mktemp("models") / "pdmodel", "pdmodel")


def _export_small(directory: Path, model_format: str) -> Path:
    from hrnet_native.export.exporter import ExportOptions, export

    options = ExportOptions(
        arch="HRNet_W4_C",
        arch_overrides=SMALL_NETWORK,
        allow_random=True,
        model_format=model_format,
        num_classes=len(LABELS),
        input_size=64,
        label_names=LABELS,
    )
    export(options, directory)
    return directory


@pytest.fixture(scope="session")
def test_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archives of HRNET_NATIVE_TEST_DATA, each unpacked to a folder of its name."""
    source = os.environ.get("HRNET_NATIVE_TEST_DATA")
    if not source:
        pytest.skip("HRNET_NATIVE_TEST_DATA is not set: it names the folder with CIFAR-10 and the photographs")
    unpacked = tmp_path_factory.mktemp("data")
    for name in ("cifar10_jpeg.tar.gz", "cifar_class_photos.tar", "imagenet_photos_125.tar", "exif_orientation.tar"):
        folder = unpacked / name.split(".")[0]
        with tarfile.open(Path(source) / name) as archive:
            archive.extractall(folder, filter="data")
    return unpacked


@pytest.fixture(scope="session")
def fuzz_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The malformed files of HRNET_NATIVE_TEST_DATA's jpeg_fuzz_seeds.tar.gz."""
    source = os.environ.get("HRNET_NATIVE_TEST_DATA")
    if not source:
        pytest.skip("HRNET_NATIVE_TEST_DATA is not set: it names the folder with jpeg_fuzz_seeds.tar.gz")
    folder = tmp_path_factory.mktemp("fuzz")
    with tarfile.open(Path(source) / "jpeg_fuzz_seeds.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder
