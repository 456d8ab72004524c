"""Our networks against PaddleClas's and timm's own, through answers that these gave (``./dev oracles``)."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from numpy.typing import NDArray

from hrnet_native.family.table import parse_name
from hrnet_native.models import create_model
from hrnet_native.models.load import load_into
from hrnet_native.weights.conversion import convert
from parity.oracles.golden import FOLDER, TOLERANCE, largest_difference
from support.seeded_weights import ORACLE_MODELS, norm_names, seeded_input, seeded_weights

Weights = dict[str, NDArray[np.float32]]
TIMM = sorted(path.name.removesuffix(".timm.npz") for path in FOLDER.glob("*.timm.npz"))


@pytest.fixture(scope="module", params=ORACLE_MODELS)
def oracle(request: pytest.FixtureRequest) -> tuple[str, Weights]:
    name = request.param
    with np.load(FOLDER / f"{name}.paddleclas.npz") as stored:
        statistics = dict(zip(norm_names(name), stored["statistics"].tolist()))
    return name, seeded_weights(name, lambda layer: tuple(statistics[layer]))


def test_networks_answer_as_the_oracles_do(oracle: tuple[str, Weights]) -> None:
    name, weights = oracle
    model = create_model(name)
    model.eval()
    load_into(model, weights)
    with paddle.no_grad():
        images = paddle.to_tensor(seeded_input())
        logits = model(images).numpy()[0]
        maps = [m.numpy()[0] for m in model.forward_features(images)]
    with np.load(FOLDER / f"{name}.paddleclas.npz") as stored:
        assert largest_difference(logits, stored["logits"]) < TOLERANCE
        assert stored["logits"].std() > 0.1  # weights that tell networks apart
    if name not in TIMM:
        return
    with np.load(FOLDER / f"{name}.timm.npz") as stored:
        assert largest_difference(logits, stored["logits"]) < TOLERANCE
        for i, found in enumerate(maps):
            assert largest_difference(found, stored[f"map{i}"]) < TOLERANCE


def test_conversion_gives_timms_names_and_back(oracle: tuple[str, Weights]) -> None:
    name, weights = oracle
    target = "timm" if name in TIMM else "paddleclas-2.1"  # timm has neither W60 nor squeeze-and-excitation
    theirs, _ = convert(weights, parse_name(name), target)
    if target == "timm":
        with np.load(FOLDER / f"{name}.timm.npz") as stored:
            assert sorted(f"{key} {tensor.shape}" for key, tensor in theirs.items()) == sorted(stored["names"])
    back, _ = convert(theirs, parse_name(name))
    assert all(np.array_equal(back[key], tensor) for key, tensor in weights.items())


def test_all_widths_of_timm_are_covered() -> None:
    assert sorted(f"HRNet_W{width}_C" for width in (18, 30, 32, 40, 44, 48, 64)) == TIMM
