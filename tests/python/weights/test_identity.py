"""What a weights file says of itself, what is said of it, and contradictions between the two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from hrnet_native import InvalidArgumentError
from hrnet_native.cli.main import main
from hrnet_native.export.exporter import ExportOptions, export
from hrnet_native.family.table import override, parse_name
from hrnet_native.weights.files import Weights, read_weights, save_weights
from hrnet_native.weights.identity import identify
from hrnet_native.weights.naming import entries
from support.small_network import SMALL_NETWORK

SMALL = override(parse_name("HRNet_W4_C"), SMALL_NETWORK)
NAMES = ["a", "b", "c", "d", "e"]
SAID = {"arch": "HRNet_W4_C", "arch_overrides": SMALL_NETWORK, "class_names": NAMES, "origin": "a test"}


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A small network of five classes that says so."""
    random = np.random.default_rng(0)
    tensors = {e.paddleclas: random.standard_normal(e.shape).astype(np.float32) for e in entries(SMALL, 5)}
    path = tmp_path / "described.safetensors"
    save_weights(Weights(tensors, SAID), path)
    return path


def test_convert_takes_what_the_file_says(described: Path, tmp_path: Path) -> None:
    output = tmp_path / "w.pth"
    assert main(["convert", str(described), "-o", str(output)]) == 0
    assert read_weights(output).num_classes == 5
    again = tmp_path / "again.safetensors"
    assert main(["convert", str(described), "--arch", "HRNet_W4_C", "--num-classes", "5", "-o", str(again)]) == 0
    assert read_weights(again).metadata == SAID


def test_convert_forgets_the_names_of_classes_that_are_gone(described: Path, tmp_path: Path) -> None:
    output = tmp_path / "fresh.safetensors"
    assert main(["convert", str(described), "--fresh-head", "--num-classes", "3", "-o", str(output)]) == 0
    fresh = read_weights(output)
    assert fresh.num_classes == 3
    assert fresh.metadata == {key: value for key, value in SAID.items() if key != "class_names"}
    with pytest.raises(InvalidArgumentError, match="input_size"):  # the labels, which come first, are no obstacle
        export(ExportOptions(weights=output, input_size=1), tmp_path / "bundle")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--arch", "HRNet_W18_C"], "arch is HRNet_W18_C, but the weights file is of HRNet_W4_C"),
        (["--num-classes", "3"], "num_classes is 3, but the weights have 5 classes"),
        (["--num-classes", "0", "--fresh-head"], "num_classes must be at least 1, not 0"),
        (["--arch", "HRNet_W4"], "unknown architecture 'HRNet_W4'"),
    ],
)
def test_convert_names_both_sides_of_a_contradiction(
    described: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["convert", str(described), *arguments, "-o", str(tmp_path / "out.pth")]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out.pth").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"arch": "HRNet_W18_C"}, "arch is HRNet_W18_C, but the weights file is of HRNet_W4_C"),
        (
            {"arch_overrides": {"last_channels": 32}},
            "last_channels is 32, but the weights file, of HRNet_W4_C, has 16",
        ),
        ({"num_classes": 3}, "num_classes is 3, but the weights have 5 classes"),
        ({"label_names": ["a"]}, r"1 labels, but the model has 5 classes \(labels: given\)"),
    ],
)
def test_export_names_both_sides_of_a_contradiction(
    described: Path, tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        export(ExportOptions(weights=described, **options), tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == [described.name]


def test_names_that_mean_the_same_network_do_not_contradict() -> None:
    tensors = {"fc.bias": np.zeros(10, np.float32)}
    trained = Weights(tensors, {"arch": "HRNet_W18_C"})
    assert identify(trained, "HRNet_W18_C_ssld").name == "HRNet_W18_C_ssld"
    shortened = Weights(tensors, {"arch": "HRNet_W4_C", "arch_overrides": SMALL_NETWORK})
    for arch in (None, "HRNet_W4_C"):
        identity = identify(shortened, arch, {"num_modules": [1, 1, 1]})
        assert (identity.architecture, identity.num_classes) == (SMALL, 10)
    silent = Weights(tensors)
    assert identify(silent, "HRNet_W4_C", SMALL_NETWORK).architecture == SMALL
    with pytest.raises(InvalidArgumentError, match="does not name its architecture"):
        identify(silent)
    assert identify(Weights({}), "HRNet_W16_C_CIFAR10").num_classes == 10


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([1], "its metadata are"),
        ({"arch": 5}, "its arch is 5"),
        ({"arch_overrides": [1]}, "its arch_overrides is"),
        ({"class_names": ["a", 1]}, "its class_names is"),
        ({"class_names": "ab"}, "its class_names is 'ab'"),
        ({"input_size": 0}, "its input_size is 0"),
        ({"input_size": True}, "its input_size is True"),
        ({"mean": [0.5]}, "its mean is"),
        ({"std": ["a", "b", "c"]}, "its std is"),
        ({"origin": None}, "its origin is None"),
    ],
)
def test_a_file_that_says_nonsense_is_refused(tmp_path: Path, said: Any, words: str) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"a": np.zeros(1, np.float32)}, path, {"hrnet_native": json.dumps(said)})
    with pytest.raises(InvalidArgumentError, match=words):
        read_weights(path)
