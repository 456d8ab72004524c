"""The matrix as tables, between two marks of docs/paddle-versions.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from support.paths import ROOT

DOCUMENT = ROOT / "docs" / "paddle-versions.md"
_BEGIN = "<!-- ./dev paddle-matrix writes what follows -->"
_END = "<!-- ./dev paddle-matrix wrote what precedes -->"
# What a refusal has to say: the version of Paddle or the format that is needed.
_NAMES_WHAT_IS_NEEDED = re.compile(r"Paddle \d|inference\.(json|pdmodel)")


class Row(NamedTuple):
    """A model: whose, written by which Paddle, in which format, up-sampled how."""

    network: str
    exporter: str
    model_format: str
    up_sampling: str


class Column(NamedTuple):
    """What runs it."""

    version: str
    backend: str


class Answer(NamedTuple):
    """How one trial ended: "right", "refused" with an error of ours, "wrong" or "crash"."""

    outcome: str
    message: str


class Cell(NamedTuple):
    """The answers for both names of the feed together."""

    outcome: str
    message: str

    @classmethod
    def of(cls, first: Answer, second: Answer) -> Cell:
        if first.outcome == second.outcome:
            return cls(*first)
        return cls("differs", f"{first.outcome} {first.message} / {second.outcome} {second.message}")

    @property
    def explained(self) -> bool:
        """Whether it predicts correctly, or fails at load with a sentence that names what is needed."""
        if self.outcome == "refused":
            return len(self.message.splitlines()) == 1 and _NAMES_WHAT_IS_NEEDED.search(self.message) is not None
        return self.outcome == "right"


def tables(
    probes: dict[str, str],
    strangers: dict[str, str],
    rows: list[Row],
    columns: list[Column],
    cells: dict[tuple[Row, Column], Cell],
) -> str:
    """Markdown."""
    lines = ["| Paddle | a plugin built for it | the plugin built for another says |", "|---|---|---|"]
    for version, probe in probes.items():
        said = f"`{strangers[version]}`" if version in strangers else "(this is the build's own Paddle)"
        lines.append(f"| {version} | links and loads; {probe} | {said} |")
    versions = dict.fromkeys(column.version for column in columns)
    backends = list(dict.fromkeys(column.backend for column in columns))
    notes: dict[str, int] = {}
    for version in versions:
        lines += ["", f"**Paddle {version} runs**", ""]
        lines += ["| network | written by | format | up-sampling | " + " | ".join(f"`{b}`" for b in backends) + " |"]
        lines += ["|---|---|---|---|" + "---|" * len(backends)]
        for row in rows:
            marks = [_mark(cells[row, Column(version, backend)], notes) for backend in backends]
            lines.append(
                f"| {row.network} | {row.exporter} | `.{row.model_format}` | {row.up_sampling} | {' | '.join(marks)} |"
            )
    lines.append("")
    lines += [f"{number}. `{note}`" for note, number in notes.items()]
    return "\n".join(lines)


def _mark(cell: Cell, notes: dict[str, int]) -> str:
    if cell.outcome == "right":
        return "right"
    # Paths differ from cell to cell and machine to machine; the sentence does not.
    note = re.sub(r'"[^"]*/(inference\.[a-z]+)"', r"\1", cell.message)
    number = notes.setdefault(note, len(notes) + 1)
    return f"{cell.outcome} ({number})"


def write(document: Path, text: str) -> None:
    """Replaces what is between the marks."""
    before, _, rest = document.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    document.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}")
