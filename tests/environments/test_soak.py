"""The short form of ``./dev soak``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from environments.soak.__main__ import CYCLES
from environments.soak.cycles import check_cycles, cycle
from environments.soak.load import make_images, same_answer, slope_after, soak
from environments.soak.process import in_fresh_process
from environments.soak.storm import Target, storm
from hrnet_native import Classification, Predictor


def test_many_short_lived_threads(small_model: Path) -> None:
    """An image or a tensor (48 KiB) kept for each prediction would show; the long form measures finer."""
    with Predictor(small_model, backend="native") as predictor:
        memory = soak(predictor, 4096, 64, make_images(31, largest=100))
    assert slope_after(1024, memory) < 8


@pytest.mark.parametrize("backend", ["native", "onednn"])
def test_predictors_come_and_go(small_model: Path, backend: str) -> None:
    count, settled = CYCLES[backend]
    check_cycles(in_fresh_process(cycle, small_model, make_images(1, 100)[0], count, backend=backend), settled)


@pytest.mark.parametrize("backend", ["native", "onednn"])
def test_everything_at_once(small_model: Path, backend: str) -> None:
    seen = storm(small_model, make_images(11, 100), 4, backend=backend)
    assert {"Classification", "ClosedError", "InvalidImageError", "NotFoundError", "CancelledError"} <= set(seen)


def test_an_image_that_nobody_accounts_for_is_noticed(small_model: Path) -> None:
    with Predictor(small_model, backend="native") as predictor:
        target = Target(predictor)
        target.ask(1)
        with pytest.raises(AssertionError, match="1 images asked for, 0 accounted for"):
            target.check_statistics()


def test_names_of_arguments_are_kept() -> None:
    """Else each call with keywords leaves gaps in Python's table of interned strings, which grows by MBs in the end."""
    script = "import sys, hrnet_native; name = 'allow_' + str('truncated'); assert sys.intern(name) is not name"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_what_is_checked() -> None:
    assert slope_after(10, [(5, 900), (10, 100), (15, 200), (20, 250), (25, 300)]) == pytest.approx(10)
    expected = Classification((0, 1, 2), (0.5, 0.3, 0.2), ())
    assert same_answer(Classification((0, 1, 2), (0.500004, 0.299996, 0.2), ()), expected)
    for wrong in (
        Classification((0, 1, 2), (0.50002, 0.3, 0.2), ()),
        Classification((1, 0, 2), (0.3, 0.5, 0.2), ()),
        Classification((0, 1, 3), (0.5, 0.3, 0.2), ()),
    ):
        assert not same_answer(wrong, expected)
    tied = Classification((0, 1, 2), (0.400004, 0.4, 0.2), ())
    assert same_answer(Classification((1, 0, 2), (0.400002, 0.400001, 0.2), ()), tied)
    check_cycles([(1, 50), (4, 100), (4, 102)])
    check_cycles([(1, 50), (4, 100), (4, 106), (4, 101), (4, 106)])
    for grown in ((5, 100), (4, 103)):
        with pytest.raises(AssertionError, match="grew"):
            check_cycles([(1, 50), (4, 100), grown])
