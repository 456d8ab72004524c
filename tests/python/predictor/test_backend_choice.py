"""Which backend runs a model: an explicit one or its error, ``auto`` by what the self-check says, and who is told."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hrnet_native
from hrnet_native import ModelLoadError
from support.damage import recompute_hashes


def with_damaged_native(model: Path, bundle: Path) -> Path:
    """A copy whose native file is of the right form and has other weights."""
    shutil.copytree(model, bundle)
    path = bundle / "native.safetensors"
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(data)
    recompute_hashes(bundle)
    return bundle


@pytest.fixture
def damaged_native(small_model: Path, tmp_path: Path) -> Path:
    return with_damaged_native(small_model, tmp_path / "bundle")


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "hrnet_native" and r.levelno == level]


def test_auto_takes_the_native_engine_and_says_so(small_model: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "hrnet_native"), hrnet_native.Predictor(small_model) as predictor:
        assert predictor.backend == "native"
    assert len(messages(caplog, logging.DEBUG)) == 1
    assert messages(caplog, logging.DEBUG)[0].startswith("backend native was chosen: the fastest")
    assert messages(caplog, logging.WARNING) == []


def test_auto_passes_over_a_backend_that_lies(
    damaged_native: Path, small_model: Path, cat: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "hrnet_native"), hrnet_native.Predictor(damaged_native) as predictor:
        assert predictor.backend == "onednn"
        answer = predictor.predict(cat)
    assert len(messages(caplog, logging.WARNING)) == 1
    assert messages(caplog, logging.WARNING)[0].startswith("backend native was passed over: ")
    assert "backend onednn was chosen" in messages(caplog, logging.DEBUG)[0]
    with hrnet_native.Predictor(small_model, backend="native") as predictor:
        assert answer.class_ids == predictor.predict(cat).class_ids
        assert answer.scores == pytest.approx(predictor.predict(cat).scores, abs=1e-5)


def test_without_the_native_engine_auto_takes_openvino_for_a_pdmodel(small_pdmodel: Path, tmp_path: Path) -> None:
    """As the table in docs/performance.md has it; for a .json it is onednn (above)."""
    with hrnet_native.Predictor(with_damaged_native(small_pdmodel, tmp_path / "bundle")) as predictor:
        assert predictor.backend == "openvino"


def test_an_explicit_backend_that_lies_is_an_error(damaged_native: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "hrnet_native"), pytest.raises(ModelLoadError):
        hrnet_native.Predictor(damaged_native, backend="native")
    assert caplog.records == []


def test_what_each_backend_met_is_said_if_none_works(damaged_native: Path) -> None:
    (damaged_native / "inference.pdiparams").write_bytes(b"short")
    recompute_hashes(damaged_native)
    with pytest.raises(ModelLoadError, match=r"no backend runs this model: native: .*; onednn: .*; cpu: "):
        hrnet_native.Predictor(damaged_native)


@pytest.mark.parametrize("program", ["", "import logging; logging.basicConfig()"])
def test_warnings_are_printed_only_where_logging_is_set_up(damaged_native: Path, program: str) -> None:
    code = f"{program}\nimport sys, hrnet_native\nhrnet_native.Predictor(sys.argv[1]).close()"
    done = subprocess.run([sys.executable, "-c", code, damaged_native], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert ("backend native was passed over" in done.stderr) == bool(program)
    assert done.stderr.count("\n") == bool(program)


def test_the_command_tells_what_was_passed_over(damaged_native: Path, cat: Path) -> None:
    command = Path(sys.executable).with_name("hrnet-native")
    arguments = [command, "predict", cat, "--model", damaged_native]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert "hrnet-native: backend native was passed over: " in done.stderr


def test_a_choice_prints_nothing_where_paddle_is_imported(small_model: Path) -> None:
    """Importing paddle gives the root logger a handler for messages from level INFO on."""
    code = "import sys, paddle, hrnet_native\nprint('ours', file=sys.stderr)\n"
    code += "hrnet_native.Predictor(sys.argv[1]).close()"
    done = subprocess.run([sys.executable, "-c", code, small_model], capture_output=True, text=True, check=True)
    assert done.stderr.partition("ours\n")[2] == ""
