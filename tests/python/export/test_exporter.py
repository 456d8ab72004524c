"""Bundles: what export writes, what it refuses, and that it leaves nothing behind when it fails."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import paddle
import pytest
import yaml

import hrnet_native
from hrnet_native.bundle.probe import probe_input
from hrnet_native.errors import InferenceError, InvalidArgumentError
from hrnet_native.export import exporter
from hrnet_native.export.exporter import ExportOptions, export
from hrnet_native.models import create_model
from hrnet_native.models.hrnet import HRNet
from hrnet_native.weights.files import Weights, save_weights
from support.small_network import SMALL_NETWORK


def small_options(**changes: object) -> ExportOptions:
    options: dict[str, object] = {
        "arch": "HRNet_W4_C",
        "arch_overrides": SMALL_NETWORK,
        "allow_random": True,
        "num_classes": 3,
        "input_size": 32,
    }
    return ExportOptions(**(options | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("model_format", ["json", "pdmodel"])
@pytest.mark.parametrize("backend", ["onednn", "cpu"])
def test_both_formats_on_both_backends(model_format: str, backend: str, small_model: Path, small_pdmodel: Path) -> None:
    directory = small_model if model_format == "json" else small_pdmodel
    assert (directory / f"inference.{model_format}").is_file()
    with hrnet_native.Predictor(directory, backend=backend) as predictor:
        assert predictor.backend == backend
        assert predictor.input_shape == (3, 64, 64)
        scores = predictor.infer(probe_input(3, (2, 3, 64, 64)))
    assert scores.shape == (2, 4)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


def test_the_program_is_compared_with_the_python_model_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced once, and otherwise run as Python runs it: the same program twice would hide what tracing got wrong."""
    runs = []

    def forward_features(model: HRNet, x: paddle.Tensor) -> list[paddle.Tensor]:
        runs.append("Python" if paddle.in_dynamic_mode() else "traced")
        return original(model, x)

    original = HRNet.forward_features
    weights = tmp_path / "weights.safetensors"
    model = create_model("HRNet_W4_C", num_classes=3, **SMALL_NETWORK)
    save_weights(Weights({k: v.numpy() for k, v in model.state_dict().items()}), weights)
    monkeypatch.setattr(HRNet, "forward_features", forward_features)
    export(small_options(allow_random=False, weights=weights), tmp_path / "model")
    assert runs.count("traced") == 1
    assert runs.count("Python") == 4  # the probe, and three batch sizes


@pytest.mark.parametrize("model_format", ["json", "pdmodel"])
def test_the_core_gives_the_python_models_outputs(model_format: str, tmp_path: Path) -> None:
    model = create_model("SE_HRNet_W16_C", num_classes=6, **SMALL_NETWORK)
    model.eval()
    weights = tmp_path / "weights.safetensors"
    save_weights(Weights({k: v.numpy() for k, v in model.state_dict().items()}), weights)
    options = small_options(
        arch="SE_HRNet_W16_C",
        weights=weights,
        allow_random=False,
        num_classes=None,
        input_size=96,
        model_format=model_format,
    )
    report = export(options, tmp_path / "bundle")
    assert report.num_classes == 6
    assert report.largest_difference < 1e-5
    inputs = np.random.default_rng(0).standard_normal((3, 3, 96, 96)).astype(np.float32)
    with paddle.no_grad():
        expected = paddle.nn.functional.softmax(model(paddle.to_tensor(inputs))).numpy()
    with hrnet_native.Predictor(tmp_path / "bundle") as predictor:
        np.testing.assert_allclose(predictor.infer(inputs), expected, atol=1e-5)


@pytest.mark.parametrize("arch", ["HRNet_W4_C", "SE_HRNet_W16_C"])
def test_each_format_has_its_own_up_sampling(arch: str, tmp_path: Path) -> None:
    bundles = {model_format: tmp_path / model_format for model_format in ("json", "pdmodel")}
    for model_format, bundle in bundles.items():
        export(small_options(arch=arch, input_size=64, model_format=model_format), bundle)
    json_program = (bundles["json"] / "inference.json").read_bytes()
    assert b".expand" in json_program
    assert b"_interp" not in json_program
    pdmodel = (bundles["pdmodel"] / "inference.pdmodel").read_bytes()
    assert b"nearest_interp_v2" in pdmodel
    assert b"expand" not in pdmodel
    inputs = probe_input(6, (3, 3, 64, 64))
    answers = []
    for model_format, backend in [
        ("json", "cpu"),
        ("pdmodel", "native"),
        ("pdmodel", "openvino"),
        ("pdmodel", "onednn"),
    ]:
        with hrnet_native.Predictor(bundles[model_format], backend=backend) as predictor:
            answers.append(predictor.infer(inputs))
    assert np.ptp(answers[0], axis=0).max() > 1e-3  # else any answer would do
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], atol=1e-5)


def test_what_the_weights_say_is_used(tmp_path: Path) -> None:
    model = create_model("HRNet_W4_C", num_classes=2, **SMALL_NETWORK)
    metadata = {
        "arch": "HRNet_W4_C",
        "arch_overrides": SMALL_NETWORK,
        "class_names": ["yes", "no"],
        "input_size": 64,
        "resize_short": 72,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "origin": "made by a test",
    }
    weights = tmp_path / "weights.safetensors"
    save_weights(Weights({k: v.numpy() for k, v in model.state_dict().items()}, metadata), weights)
    export(ExportOptions(weights=weights), tmp_path / "bundle")
    config = yaml.safe_load((tmp_path / "bundle" / "inference.yml").read_text())
    ops = config["PreProcess"]["transform_ops"]
    assert ops[0] == {"ResizeImage": {"resize_short": 72}}
    assert ops[1] == {"CropImage": {"size": 64}}
    assert ops[2]["NormalizeImage"]["mean"] == [0.5, 0.5, 0.5]
    assert config["PostProcess"]["Topk"] == {"topk": 2, "label_list": ["yes", "no"]}
    assert config["hrnet_native"]["weights"]["origin"] == "made by a test"
    for name, digest in config["hrnet_native"]["sha256"].items():
        assert hashlib.sha256((tmp_path / "bundle" / name).read_bytes()).hexdigest() == digest
    assert set(config["hrnet_native"]["sha256"]) == {
        "inference.json",
        "inference.pdiparams",
        "native.safetensors",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"allow_random": False}, "weights"),
        ({"weights": Path("w.safetensors")}, "either weights or allow_random"),
        ({"arch": None}, "does not name its architecture"),
        ({"input_size": 60}, "multiple of 32, not 60"),
        ({"input_size": 0}, "multiple of 32, not 0"),
        ({"label_names": ["a", "b"]}, "2 labels, but the model has 3"),
        ({"label_names": []}, "0 labels, but the model has 3"),
        ({"arch_overrides": {"stems": 3}}, "unknown override 'stems'"),
    ],
)
def test_options_that_do_not_fit_leave_nothing(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        export(small_options(**changes), tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_difference_from_the_python_model_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_TOLERANCE", {"fp32": -1.0})
    with pytest.raises(InferenceError, match="differs from the Python model"):
        export(small_options(), tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_directory_is_kept(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "precious.txt").write_text("keep me")
    with pytest.raises(InvalidArgumentError, match="exists already"):
        export(small_options(), bundle)
    assert [p.name for p in bundle.iterdir()] == ["precious.txt"]


def test_random_weights_give_different_answers_to_different_inputs(small_model: Path) -> None:
    with hrnet_native.Predictor(small_model) as predictor:
        scores = predictor.infer(probe_input(7, (8, 3, 64, 64)))
    assert scores.std(axis=0).max() > 1e-4
    assert 1 / 4 < scores.max() < 1


def test_probe_input_is_exact() -> None:
    # SplitMix64 from seed 1234567: the first outputs of the published reference implementation.
    reference = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    expected = [(value >> 40) / 2**23 - 1 for value in reference]
    np.testing.assert_array_equal(probe_input(1234567, (3,)), np.array(expected, np.float32))
