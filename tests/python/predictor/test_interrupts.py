"""Ctrl-C ends a long call soon, and cutting a call for that changes no bit of its answer."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from hrnet_native import Predictor
from support.waiting import interrupt_once_running


@pytest.mark.usefixtures("interrupts")
def test_infer_can_be_interrupted(small_model: Path) -> None:
    with Predictor(small_model, num_threads=1) as predictor:
        inputs = np.zeros((20_000, *predictor.input_shape), np.float32)
        with interrupt_once_running(predictor):
            predictor.infer(inputs)
        assert predictor.stats().inference_count < len(inputs)


@pytest.mark.usefixtures("interrupts")
def test_a_list_of_copies_can_be_interrupted(small_model: Path) -> None:
    image = np.zeros((64, 64, 4), np.uint8)[:, :, :3]
    with Predictor(small_model, num_threads=1) as predictor:
        with interrupt_once_running(predictor):
            predictor.predict([image] * 20_000)
        assert predictor.stats().inference_count < 20_000


def test_warmup_can_be_interrupted(small_model: Path) -> None:
    script = """
        import signal, sys, hrnet_native
        predictor = hrnet_native.Predictor(sys.argv[1], num_threads=1)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            predictor.warmup([8], 2_000_000_000)
        except KeyboardInterrupt:
            print("interrupted")
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(small_model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


def test_cutting_a_call_changes_no_bit(small_model: Path) -> None:
    """Each run of the engine has the images that it would have if the whole call were one of the core's."""
    inputs = np.random.default_rng(3).standard_normal((4 * 7 + 3, 3, 64, 64)).astype(np.float32)
    with Predictor(small_model, num_threads=1, max_batch_size=4) as predictor:
        scores = predictor.infer(inputs)
        assert predictor.stats().batch_sizes == (0, 0, 1, 7)
        pieces = [predictor.infer(inputs[begin : begin + 4]) for begin in range(0, len(inputs), 4)]
        np.testing.assert_array_equal(scores, np.concatenate(pieces))
