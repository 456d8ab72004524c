"""The comparison in the report of a conversion: both sides run, each by its own rules, in float64."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import paddle
import pytest
from numpy.typing import NDArray

from hrnet_native.bundle.reference import run_reference
from hrnet_native.cli.main import main
from hrnet_native.export.calibrate import calibrate
from hrnet_native.family.table import parse_name
from hrnet_native.models import Architecture, create_model
from hrnet_native.weights.comparison import output_difference
from hrnet_native.weights.conversion import convert
from hrnet_native.weights.files import Weights, save_weights
from hrnet_native.weights.network import build_graph
from parity.oracles.golden import FOLDER, TOLERANCE, largest_difference
from support.seeded_weights import norm_names, seeded_input, seeded_weights
from support.small_network import SMALL_NETWORK

Tensors = dict[str, NDArray[np.float32]]
W18 = parse_name("HRNet_W18_C")


@pytest.fixture(scope="module")
def w18() -> Tensors:
    """Weights of W18 for which PaddleClas's and timm's own answers are known."""
    with np.load(FOLDER / "HRNet_W18_C.paddleclas.npz") as stored:
        statistics = dict(zip(norm_names("HRNet_W18_C"), stored["statistics"].tolist()))
    return seeded_weights("HRNet_W18_C", lambda layer: tuple(statistics[layer]))


def with_biases(tensors: Tensors, arch: Architecture) -> Tensors:
    """The same network in torch's naming, whose head's biases are not zero."""
    theirs, _ = convert(tensors, arch, "timm", num_classes=len(tensors["fc.bias"]))
    random = np.random.default_rng(5)
    for conv, norm in [(f"downsamp_modules.{i}.0", f"downsamp_modules.{i}.1") for i in range(3)] + [
        ("final_layer.0", "final_layer.1")
    ]:
        bias = random.standard_normal(theirs[f"{conv}.bias"].shape).astype(np.float32)
        theirs[f"{conv}.bias"] = bias
        theirs[f"{norm}.running_mean"] = theirs[f"{norm}.running_mean"] + bias
    return theirs


@pytest.mark.parametrize("naming", ["paddleclas", "paddleclas-2.1", "timm"])
def test_convert_probe_runs_the_original_network(w18: Tensors, naming: str) -> None:
    tensors = with_biases(w18, W18) if naming == "timm" else convert(w18, W18, naming)[0]
    logits = run_reference(build_graph(tensors, W18, 64), seeded_input())[0]
    for oracle in ("paddleclas", "timm"):
        with np.load(FOLDER / f"HRNet_W18_C.{oracle}.npz") as stored:
            assert largest_difference(logits, stored["logits"]) < TOLERANCE


@pytest.mark.parametrize("name", ["HRNet_W8_C", "SE_HRNet_W16_C"])
def test_convert_probe_runs_what_our_networks_compute(name: str) -> None:
    model = create_model(name, num_classes=6, **SMALL_NETWORK)
    calibrate(model, 64)
    tensors = {key: value.numpy() for key, value in model.state_dict().items()}
    outputs = run_reference(build_graph(tensors, model.architecture, 64), seeded_input())
    with paddle.no_grad():
        expected = model(paddle.to_tensor(seeded_input())).numpy()
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def small() -> tuple[Tensors, Architecture]:
    model = create_model("HRNet_W8_C", num_classes=16, **SMALL_NETWORK)  # as many classes as features
    calibrate(model, 64)
    return {key: value.numpy() for key, value in model.state_dict().items()}, model.architecture


def test_convert_probe_sees_what_conversion_can_get_wrong() -> None:
    ours, arch = small()
    theirs = with_biases(ours, arch)
    right, _ = convert(theirs, arch, num_classes=16)
    found = output_difference(theirs, right, arch)
    assert found is not None
    assert found < 1e-6
    not_folded = {**right, "conv_last.bn._mean": theirs["final_layer.1.running_mean"]}
    not_transposed = {**right, "fc.weight": theirs["classifier.weight"]}
    a, b = "conv_tr1_1.bn.weight", "conv_tr1_1.bn.bias"
    mixed_up = {**right, a: right[b], b: right[a]}
    for wrong in (not_folded, not_transposed, mixed_up):
        found = output_difference(theirs, wrong, arch)
        assert found is not None
        assert found > 1e-3
    broken = {**right, "conv_last.bn._mean": np.full_like(right["conv_last.bn._mean"], np.nan)}
    assert output_difference(theirs, broken, arch) is None
    assert output_difference(broken, theirs, arch) is None


def test_convert_probe_leaves_a_fresh_classifier_out() -> None:
    ours, arch = small()
    fresh, _ = convert(ours, arch, "timm", num_classes=3, fresh_head=True)
    assert output_difference(ours, fresh, arch, fresh_head=True) == 0


@pytest.mark.slow
def test_convert_command_reports_the_difference(
    w18: Tensors, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_weights(Weights(with_biases(w18, W18)), tmp_path / "timm.pth")
    arguments = ["convert", str(tmp_path / "timm.pth"), "--arch", "HRNet_W18_C", "-o"]
    assert main([*arguments, str(tmp_path / "w.pdparams"), "--json"]) == 0
    single = json.loads(capsys.readouterr().out)
    assert 0 < single["output_difference"] < 1e-6
    assert single["storage_difference"] == 0
    assert main([*arguments, str(tmp_path / "half.pdparams"), "--storage", "fp16"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "largest change of a weight by half precision" in lines[-2]
    assert "largest difference of the logits on a probe" in lines[-1]
    assert 1e-5 < float(lines[-1].rsplit(" ", 1)[1]) < 1e-2
