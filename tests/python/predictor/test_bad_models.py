"""Model directories that are no good: a typed error that says what is wrong, and the process lives.

Hashes are always those of the damaged files: what they find is tested elsewhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import hrnet_native
from hrnet_native import ModelLoadError
from hrnet_native.bundle.inference_yml import dump_inference_yml
from support.damage import recompute_hashes


def copy_with_paddle_only(model: Path, directory: Path) -> Path:
    return Path(shutil.copytree(model, directory, ignore=shutil.ignore_patterns("native.safetensors")))


@pytest.fixture
def bundle(small_model: Path, tmp_path: Path) -> Path:
    """A copy of Paddle's files to damage."""
    return copy_with_paddle_only(small_model, tmp_path / "bundle")


def damage(path: Path) -> None:
    """Other numbers in the middle, the form unharmed."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(data)
    recompute_hashes(path.parent)


def edit_config(bundle: Path, change: Callable[[dict], object]) -> None:
    path = bundle / "inference.yml"
    config = yaml.safe_load(path.read_text())
    change(config)
    dump_inference_yml(config, path)


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        hrnet_native.Predictor(tmp_path / "nowhere")


def test_a_file_is_no_directory(cat: Path) -> None:
    with pytest.raises(ModelLoadError, match="not a directory"):
        hrnet_native.Predictor(cat)


def test_a_foreign_directory(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").touch()
    with pytest.raises(ModelLoadError, match=r"lacks inference\.json or inference\.pdmodel"):
        hrnet_native.Predictor(tmp_path)


def test_missing_parameters(bundle: Path) -> None:
    (bundle / "inference.pdiparams").unlink()
    with pytest.raises(ModelLoadError, match=r"lacks inference\.pdiparams"):
        hrnet_native.Predictor(bundle, backend="onednn")


@pytest.mark.parametrize("name", ["inference.json", "inference.pdiparams"])
@pytest.mark.parametrize("kept", [0, 1, 1000])
def test_cut_files(bundle: Path, name: str, kept: int) -> None:
    path = bundle / name
    path.write_bytes(path.read_bytes()[:kept])
    recompute_hashes(bundle)
    with pytest.raises(ModelLoadError):
        hrnet_native.Predictor(bundle, backend="onednn")


def test_parameters_of_another_architecture(bundle: Path, default_paddle_model: Path) -> None:
    shutil.copy(default_paddle_model / "inference.pdiparams", bundle)
    recompute_hashes(bundle)
    with pytest.raises(ModelLoadError):
        hrnet_native.Predictor(bundle, backend="onednn")


@pytest.mark.parametrize("model_format", ["json", "pdmodel"])
def test_other_parameters_of_the_same_shapes(
    model_format: str, small_model: Path, small_pdmodel: Path, tmp_path: Path
) -> None:
    bundle = copy_with_paddle_only(small_model if model_format == "json" else small_pdmodel, tmp_path / "bundle")
    damage(bundle / "inference.pdiparams")
    with pytest.raises(ModelLoadError):
        hrnet_native.Predictor(bundle, backend="onednn")


def test_labels_that_do_not_match_the_outputs(bundle: Path) -> None:
    edit_config(bundle, lambda c: c["PostProcess"]["Topk"]["label_list"].append("fifth"))
    with pytest.raises(ModelLoadError, match="5 labels, but the model has 4 outputs"):
        hrnet_native.Predictor(bundle, backend="onednn")


def test_an_input_size_that_the_network_does_not_take(bundle: Path) -> None:
    def enlarge(config: dict) -> None:
        config["PreProcess"]["transform_ops"][0]["ResizeImage"]["resize_short"] = 128
        config["PreProcess"]["transform_ops"][1]["CropImage"]["size"] = 128

    edit_config(bundle, enlarge)
    with pytest.raises(ModelLoadError):
        hrnet_native.Predictor(bundle, backend="onednn")


def test_an_unknown_operator(bundle: Path) -> None:
    edit_config(bundle, lambda c: c["PreProcess"]["transform_ops"].append({"Sharpen": None}))
    with pytest.raises(ModelLoadError, match=r"inference\.yml.*unknown operator: Sharpen"):
        hrnet_native.Predictor(bundle, backend="onednn")


def test_a_probe_that_the_outputs_do_not_meet(bundle: Path) -> None:
    edit_config(bundle, lambda c: c["hrnet_native"]["probe"]["outputs"].reverse())
    with pytest.raises(ModelLoadError, match="differ from those at export"):
        hrnet_native.Predictor(bundle, backend="onednn")


def test_without_configuration_paddleclass_defaults_hold(bundle: Path) -> None:
    (bundle / "inference.yml").unlink()
    with pytest.raises(ModelLoadError, match="does not run"):
        hrnet_native.Predictor(bundle, backend="onednn")  # 224x224 is not this network's input


@pytest.mark.parametrize("keys", [["output"], ["output", "probe"]])
@pytest.mark.parametrize("backend", ["native", "onednn", "auto"])
def test_probabilities_are_not_taken_for_logits(bundle: Path, keys: list[str], backend: str) -> None:
    edit_config(bundle, lambda c: [c["hrnet_native"].pop(key) for key in keys])
    edit_config(bundle, lambda c: c["hrnet_native"].update(output="logits"))
    with pytest.raises(ModelLoadError, match=r"says hrnet_native: \{output: logits\}, but .* are probabilities"):
        hrnet_native.Predictor(bundle, backend=backend)
