"""The native engine against the same graph in float64, on every instruction set of this CPU."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import hrnet_native
from engines.machine import instruction_sets
from hrnet_native.bundle.graph import FullyConnected, GlobalAveragePool, Graph, Softmax
from hrnet_native.bundle.graph_file import read_graph, write_graph
from hrnet_native.bundle.reference import run_reference
from support.native_graphs import TOLERANCE, GraphMaker, every_operator, long_strides, random_convs


def _bundle(graph: Graph, directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    write_graph(graph, directory / "native.safetensors")
    size = graph.input_shape[1]
    output = "probabilities" if isinstance(graph.layers[-1], Softmax) else "logits"
    config = {
        "hrnet_native": {"output": output},
        "PreProcess": {
            "transform_ops": [
                {"ResizeImage": {"resize_short": size}},
                {"CropImage": {"size": size}},
                {"NormalizeImage": {"scale": 1 / 255, "mean": [0, 0, 0], "std": [1, 1, 1], "order": ""}},
                {"ToCHWImage": None},
            ]
        },
    }
    (directory / "inference.yml").write_text(yaml.safe_dump(config))
    return directory


def _largest_error(graph: Graph, directory: Path, batch: int = 2, num_threads: int = 2) -> float:
    channels, height, width = graph.input_shape
    inputs = np.random.default_rng(9).normal(size=(batch, channels, height, width)).astype(np.float32)
    with hrnet_native.Predictor(_bundle(graph, directory), backend="native", num_threads=num_threads) as predictor:
        outputs = predictor.infer(inputs)
    expected = run_reference(graph, inputs).reshape(batch, -1)
    if not isinstance(graph.layers[-1], Softmax):  # the predictor's probabilities, back to logits up to a constant
        outputs = np.log(outputs.astype(np.float64))
        outputs -= outputs.mean(axis=1, keepdims=True)
        expected = expected - expected.mean(axis=1, keepdims=True)
    return float(np.abs(outputs - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("isa", instruction_sets())
def test_convolutions_of_any_shape(isa: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    for seed in range(40):
        # Other ways are chosen for many images than for few.
        batch = 9 if seed % 5 == 0 else 2
        error = _largest_error(random_convs(seed), tmp_path / str(seed), batch, num_threads=1 + seed % 2)
        assert error < TOLERANCE, f"seed {seed}"


@pytest.mark.parametrize("isa", instruction_sets())
def test_strides_that_hrnet_has_not(isa: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    assert _largest_error(long_strides(), tmp_path) < TOLERANCE


@pytest.mark.parametrize("isa", instruction_sets())
@pytest.mark.parametrize("num_threads", [1, 2])
def test_every_operator(isa: str, num_threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    assert _largest_error(every_operator(), tmp_path, batch=5, num_threads=num_threads) < TOLERANCE


def test_logits_are_softmaxed_once(tmp_path: Path) -> None:
    graph = every_operator()
    softmax = graph.layers[-1]
    assert isinstance(softmax, Softmax)
    _bundle(graph, tmp_path / "probabilities")
    _bundle(Graph(graph.input_shape, graph.layers[:-1], softmax.input), tmp_path / "logits")
    inputs = np.random.default_rng(2).normal(size=(3, *graph.input_shape)).astype(np.float32)
    with hrnet_native.Predictor(tmp_path / "probabilities") as predictor:
        expected = predictor.infer(inputs)
    with hrnet_native.Predictor(tmp_path / "logits") as predictor:
        np.testing.assert_allclose(predictor.infer(inputs), expected, rtol=0, atol=1e-6)


def test_outputs_that_are_no_numbers_are_an_error(tmp_path: Path) -> None:
    maker = GraphMaker(1, 8)
    pooled = maker.add(lambda o: GlobalAveragePool(0, o))
    logits = maker.dense(pooled, 3, 5)
    maker.add(lambda o: Softmax(logits, o))
    graph = maker.graph()
    inputs = np.random.default_rng(2).normal(size=(3, *graph.input_shape)).astype(np.float32)
    inputs[1] = np.nan
    with hrnet_native.Predictor(_bundle(graph, tmp_path), max_batch_size=1) as predictor:
        with pytest.raises(hrnet_native.InferenceError, match=r"output of class 0 is -?nan"):
            predictor.infer(inputs)
        assert np.isfinite(predictor.infer(inputs[:1])).all()
    classifier = graph.layers[-2]
    assert isinstance(classifier, FullyConnected)
    classifier.weight[3] = np.nan
    with pytest.raises(hrnet_native.ModelLoadError, match=r"output of class \d+ is -?nan"):
        hrnet_native.Predictor(_bundle(graph, tmp_path))


@pytest.mark.parametrize("isa", instruction_sets())
def test_bits_depend_neither_on_neighbours_nor_on_the_run(
    isa: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    _bundle(every_operator(), tmp_path)
    inputs = np.random.default_rng(1).normal(size=(4, 3, 24, 24)).astype(np.float32)
    with hrnet_native.Predictor(tmp_path, backend="native") as predictor:
        first = predictor.infer(inputs)
        turned = predictor.infer(inputs[::-1].copy())[::-1]
        alone = predictor.infer(inputs[:1])
        again = predictor.infer(inputs)
    with hrnet_native.Predictor(tmp_path, backend="native") as predictor:
        other = predictor.infer(inputs)
    np.testing.assert_array_equal(turned, first)
    np.testing.assert_array_equal(again, first)
    np.testing.assert_array_equal(other, first)
    np.testing.assert_allclose(alone, first[:1], rtol=0, atol=1e-5)


@pytest.mark.parametrize("isa", instruction_sets())
def test_weights_in_half_precision(isa: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any such file is the network of its rounded weights, exactly; test_export has the sizes and what users see."""
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    graph = every_operator()
    difference = write_graph(graph, tmp_path / "half.safetensors", "fp16")
    assert 0 < difference < 2**-11
    rounded = read_graph(tmp_path / "half.safetensors")
    inputs = np.random.default_rng(4).normal(size=(2, *graph.input_shape)).astype(np.float32)
    _bundle(graph, tmp_path)
    (tmp_path / "half.safetensors").replace(tmp_path / "native.safetensors")
    with hrnet_native.Predictor(tmp_path, backend="native") as predictor:
        outputs = predictor.infer(inputs)
    expected = run_reference(rounded, inputs)
    assert np.abs(outputs - expected).max() < TOLERANCE * expected.max()
    assert np.abs(run_reference(graph, inputs) - expected).max() > TOLERANCE * expected.max()


def test_auto_takes_the_native_engine_and_agrees_with_paddle(small_model: Path, cat: Path) -> None:
    with hrnet_native.Predictor(small_model) as native, hrnet_native.Predictor(small_model, backend="onednn") as paddle:
        assert native.backend == "native"
        ours, theirs = native.predict(cat), paddle.predict(cat)
    assert ours.class_ids == theirs.class_ids
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-5)


def test_instances_share_the_weights(small_model: Path) -> None:
    with hrnet_native.Predictor(small_model, backend="native", num_threads=1) as one:
        single = one.stats()
    with hrnet_native.Predictor(small_model, backend="native", num_threads=1, num_instances=2) as two:
        double = two.stats()
    assert single.weights_bytes > 0
    assert double.weights_bytes == single.weights_bytes
    assert double.arena_bytes == 2 * single.arena_bytes


def _rewrite(directory: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    path = directory / "native.safetensors"
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    graph = json.loads(header["__metadata__"]["hrnet_native.graph"])
    change(header, graph)
    header["__metadata__"]["hrnet_native.graph"] = json.dumps(graph)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


def _first_tensor(header: dict[str, Any]) -> dict[str, Any]:
    return next(entry for name, entry in header.items() if name != "__metadata__")


CHANGES: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], Any], str]] = {
    "version": (lambda _, graph: graph.update(version=99), "version 99"),
    "operator": (lambda _, graph: graph["layers"][0].update(op="fft"), 'operator "fft"'),
    "weight": (lambda _, graph: graph["layers"][0].update(weight="nowhere"), 'tensor "nowhere" is missing'),
    "undefined value": (lambda _, graph: graph["layers"][0].update(input=12345), "12345 is used before it is defined"),
    "stride": (lambda _, graph: graph["layers"][0].update(stride=[0, 1]), "stride must be an integer"),
    "huge padding": (
        lambda _, graph: graph["layers"][0].update(padding=[1 << 40, 0, 0, 0]),
        "padding must be an integer",
    ),
    "defined twice": (
        lambda _, graph: graph["layers"][1].update(output=graph["layers"][0]["output"]),
        "is defined twice",
    ),
    "channels": (lambda _, graph: graph["input"].update(channels=4), "takes 4 channels"),
    "offsets": (lambda header, _: _first_tensor(header).update(data_offsets=[0, 1 << 50]), "bytes within the file"),
    "shape": (
        lambda header, _: _first_tensor(header).update(shape=[65536, 65536, 65536, 65536]),
        "larger than the file",
    ),
    "type": (lambda header, _: _first_tensor(header).update(dtype="F64"), "dtype F32"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_does_not_fit_is_refused(name: str, tmp_path: Path) -> None:
    change, words = CHANGES[name]
    _bundle(every_operator(), tmp_path)
    _rewrite(tmp_path, change)
    with pytest.raises(hrnet_native.ModelLoadError, match=words):
        hrnet_native.Predictor(tmp_path, backend="native")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    _bundle(every_operator(), tmp_path)
    path = tmp_path / "native.safetensors"
    data = path.read_bytes()
    for length in [0, 1, 7, 8, 100, len(data) // 2, len(data) - 1]:
        path.write_bytes(data[:length])
        with pytest.raises(hrnet_native.ModelLoadError):
            hrnet_native.Predictor(tmp_path, backend="native")


def test_a_model_without_paddles_program_runs_natively_only(tmp_path: Path) -> None:
    _bundle(every_operator(), tmp_path)
    with pytest.raises(hrnet_native.ModelLoadError, match="use backend native"):
        hrnet_native.Predictor(tmp_path, backend="onednn")
