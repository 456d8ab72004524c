"""The compiler: what it writes gives Paddle's answers, computed by the float64 reference."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import paddle
import pytest
import yaml
from paddle import nn
from paddle.nn import functional as F
from safetensors import safe_open

from hrnet_native.bundle.graph import Add, Conv, FullyConnected, Graph
from hrnet_native.bundle.graph_file import read_graph
from hrnet_native.bundle.reference import run_reference
from hrnet_native.cli.main import main
from hrnet_native.compiler.cache import compiled_model
from hrnet_native.compiler.compile_model import compile_graph, compile_model
from hrnet_native.errors import ModelLoadError, NotFoundError, UnsupportedError
from hrnet_native.export.calibrate import calibrate
from hrnet_native.models import create_model
from support.paddle_models import Fusion, Sequence, run_paddle, save
from support.small_network import SMALL_NETWORK


def check_against_paddle(directory: Path, tmp_path: Path, tolerance: float = 1e-5) -> Graph:
    """Compares the reference's answer, from the written file, with Paddle's; returns the graph."""
    graph = read_graph(compile_model(directory, tmp_path / "compiled.safetensors").path)
    inputs = np.random.default_rng(3).standard_normal((2, *graph.input_shape)).astype(np.float32)
    expected = run_paddle(directory, inputs)
    outputs = run_reference(graph, inputs)
    assert outputs.shape == expected.shape
    assert np.ptp(expected) > 1e-3  # an answer that depends on nothing would agree with anything
    assert np.abs(outputs - expected).max() <= tolerance * np.abs(expected).max()
    return graph


class _Softmax(nn.Layer):
    def __init__(self, model: nn.Layer) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return F.softmax(self.model(x))


def layer_counts(graph: Graph) -> Counter[str]:
    return Counter(type(layer).__name__ for layer in graph.layers)


@pytest.mark.slow
def test_small_hrnet_of_both_formats(small_model: Path, small_pdmodel: Path, tmp_path: Path) -> None:
    graphs = [check_against_paddle(directory, tmp_path) for directory in (small_model, small_pdmodel)]
    assert layer_counts(graphs[0]) == layer_counts(graphs[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arch", "modules", "blocks"), [("HRNet_W18_C", (1, 4, 3), 4), ("SE_HRNet_W16_C", (1, 2, 1), 1)]
)
def test_hrnet_is_fused(arch: str, modules: tuple[int, ...], blocks: int, tmp_path: Path) -> None:
    model = create_model(arch, num_classes=7, num_modules=modules, num_blocks=(blocks,) * 4)
    calibrate(model, 64)
    graph = check_against_paddle(save(_Softmax(model), tmp_path / "model", 64), tmp_path, tolerance=3e-5)
    branches = [2, 3, 4]
    gates = (blocks + blocks * sum(m * b for m, b in zip(modules, branches)) + 4) * arch.startswith("SE")
    # A fusion of b branches has b - 1 sums with up-sampled terms; the heads' three sums have two activated terms.
    sums = sum(m * (b - 1) for m, b in zip(modules, branches)) + 3
    counts = layer_counts(graph)
    assert counts.pop("Conv") == sum(len(p.shape) == 4 for p in model.parameters())
    assert counts == Counter(
        FullyConnected=1 + 2 * gates, Scale=gates, GlobalAveragePool=1 + gates, Add=sums, Softmax=1
    )
    assert all(layer.bias is not None for layer in graph.layers if isinstance(layer, Conv | FullyConnected))


@pytest.mark.parametrize("model_format", ["json", "pdmodel"])
@pytest.mark.parametrize(("by_size", "biased"), [(False, False), (True, True)])
def test_operators_as_paddleclas_writes_them(model_format: str, by_size: bool, biased: bool, tmp_path: Path) -> None:
    with paddle.utils.unique_name.guard():
        model = Fusion(by_size=by_size, biased=biased)
    directory = save(model, tmp_path / "model", 32, model_format, feed="inputs")
    graph = check_against_paddle(directory, tmp_path)
    factors = [factor for layer in graph.layers if isinstance(layer, Add) for factor in layer.upsample]
    assert sorted(factors)[-2:] == [2, 4]


@pytest.mark.slow
@pytest.mark.parametrize("model_format", ["json", "pdmodel"])
def test_resnet50_as_paddle_exports_it(model_format: str, tmp_path: Path) -> None:
    from paddle.vision.models import resnet50

    directory = save(resnet50(num_classes=11), tmp_path / "model", 64, model_format)
    graph = check_against_paddle(directory, tmp_path, tolerance=1e-4)
    assert layer_counts(graph) == {"Conv": 53, "Pool": 1, "GlobalAveragePool": 1, "FullyConnected": 1}
    assert sum(layer.residual is not None for layer in graph.layers if isinstance(layer, Conv)) == 16


def test_a_flattened_map_is_convolved_whole(tmp_path: Path) -> None:
    """As VGG ends."""
    model = Sequence(
        nn.Conv2D(3, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2D(3, 2, padding=1),
        nn.AdaptiveAvgPool2D((4, 2)),
        nn.Flatten(),
        nn.Linear(32, 6),
        nn.ReLU(),
        nn.Linear(6, 3),
    )
    graph = check_against_paddle(save(model, tmp_path / "model", 16), tmp_path)
    whole = graph.layers[-2]
    assert isinstance(whole, Conv)
    assert whole.weight.shape == (6, 4, 4, 2)
    assert isinstance(graph.layers[-1], FullyConnected)


@pytest.mark.parametrize(
    "steps",
    [
        (nn.Conv2D(3, 4, (3, 2), stride=(2, 1), padding=[1, 0, 0, 1]),),
        (nn.AvgPool2D(3, 2, padding=1), nn.Conv2D(3, 4, 1)),
        (nn.BatchNorm2D(3), nn.Conv2D(3, 4, 3)),
        (lambda x: x / 255.0 - 0.5, nn.Conv2D(3, 4, 3, padding=1), F.relu, lambda x: 2 * x + 1),
        (nn.Conv2D(3, 4, 3), lambda x: x + x, F.relu),
        (nn.Conv2D(3, 4, 3), lambda x: F.relu(x) + x),
    ],
)
def test_rarer_forms(steps: tuple[object, ...], tmp_path: Path) -> None:
    model = Sequence(*steps, lambda x: paddle.mean(x, axis=[2, 3]), nn.Linear(4, 3))
    check_against_paddle(save(model, tmp_path / "model", 12), tmp_path)


def test_squeezing_by_convolutions(tmp_path: Path) -> None:
    class Block(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.squeeze, self.excite = nn.Conv2D(3, 8, 3), nn.Conv2D(8, 2, 1), nn.Conv2D(2, 8, 1)
            self.fc = nn.Linear(8, 3)

        def forward(self, x: paddle.Tensor) -> paddle.Tensor:
            y = self.conv(x)
            gate = F.sigmoid(self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(y, 1)))))
            return F.sigmoid(self.fc(paddle.flatten(F.adaptive_avg_pool2d(gate * y, 1), 1)))

    graph = check_against_paddle(save(Block(), tmp_path / "model", 12), tmp_path)
    assert layer_counts(graph) == {"Conv": 1, "GlobalAveragePool": 2, "FullyConnected": 3, "Scale": 1}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((nn.Conv2D(3, 6, 3), nn.Conv2D(6, 6, 3, groups=2)), "conv2d with groups=2"),
        ((nn.Conv2D(3, 6, 3, groups=3),), r"the operator depthwise_conv2d\(.*groups=3"),
        ((nn.Conv2D(3, 6, 3, dilation=2),), r"conv2d with dilations=\[2, 2\]"),
        ((nn.Conv2D(3, 6, 3, padding="SAME", stride=2),), "conv2d with padding_algorithm=SAME"),
        ((nn.Conv2D(3, 6, 3), nn.Hardswish()), "the operator hardswish"),
        ((nn.Conv2D(3, 6, 3), nn.LeakyReLU(0.25)), r"the operator leaky_relu\(.*negative_slope=0.25"),
        ((nn.Conv2D(3, 6, 3), nn.Sigmoid()), "sigmoid only after"),
        ((nn.Conv2D(3, 6, 3), nn.MaxPool2D(2, ceil_mode=True)), "pool2d with ceil_mode=True"),
        ((nn.Conv2D(3, 6, 3), nn.AvgPool2D(3, padding=1, exclusive=False)), "pool2d with exclusive=False"),
        ((nn.Conv2D(3, 6, 3), nn.AdaptiveAvgPool2D(3)), "pool2d from 10x10 to 3x3"),
        (
            (nn.Conv2D(3, 6, 3), nn.Upsample(scale_factor=1.5, mode="nearest")),
            r"nearest_interp by factors \[1.5, 1.5\]",
        ),
        ((nn.Conv2D(3, 6, 3), lambda x: x * x), "multiply of shapes"),
        ((nn.Conv2D(3, 6, 3), lambda x: paddle.transpose(x, [0, 1, 3, 2])), "the operator transpose"),
    ],
)
def test_what_is_not_supported_is_named(steps: tuple[object, ...], words: str, tmp_path: Path) -> None:
    model = Sequence(*steps, nn.AdaptiveAvgPool2D(1), nn.Flatten(), nn.Linear(6, 3))
    directory = save(model, tmp_path / "model", 12)
    with pytest.raises(UnsupportedError, match=words):
        compile_model(directory)
    assert not (directory / "native.safetensors").exists()


def test_a_pixel_is_no_channel(tmp_path: Path) -> None:
    normed = Sequence(nn.Conv2D(3, 6, 3), nn.Flatten(), nn.BatchNorm1D(600), nn.Linear(600, 3))
    with pytest.raises(UnsupportedError, match="batch_norm on a flattened map"):
        compile_graph(save(normed, tmp_path / "normed", 12))

    class Shifted(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2D(3, 6, 3)
            self.shift = self.create_parameter([10, 1])

        def forward(self, x: paddle.Tensor) -> paddle.Tensor:
            return paddle.mean(self.conv(x) + self.shift, axis=[2, 3])

    with pytest.raises(UnsupportedError, match=r"add of shape .* and a constant of shape \(10, 1\)"):
        compile_graph(save(Shifted(), tmp_path / "shifted", 12))


def test_only_vectors_come_out(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"\(batch, 6, 10, 10\), expected \(batch, classes\)"):
        compile_graph(save(Sequence(nn.Conv2D(3, 6, 3)), tmp_path / "map", 12))
    two = Sequence(nn.Conv2D(3, 6, 3), nn.AdaptiveAvgPool2D(1), nn.Flatten(), lambda x: (x, x + 1))
    with pytest.raises(UnsupportedError, match="2 outputs"):
        compile_graph(save(two, tmp_path / "two", 12))


def test_the_reference_runs_other_sizes(small_model: Path) -> None:
    graph = compile_graph(small_model)
    inputs = np.random.default_rng(0).standard_normal((3, 3, 96, 160)).astype(np.float32)
    outputs = run_reference(graph, inputs)
    assert outputs.shape == (3, 4)
    np.testing.assert_allclose(run_reference(graph, inputs[1:2]), outputs[1:2], rtol=1e-12)


def test_the_file_is_what_the_format_says(small_model: Path, tmp_path: Path) -> None:
    path = compile_model(small_model, tmp_path / "model.safetensors").path
    with safe_open(path, framework="numpy") as file:
        document = json.loads(file.metadata()["hrnet_native.graph"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert document["version"] == 1
    assert document["input"] == {"value": 0, "channels": 3, "height": 64, "width": 64}
    assert all(tensor.dtype == np.float32 for tensor in tensors.values())
    defined = {0}
    used = set()
    for layer in document["layers"]:
        reads = [*layer.get("inputs", []), *(layer[key] for key in ("input", "scale", "residual") if key in layer)]
        assert defined.issuperset(reads)
        assert layer["output"] not in defined
        defined.add(layer["output"])
        used.update(layer[key] for key in ("weight", "bias") if key in layer)
    assert document["output"] in defined
    assert used == set(tensors)
    assert any(name.startswith("conv2d_") for name in used)


def test_compiling_in_place_records_the_hash(small_model: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(small_model, bundle)
    before = yaml.safe_load((bundle / "inference.yml").read_text())
    (bundle / "native.safetensors").write_bytes(b"old")
    assert main(["compile", str(bundle)]) == 0
    after = yaml.safe_load((bundle / "inference.yml").read_text())
    written = hashlib.sha256((bundle / "native.safetensors").read_bytes()).hexdigest()
    assert after["hrnet_native"]["sha256"].pop("native.safetensors") == written
    before["hrnet_native"]["sha256"].pop("native.safetensors")
    assert after == before
    assert sorted(path.name for path in bundle.iterdir()) == sorted(path.name for path in small_model.iterdir())


def test_a_configuration_without_hashes_is_kept(small_model: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(small_model, bundle)
    (bundle / "inference.yml").write_text("# by hand\nGlobal:\n  model_name: mine\n")
    compile_model(bundle)
    assert (bundle / "inference.yml").read_text() == "# by hand\nGlobal:\n  model_name: mine\n"


def test_export_can_leave_the_file_out(tmp_path: Path) -> None:
    arguments = ["--arch", "HRNet_W4_C", "--allow-random", "--input-size", "32", "--num-classes", "3", "--no-native"]
    overrides = [f"--override={key}={json.dumps(value)}" for key, value in SMALL_NETWORK.items()]
    assert main(["export", *arguments, *overrides, "-o", str(tmp_path / "bundle")]) == 0
    config = yaml.safe_load((tmp_path / "bundle" / "inference.yml").read_text())
    assert "native.safetensors" not in config["hrnet_native"]["sha256"]
    assert not (tmp_path / "bundle" / "native.safetensors").exists()


def test_damaged_models_are_errors(small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFoundError, match="no such model directory"):
        compile_model(tmp_path / "missing")
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    with pytest.raises(ModelLoadError, match=r"expected inference\.json or inference\.pdmodel"):
        compile_model(bundle)
    (bundle / "inference.json").write_text('{"not": "a program"}')
    with pytest.raises(ModelLoadError, match=r"has no inference\.pdiparams"):
        compile_model(bundle)
    shutil.copy(small_model / "inference.pdiparams", bundle)
    assert main(["compile", str(bundle), "--json"]) == 1
    error = json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert error["type"] == "ModelLoadError"
    assert "inference.json" in error["message"]
    shutil.copy(small_model / "inference.json", bundle)
    (bundle / "inference.pdiparams").write_bytes((bundle / "inference.pdiparams").read_bytes()[:1000])
    with pytest.raises(ModelLoadError, match="Paddle cannot read"):
        compile_model(bundle)
    with pytest.raises(ModelLoadError, match="not a compiled model"):
        read_graph(bundle / "inference.pdiparams")


def test_compiled_on_first_use(small_model: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("inference.json", "inference.pdiparams"):
        shutil.copy(small_model / name, plain)
    script = (
        "import sys; from pathlib import Path; from hrnet_native.compiler.cache import compiled_model\n"
        "print(compiled_model(Path(sys.argv[1])))\n"
        "assert 'paddle' not in sys.modules"
    )
    command = [sys.executable, "-c", script, str(plain)]
    environment = os.environ | {"HRNET_NATIVE_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    path = Path(done.stdout.strip())
    assert path.parent == tmp_path / "cache" / "compiled"
    assert path.read_bytes() == (small_model / "native.safetensors").read_bytes()

    first = path.stat().st_mtime_ns
    assert compiled_model(plain, tmp_path / "cache") == path
    assert path.stat().st_mtime_ns == first
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    assert compiled_model(plain, tmp_path / "cache") == path
    assert path.read_bytes() == (small_model / "native.safetensors").read_bytes()
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".safetensors", ".sha256"]


def test_first_use_reports_the_childs_error(tmp_path: Path) -> None:
    model = Sequence(nn.Conv2D(3, 6, 3), nn.Conv2D(6, 6, 3, groups=2), nn.AdaptiveAvgPool2D(1), nn.Flatten())
    directory = save(model, tmp_path / "model", 12)
    with pytest.raises(UnsupportedError, match="conv2d with groups=2"):
        compiled_model(directory, tmp_path / "cache")
    assert list((tmp_path / "cache" / "compiled").iterdir()) == []
