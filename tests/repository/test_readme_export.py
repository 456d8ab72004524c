"""From PaddleClas's weights to an accuracy, by the README's own commands."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from hrnet_native.cli.main import main
from hrnet_native.family import published
from hrnet_native.family.table import override, parse_name
from hrnet_native.weights.files import Weights, save_weights
from hrnet_native.weights.naming import entries
from support.paths import ROOT
from support.small_network import SMALL_NETWORK

# What HRNet_W18_C stands for here: as many classes, a minute less. Its own weights are exported in other tests.
SMALL = override(parse_name("HRNet_W4_C"), SMALL_NETWORK)


def _commands() -> list[list[str]]:
    """Those that concern the model that the README exports."""
    lines = re.findall(r"^\.venv/bin/hrnet-native (.* models/w18\b.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_the_readmes_export_gives_a_model_that_eval_takes(
    cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = _commands()
    assert [command[0] for command in commands] == ["export", "predict", "eval"]
    monkeypatch.setattr(published, "parse_name", lambda _: SMALL)
    random = np.random.default_rng(0)
    weights = {e.paddleclas: 0.1 * random.standard_normal(e.shape).astype(np.float32) for e in entries(SMALL, 1000)}
    weights |= {name: np.ones_like(tensor) for name, tensor in weights.items() if name.endswith("_variance")}
    save_weights(Weights(weights), tmp_path / "HRNet_W18_C_pretrained.pdparams")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    folder = tmp_path / "photographs" / "tiger cat"
    folder.mkdir(parents=True)
    shutil.copy(cat, folder)
    monkeypatch.chdir(tmp_path)
    for command in commands:
        assert main(command) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "names of the classes: ImageNet-1k\n" in said
    assert re.search(r"^images +1\nnot served +0\ntop-1 +[01]\.0000$", said, re.MULTILINE)
