"""The demanded accuracy of the native engine; `./dev numbers` has every network and batch size, this a quick part."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine_numbers
import hrnet_native
from engines.machine import instruction_sets
from hrnet_native.bundle.graph_file import read_graph


@pytest.fixture(scope="module")
def w18(tmp_path_factory: pytest.TempPathFactory) -> engine_numbers.Case:
    folder = tmp_path_factory.mktemp("w18")
    return engine_numbers.case_of(engine_numbers.make_random("HRNet_W18_C", folder), 2, folder)


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> engine_numbers.Case:
    folder = tmp_path_factory.mktemp("default")
    return engine_numbers.case_of(engine_numbers.make_default(folder), 3, folder)


@pytest.mark.parametrize("isa", instruction_sets())
def test_the_default_model_on_every_instruction_set(
    isa: str, default: engine_numbers.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    with hrnet_native.Predictor(default.bundle, backend="native") as predictor:
        for batch in (1, 2, 3):
            error, budget = default.errors(predictor, batch)
            assert error <= budget


@pytest.mark.slow
@pytest.mark.parametrize("memory", ["normal", "low"])
def test_w18_on_the_best_instruction_set(memory: str, w18: engine_numbers.Case) -> None:
    with hrnet_native.Predictor(w18.bundle, backend="native", memory=memory) as predictor:
        for batch in (1, 2):
            error, budget = w18.errors(predictor, batch)
            assert error <= budget


@pytest.mark.slow
@pytest.mark.parametrize("isa", instruction_sets())
def test_low_memory_keeps_packed_weights_within_the_ratio(
    isa: str, w18: engine_numbers.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever batch sizes were run: none of them packs weights again."""
    graph = read_graph(w18.bundle / "native.safetensors")
    tensors = [getattr(layer, field, None) for layer in graph.layers for field in ("weight", "bias")]
    plain = sum(4 * tensor.size for tensor in tensors if tensor is not None)
    monkeypatch.setenv("HRNET_NATIVE_ISA", isa)
    with hrnet_native.Predictor(w18.bundle, backend="native", memory="low", warmup=[2, 5]) as low:
        small = low.stats()
    with hrnet_native.Predictor(w18.bundle, backend="native") as normal:
        large = normal.stats()
    assert small.weights_bytes <= 1.6 * plain
    assert small.weights_bytes < large.weights_bytes
    assert small.file_bytes == (w18.bundle / "native.safetensors").stat().st_size


def test_memory_is_a_word(small_model: Path) -> None:
    with pytest.raises(hrnet_native.InvalidArgumentError, match="memory must be one of low, normal, not 'small'"):
        hrnet_native.Predictor(small_model, memory="small")
