"""The README's picture: bars of each engine's time over this one's, for the networks of one result of engines.py."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import Any
from xml.sax.saxutils import escape

_NAMES = {
    "native": "hrnet_native",
    "openvino": "OpenVINO",
    "onnxruntime": "ONNX Runtime",
    "ncnn": "ncnn",
    "mnn": "MNN",
    "paddle": "Paddle (oneDNN)",
    "torch": "PyTorch",
}
# In pixels: a panel for each network, in which every engine has a row.
_PANEL, _LABELS, _BARS, _ROW, _BAR, _TOP, _GAP = 420, 128, 194, 26, 16, 52, 8
_FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"


@dataclasses.dataclass(frozen=True)
class Theme:
    """Colours on a transparent ground: GitHub's own of both its themes."""

    text: str
    muted: str
    ours: str
    others: str
    range: str


THEMES = {
    "light": Theme(text="#1f2328", muted="#59636e", ours="#0969da", others="#c8d1da", range="#59636e"),
    "dark": Theme(text="#f0f6fc", muted="#9198a1", ours="#4493f8", others="#3d444d", range="#9198a1"),
}


def panels(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells that are drawn: one image, on all the threads that were tried; each engine's result, ours first.

    Raises:
        ValueError: The result is not one to be shown: an engine failed, erred, or was not held to AVX2.
    """
    most = max(cell["threads"] for cell in document["cells"])
    shown = [cell for cell in document["cells"] if (cell["batch"], cell["threads"]) == (1, most)]
    for cell in shown:
        where = f"{cell['network']}, batch 1, {most} threads"
        for name, reason in cell["failures"].items():
            raise ValueError(f"{where}: {name} failed: {reason}")
        if missing := _NAMES.keys() - {engine["name"] for engine in cell["engines"]}:
            raise ValueError(f"{where}: no result of {', '.join(sorted(missing))}")
        for engine in cell["engines"]:
            if not engine["counts"]:
                raise ValueError(f"{where}: {engine['name']}'s error is {engine['error']:.1e}, too large to count")
            if engine["isa"] != "avx2" or engine["avx512_seen"]:
                raise ValueError(f"{where}: {engine['name']} was not held to AVX2")
    if not shown:
        raise ValueError(f"no cell has batch 1 and {most} threads")
    return shown


def draw(document: dict[str, Any], theme: Theme) -> str:
    """Returns an SVG."""
    cells = panels(document)
    longest = max(engine["ratio_range"][1] for cell in cells for engine in cell["engines"])
    height = _TOP + _ROW * len(_NAMES) + _GAP
    width = _PANEL * len(cells)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{_FONT}" font-size="13">',
        f"<title>{escape(_alternative(cells))}</title>",
    ]
    for number, cell in enumerate(cells):
        parts += _panel(cell, _PANEL * number, _BARS / longest, theme)
    return "\n".join([*parts, "</svg>", ""])


def caption(document: dict[str, Any], images: str, results: str) -> str:
    """The README's lines: the picture of each theme in the folder `images`, the ratios, and what they hold for."""
    cells, machine = panels(document), document["machine"]
    ours, *others = cells[0]["engines"]
    headline = " and ".join(
        f"{_best(cell)['ratio']:.2f} times as long for HRNet-{cell['network']} ({_NAMES[_best(cell)['name']]})"
        for cell in cells
    )
    versions = ", ".join(f"{_NAMES[engine['name']]} {engine['version'].partition('==')[2]}" for engine in others)
    conditions = (
        f"Time of one image over this engine's, less is better: medians of {len(ours['windows'])} interleaved rounds; "
        f"the thin lines are their ranges. Batch 1, {cells[0]['threads']} threads, fp32, AVX2 for all, "
        f"answers checked; 224x224 pixels, random calibrated weights; "
        f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['date']}. "
        f"{versions}. [More cells, and how it was measured]({results})."
    )
    return f"""<picture>
  <source media="(prefers-color-scheme: dark)" srcset="{images}/engines-dark.svg">
  <img alt="{escape(_alternative(cells))}" src="{images}/engines-light.svg">
</picture>

**The fastest of {len(others)} other engines takes {headline}.**

{textwrap.fill(f"<sub>{conditions}</sub>", 120, break_on_hyphens=False)}"""


def _panel(cell: dict[str, Any], left: int, scale: float, theme: Theme) -> list[str]:
    """A network's title and rows, fastest first; `scale` is pixels for a time like ours."""
    ours = cell["engines"][0]
    bars, end = left + _LABELS, left + _LABELS + _BARS + 8
    lines = [
        f'<text x="{bars}" y="18" font-size="15" font-weight="600" fill="{theme.text}">HRNet-{cell["network"]}</text>',
        f'<text x="{bars}" y="37" fill="{theme.muted}">time of one image over ours, {cell["threads"]} threads</text>',
    ]
    for row, engine in enumerate(sorted(cell["engines"], key=lambda engine: float(engine["ratio"]))):
        middle = _TOP + _ROW * row + _ROW / 2
        mine = engine is ours
        weight = ' font-weight="600"' if mine else ""
        text = f'y="{middle + 4.5:.1f}" fill="{theme.text}"{weight}'
        lines += [
            f'<text x="{bars - 8}" {text} text-anchor="end">{_NAMES[engine["name"]]}</text>',
            f'<rect x="{bars}" y="{middle - _BAR / 2:.1f}" width="{engine["ratio"] * scale:.1f}" height="{_BAR}" '
            f'rx="2" fill="{theme.ours if mine else theme.others}"/>',
            f'<text x="{end}" {text}>{engine["ratio"]:.2f}'
            + (
                f'<tspan fill="{theme.muted}" font-weight="400" dx="5">= {ours["median_ms"]:.0f} ms</tspan>'
                if mine
                else ""
            )
            + "</text>",
        ]
        if not mine:
            low, high = (bars + bound * scale for bound in engine["ratio_range"])
            ends = f"M{low:.1f} {middle - 3:.1f}v6M{high:.1f} {middle - 3:.1f}v6"
            lines.append(f'<path d="M{low:.1f} {middle:.1f}H{high:.1f}{ends}" stroke="{theme.range}" fill="none"/>')
    return lines


def _best(cell: dict[str, Any]) -> dict[str, Any]:
    best: dict[str, Any] = min(cell["engines"][1:], key=lambda engine: float(engine["ratio"]))
    return best


def _alternative(cells: list[dict[str, Any]]) -> str:
    """The picture in words."""
    return "Time of one image over this engine's. " + " ".join(
        f"HRNet-{cell['network']}: "
        + ", ".join(f"{_NAMES[engine['name']]} {engine['ratio']:.2f}" for engine in cell["engines"][1:])
        + "."
        for cell in cells
    )
