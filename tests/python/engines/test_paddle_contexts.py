"""What the Paddle engine's design rests on: how Paddle's predictors share, and that ours hide it."""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from paddle import nn
from paddle.nn import functional as F

import hrnet_native
from hrnet_native.bundle.probe import probe_input
from support.memory import growth_of_stretches
from support.paddle_contexts import intel_openmp
from support.paddle_models import Sequence, save
from support.paths import ROOT

TESTS = ROOT / "tests"
# What a clone takes for itself, as a multiple of the weights' size: .json models are read again, .pdmodel ones shared;
# oneDNN rearranges the weights for itself besides.
CLONE_SIZE = {("json", "onednn"): 2, ("json", "cpu"): 1, ("pdmodel", "onednn"): 1, ("pdmodel", "cpu"): 0}


def export_heavy(directory: Path, model_format: str) -> Path:
    """Few operators and 28 MB of weights, so that memory tells who holds them."""
    network = Sequence(
        nn.Conv2D(3, 512, 3, stride=4, padding=1),
        F.relu,
        nn.Conv2D(512, 1536, 3, stride=4, padding=1),
        F.relu,
        nn.AdaptiveAvgPool2D(1),
        nn.Flatten(),
        nn.Linear(1536, 4),
        F.softmax,
    )
    return save(network, directory, 32, model_format)


@pytest.mark.parametrize("backend", ["onednn", "cpu"])
@pytest.mark.parametrize("model_format", ["json", "pdmodel"])
def test_paddles_clones_share_or_survive_but_not_both(model_format: str, backend: str, tmp_path: Path) -> None:
    """Facts of the Paddle that is installed.

    If a new one changes them, docs/paddle-versions.md has to follow, and PaddleModel::NewContext may: it loads the
    files for each context, because of the last two of .pdmodel.
    """
    model = export_heavy(tmp_path, model_format)
    command = [sys.executable, "-m", "support.paddle_contexts", model, backend]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    facts = json.loads(done.stdout.splitlines()[-1])
    weights = (model / "inference.pdiparams").stat().st_size
    assert round(facts["clone_bytes"] / weights) == CLONE_SIZE[model_format, backend], facts
    assert facts["clone_is_right"]
    assert facts["clone_of_another_thread_is_right"]
    assert facts["caller_threads_after_run"] == 1  # of the thread that called run(); it was 2 before
    survives = model_format == "json"
    assert facts["original_outlives_its_clone"] == survives
    assert facts["clone_outlives_its_original"] == survives


@pytest.fixture(params=["json", "pdmodel"])
def paddle_model(request: pytest.FixtureRequest) -> Path:
    model: Path = request.getfixturevalue("small_model" if request.param == "json" else "small_pdmodel")
    return model


def test_our_clones_live_and_die_in_any_order(paddle_model: Path) -> None:
    inputs = probe_input(1, (2, 3, 64, 64))
    first = hrnet_native.Predictor(paddle_model, backend="onednn", num_threads=1)
    expected = first.infer(inputs)
    second = first.clone()
    third = second.clone()
    second.close()
    np.testing.assert_array_equal(first.infer(inputs), expected)
    first.close()
    np.testing.assert_array_equal(third.infer(inputs), expected)
    third.close()


@pytest.mark.parametrize("backend", ["onednn", "openvino", "cpu"])
def test_paddle_prints_nothing_and_leaves_no_files(small_pdmodel: Path, backend: str, tmp_path: Path) -> None:
    code = (
        "import sys, hrnet_native\n"
        "from hrnet_native.bundle.probe import probe_input\n"
        "with hrnet_native.Predictor(sys.argv[1], backend=sys.argv[2], num_threads=1) as predictor:\n"
        "    predictor.infer(probe_input(1, (2, 3, 64, 64)))\n"
        "assert (sys.argv[2] == 'openvino') == ('openvino_intel_cpu_plugin' in open('/proc/self/maps').read())\n"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, small_pdmodel, backend],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert done.stdout + done.stderr == ""
    assert list(tmp_path.rglob("*")) == [temporary]


def test_openvino_needs_a_pdmodel(small_model: Path) -> None:
    """Paddle would run a .json model without OpenVINO and say nothing."""
    with pytest.raises(hrnet_native.ModelLoadError, match=r"openvino needs the model as inference\.pdmodel"):
        hrnet_native.Predictor(small_model, backend="openvino")


@pytest.mark.parametrize(
    ("model", "backend"),
    [(f"small_{form}", backend) for form in ("model", "pdmodel") for backend in ("onednn", "cpu")]
    + [("small_pdmodel", "openvino")],
)
def test_parallel_contexts_with_mixed_batch_sizes(model: str, backend: str, request: pytest.FixtureRequest) -> None:
    paddle_model: Path = request.getfixturevalue(model)
    batches = [probe_input(seed, (seed % 4 + 1, 3, 64, 64)) for seed in range(24)]
    with hrnet_native.Predictor(paddle_model, backend=backend, num_threads=1) as predictor:
        expected = [predictor.infer(batch) for batch in batches]
    with (
        hrnet_native.Predictor(paddle_model, backend=backend, num_threads=1, num_instances=2) as predictor,
        ThreadPoolExecutor(6) as callers,
    ):
        for found, wanted in zip(callers.map(predictor.infer, batches), expected):
            np.testing.assert_allclose(found, wanted, atol=1e-5)  # what waits is run together, in other batches


def test_the_callers_openmp_settings_stay(paddle_model: Path) -> None:
    with hrnet_native.Predictor(paddle_model, backend="onednn", num_threads=1) as predictor:
        openmp: ctypes.CDLL = intel_openmp()
        before = openmp.omp_get_max_threads()
        try:
            openmp.omp_set_num_threads(7)
            predictor.infer(probe_input(1, (1, 3, 64, 64)))
            assert openmp.omp_get_max_threads() == 7
        finally:
            openmp.omp_set_num_threads(before)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["onednn", "cpu"])
def test_memory_stays_flat(small_model: Path, backend: str) -> None:
    """The short form of benchmarks/memory.py: callers come and go, batch sizes change, the engine's thread stays."""
    inputs: list[NDArray[np.float32]] = [probe_input(size, (size, 3, 64, 64)) for size in (1, 2, 4, 3)]
    with hrnet_native.Predictor(small_model, backend=backend, num_threads=1) as predictor:
        growth = growth_of_stretches(predictor, inputs, warm_up=100, runs=25, stretches=20)
    # A leak of one output a run would be 16 to 64 bytes, of one input 49152 and more.
    assert statistics.median(growth) / 25 < 1024, growth
