"""The family: parameter names, shapes and counts of PaddleClas; every option of the builder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import paddle
import pytest
from paddle import nn

from hrnet_native.errors import InvalidArgumentError, NotFoundError
from hrnet_native.family.published import MODELS
from hrnet_native.family.table import parse_name
from hrnet_native.models import create_model
from hrnet_native.models.hrnet import HRNet, upsample_nearest
from hrnet_native.weights.files import Weights, read_weights, save_weights
from support.paddleclas_keys import state_dict_entries
from support.small_network import SMALL_NETWORK

# Trainable parameters and multiply-accumulates (10^9, convolutions and fully connected layers, 224x224).
PUBLISHED = {
    "HRNet_W18_C": (21_295_164, 4.284),
    "HRNet_W30_C": (37_708_380, 8.106),
    "HRNet_W32_C": (41_228_840, 8.921),
    "HRNet_W40_C": (57_553_320, 12.692),
    "HRNet_W44_C": (67_061_144, 14.883),
    "HRNet_W48_C": (77_466_024, 17.278),
    "HRNet_W64_C": (128_056_104, 28.895),
    "SE_HRNet_W64_C": (128_991_264, 28.90),
}


def small(**options: object) -> HRNet:
    return create_model("HRNet_W4_C", num_classes=5, **(SMALL_NETWORK | options))


def trainable(model: nn.Layer) -> int:
    return sum(int(np.prod(p.shape)) for p in model.parameters() if not p.stop_gradient)


@pytest.mark.parametrize("has_se", [False, True])
@pytest.mark.parametrize("width", [18, 30, 32, 40, 44, 48, 60, 64])
def test_state_dict_is_paddleclas(width: int, has_se: bool) -> None:
    name = f"{'SE_' if has_se else ''}HRNet_W{width}_C"
    model = create_model(name)
    entries = state_dict_entries(width, has_se=has_se)
    assert [(key, tuple(tensor.shape)) for key, tensor in model.state_dict().items()] == entries
    statistics = {key for key, _ in entries if key.endswith((".bn._mean", ".bn._variance"))}
    expected = sum(int(np.prod(shape)) for key, shape in entries if key not in statistics)
    assert trainable(model) == expected
    assert all(tensor.stop_gradient for key, tensor in model.state_dict().items() if key in statistics)
    if name in PUBLISHED:
        assert expected == PUBLISHED[name][0]
    for row in MODELS.values():
        if row.arch == name:
            assert row.num_parameters == expected


def test_multiply_accumulates() -> None:
    for facts in MODELS.values():
        name = facts.arch
        if facts.arch_overrides:
            continue  # the tables of names know whole networks only
        entries = state_dict_entries(parse_name(name).width, has_se=parse_name(name).has_se)
        macs = sum(int(np.prod(shape)) for key, shape in entries if "fc" in key and key.endswith("weight"))
        macs += sum(int(np.prod(shape)) * _map_area(key) for key, shape in entries if key.endswith(".conv.weight"))
        assert facts.gmacs == pytest.approx(macs / 1e9, abs=6e-4), name
        if name in PUBLISHED:
            assert facts.gmacs == pytest.approx(PUBLISHED[name][1], abs=5e-3)


def _map_area(key: str) -> int:
    """Pixels of a convolution's output at 224x224."""
    part, *rest = key.split(".")
    if part == "conv_layer1_1":
        return 112 * 112
    if part in {"conv_layer1_2", "layer1", "conv_tr1_1"}:
        return 56 * 56
    if part == "conv_tr1_2":
        return 28 * 28
    if part in {"conv_tr2", "conv_tr3"}:
        return (14 if part == "conv_tr2" else 7) ** 2
    if part == "conv_last":
        return 7 * 7
    if part == "cls_head_conv_list":
        return (28 >> int(rest[0])) ** 2
    if part == "last_cls":
        return (56 >> int(rest[1])) ** 2
    if rest[2] == "basic_block_list":
        return (56 >> int(rest[3])) ** 2
    return _fuse_area(branches=int(part[2]), index=int(rest[4]))


def _fuse_area(branches: int, index: int) -> int:
    levels = []
    for i in range(branches):
        for j in range(branches):
            levels += [j] if j > i else [j + step + 1 for step in range(i - j)]
    return (56 >> levels[index]) ** 2


@pytest.mark.parametrize(("size", "batch"), [(32, 1), (64, 2), (96, 1)])
def test_logits_and_features_at_any_size(size: int, batch: int) -> None:
    images = paddle.randn([batch, 3, size, size])
    logits = small()
    logits.eval()
    assert logits(images).shape == [batch, 5]
    features = small(features_only=True)
    features.eval()
    expected = [[batch, 4 << i, size >> (2 + i), size >> (2 + i)] for i in range(4)]
    assert [m.shape for m in features(images)] == expected


def test_features_are_those_before_the_heads() -> None:
    whole, features = small(), small(features_only=True)
    features.set_state_dict({k: v for k, v in whole.state_dict().items() if k in features.state_dict()})
    whole.eval()
    features.eval()
    images = paddle.randn([1, 3, 64, 64])
    for a, b in zip(whole.forward_features(images), features(images)):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_other_input_channels() -> None:
    model = small(in_channels=1)
    model.eval()
    assert model(paddle.randn([1, 1, 32, 32])).shape == [1, 5]


@pytest.mark.parametrize("has_se", [False, True])
def test_every_parameter_gets_a_gradient(has_se: bool) -> None:
    model = create_model("HRNet_W16_C", num_classes=5, **(SMALL_NETWORK | {"has_se": has_se}))
    model.train()
    model(paddle.randn([2, 3, 64, 64])).sum().backward()
    assert [name for name, p in model.named_parameters() if not p.stop_gradient and p.grad is None] == []


def test_upsampling_is_nearest() -> None:
    x = paddle.randn([2, 3, 4, 5])
    for scale in (2, 4, 8):
        expected = nn.functional.interpolate(x, scale_factor=scale, mode="nearest")
        np.testing.assert_array_equal(upsample_nearest(x, scale).numpy(), expected.numpy())


def test_squeeze_and_excitation_scales_by_a_gate() -> None:
    from hrnet_native.models.hrnet import SqueezeExcitation

    se = SqueezeExcitation(32)
    x = paddle.randn([2, 32, 5, 5])
    pooled = x.numpy().mean(axis=(2, 3))
    squeezed = np.maximum(pooled @ se.fc_squeeze.weight.numpy() + se.fc_squeeze.bias.numpy(), 0)
    gate = 1 / (1 + np.exp(-(squeezed @ se.fc_excitation.weight.numpy() + se.fc_excitation.bias.numpy())))
    np.testing.assert_allclose(se(x).numpy(), x.numpy() * gate[:, :, None, None], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("HRNet_W18", {}, "HRNet_W18_C"),
        ("ResNet50", {}, "ResNet50"),
        ("HRNet_W0_C", {}, "HRNet_W0_C"),
        ("HRNet_W4_C", {"num_classes": 0}, "num_classes must be at least 1, not 0"),
        ("HRNet_W4_C", {"in_channels": -3}, "in_channels"),
        ("HRNet_W4_C", {"num_modules": (1, 1)}, "num_modules must be 3 positive integers"),
        ("HRNet_W4_C", {"stem_channels": 0}, "stem_channels must be a positive integer, not 0"),
        ("HRNet_W4_C", {"depth": 3}, "unknown override 'depth'"),
        ("SE_HRNet_W8_C", {}, "at least 16"),
    ],
)
def test_wrong_options_are_named(name: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words.replace("(", r"\(")):
        create_model(name, **options)


@pytest.mark.parametrize("suffix", [".safetensors", ".pdparams"])
def test_weights_go_there_and_back(tmp_path: Path, suffix: str) -> None:
    model = small()
    path = tmp_path / f"weights{suffix}"
    if suffix == ".pdparams":
        paddle.save(model.state_dict(), str(path))
    else:
        save_weights(Weights({k: v.numpy() for k, v in model.state_dict().items()}, {"arch": "HRNet_W4_C"}), path)
        assert read_weights(path).metadata == {"arch": "HRNet_W4_C"}
    loaded = small(pretrained=path)
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(loaded.state_dict()[name].numpy(), tensor.numpy(), name)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    tensors = {k: v.numpy() for k, v in small().state_dict().items()}
    save_weights(Weights(tensors), path)
    with pytest.raises(InvalidArgumentError, match=r"fc\.weight has shape \(16, 5\), expected \(16, 7\)"):
        create_model("HRNet_W4_C", pretrained=path, num_classes=7, **SMALL_NETWORK)
    save_weights(Weights({k: v for k, v in tensors.items() if k != "fc.bias"} | {"extra": tensors["fc.bias"]}), path)
    with pytest.raises(InvalidArgumentError, match=r"fc\.bias is missing; extra is left over"):
        small(pretrained=path)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        small(pretrained=tmp_path / "nowhere.safetensors")
    for name in ("a.safetensors", "a.pdparams"):
        (tmp_path / name).write_bytes(b"not weights at all")
        with pytest.raises(InvalidArgumentError, match=name):
            small(pretrained=tmp_path / name)
    (tmp_path / "a.onnx").touch()
    with pytest.raises(InvalidArgumentError, match=r"a\.onnx"):
        small(pretrained=tmp_path / "a.onnx")
