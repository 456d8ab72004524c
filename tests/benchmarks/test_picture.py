"""The README's picture: what it shows of a result, and which results it does not show."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from draw_engines import RESULT, ROOT, files
from engines.peers import PEERS
from engines.picture import THEMES, draw

README = "before\n<!-- benchmarks/draw_engines.py writes what follows -->\nold\n<!-- and what precedes -->\nafter\n"


def _engine(name: str, version: str, ratio: float) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "isa": "avx2",
        "avx512_seen": False,
        "error": 1e-5,
        "counts": True,
        "median_ms": 30.4 * ratio,
        "ratio": ratio,
        "ratio_range": [ratio - 0.25 * (ratio != 1), ratio + 0.5 * (ratio != 1)],
        "windows": [{}] * 7,
    }


def _cell(network: str, threads: int, batch: int = 1) -> dict[str, Any]:
    peers = [
        _engine(peer.name, peer.environment.requirements[0] if peer.environment else "", 1.5 + number)
        for number, peer in enumerate(PEERS)
    ]
    engines = [_engine("native", "native", 1), *peers]
    return {"network": network, "batch": batch, "threads": threads, "failures": {}, "engines": engines}


@pytest.fixture
def document() -> dict[str, Any]:
    cells = [_cell("W18", 1), _cell("W18", 2), _cell("W48", 2), _cell("W48", 2, batch=8)]
    cells[2]["engines"][1:] = reversed(cells[2]["engines"][1:])
    cells[2]["engines"][1]["ratio"] = 1.25
    return {"machine": {"cpu": "A <CPU>", "cpus": 2, "date": "2026-11-29"}, "cells": cells}


@pytest.mark.parametrize("theme", THEMES)
def test_bars_are_as_long_as_the_times(document: dict[str, Any], theme: str) -> None:
    picture = ET.fromstring(draw(document, THEMES[theme]))
    bars = [element for element in picture if element.tag.endswith("rect")]
    texts = ["".join(element.itertext()) for element in picture if element.tag.endswith("text")]
    assert texts[0] == "HRNet-W18"
    assert texts[2:8] == ["hrnet_native", "1.00= 30 ms", "OpenVINO", "1.50", "ONNX Runtime", "2.50"]
    assert texts[16] == "HRNet-W48"
    assert texts[18:22] == ["hrnet_native", "1.00= 30 ms", "PyTorch", "1.25"]
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert len(widths) == 14
    for width, text in zip(widths[1:7], texts[5:16:2]):
        assert width / widths[0] == pytest.approx(float(text), rel=0.01)
    right = [float(bar.attrib["x"]) + float(bar.attrib["width"]) for bar in bars]
    assert max(right) < float(picture.attrib["width"])
    assert {bars[0].attrib["fill"], bars[1].attrib["fill"]} == {THEMES[theme].ours, THEMES[theme].others}


def test_the_caption_has_the_ratios_and_what_they_hold_for(document: dict[str, Any]) -> None:
    written = files(document, README)
    readme = written["README.md"]
    assert sorted(written) == ["README.md", "docs/images/engines-dark.svg", "docs/images/engines-light.svg"]
    assert readme.startswith("before\n")
    assert readme.endswith("after\n")
    assert "old" not in readme
    assert files(document, readme)["README.md"] == readme
    said = " ".join(readme.split())
    assert "takes 1.50 times as long for HRNet-W18 (OpenVINO) and 1.25 times as long for HRNet-W48 (PyTorch)" in said
    for condition in (
        "7 interleaved",
        "Batch 1, 2 threads, fp32, AVX2",
        "2 CPUs, 2026-11-29",
        "OpenVINO 2026.",
    ):
        assert condition in said


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda cell: cell["engines"][2].update(avx512_seen=True), "onnxruntime was not held to AVX2"),
        (lambda cell: cell["engines"][2].update(isa="its own choice"), "onnxruntime was not held to AVX2"),
        (lambda cell: cell["engines"][2].update(counts=False, error=0.1), "onnxruntime's error is 1.0e-01"),
        (lambda cell: cell["failures"].update(mnn="no memory"), "mnn failed: no memory"),
        (lambda cell: cell["engines"].pop(), "no result of torch"),
    ],
)
def test_what_is_no_fair_comparison_is_not_drawn(
    document: dict[str, Any], spoil: Callable[[dict[str, Any]], object], words: str
) -> None:
    spoil(document["cells"][1])
    with pytest.raises(ValueError, match=f"W18, batch 1, 2 threads: {words}"):
        files(document, README)


def test_a_readme_without_its_marks_is_left_alone(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"README\.md has no lines"):
        files(document, "text")


def test_the_committed_picture_is_of_the_committed_result() -> None:
    drawn = files(json.loads(RESULT.read_text()), (ROOT / "README.md").read_text())
    for name, text in drawn.items():
        assert (ROOT / name).read_text() == text, "python benchmarks/draw_engines.py draws it"
