"""The registry of published models: what its rows say, and that the networks they name are those described."""

from __future__ import annotations

import re

import numpy as np
import pytest

from hrnet_native import InvalidArgumentError, default_model
from hrnet_native.family.published import DEFAULT_MODEL, MODELS
from hrnet_native.models import create_model, find_model, imagenet_labels, list_models

# The ten rows of the publisher's page.
PAGE = {
    "HRNet_W18_C",
    "HRNet_W18_C_ssld",
    "HRNet_W30_C",
    "HRNet_W32_C",
    "HRNet_W40_C",
    "HRNet_W44_C",
    "HRNet_W48_C",
    "HRNet_W48_C_ssld",
    "HRNet_W64_C",
    "SE_HRNet_W64_C_ssld",
}


def test_registry_has_the_page_and_two_more() -> None:
    assert set(list_models()) == PAGE | {"HRNet_W60_C", DEFAULT_MODEL}


def test_registry_says_where_the_ten_are() -> None:
    for name in PAGE:
        row = find_model(name)
        assert row.weights_path == f"legendary_models/{name}_pretrained.pdparams"
        assert row.inference_path == f"inference/{name}_infer.tar"
        assert re.fullmatch(r"(SE_)?HRNet_W\d+_C", row.arch)
    assert MODELS["HRNet_W60_C"].weights_path is None


def test_registry_accuracies_round_to_those_of_the_page_but_one() -> None:
    differing = [
        name
        for name in PAGE
        if abs((row := MODELS[name]).top1 - row.page_top1) > 0.00051 or abs(row.top5 - row.page_top5) > 0.00051
    ]
    assert differing == ["HRNet_W18_C_ssld"]
    assert any("0.816" in note for note in MODELS["HRNet_W18_C_ssld"].notes)


def test_registry_units_of_the_page_are_resolved() -> None:
    for name in PAGE:
        row = MODELS[name]
        unit = row.gmacs if "W18" in name else row.gflops
        assert row.page_flops == pytest.approx(unit, rel=0.04), name


def test_registry_suggests_the_nearest_names() -> None:
    with pytest.raises(InvalidArgumentError, match=r"did you mean .*HRNet_W18_C_ssld"):
        find_model("HRNet_W18_ssld")


def test_registry_names_build_their_networks() -> None:
    model = create_model(DEFAULT_MODEL)
    trainable = sum(int(np.prod(p.shape)) for p in model.parameters() if not p.stop_gradient)
    assert trainable == MODELS[DEFAULT_MODEL].num_parameters
    assert model.num_classes == 10
    assert create_model("HRNet_W18_C_ssld").architecture.width == 18


def test_registry_knows_the_default_models_architecture() -> None:
    import yaml

    shipped = yaml.safe_load((default_model.DIRECTORY / "inference.yml").read_text())["hrnet_native"]["architecture"]
    assert {key: tuple(shipped[key]) for key in ("num_modules", "num_blocks", "head_channels")}.items() <= MODELS[
        DEFAULT_MODEL
    ].arch_overrides.items()


def test_registry_ships_imagenets_class_names() -> None:
    labels = imagenet_labels()
    assert len(labels) == 1000
    assert (labels[0], labels[8], labels[999]) == (
        "tench, Tinca tinca",
        "hen",
        "toilet tissue, toilet paper, bathroom tissue",
    )
    assert all(label.strip() == label and label for label in labels)
