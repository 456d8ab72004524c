"""What is changed in a source file: one operator, word or number."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OTHER: Final = {
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "+": "-",
    "-": "+",
    "*": "+",
    "/": "*",
    "//": "*",
    "%": "*",
    "&&": "||",
    "||": "&&",
    "<<": ">>",
    ">>": "<<",
    "+=": "-=",
    "-=": "+=",
    "and": "or",
    "or": "and",
    "not": "",
    "true": "false",
    "false": "true",
    "True": "False",
    "False": "True",
    "continue": "break",
    "break": "continue",
}
_LEFT_ALONE: Final = {
    ".py": r'#.*|(?s:""".*?""")|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'",
    ".cc": r"//.*|(?s:/\*.*?\*/)|^[ ]*#.*|" + r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'",
}
_NUMBER: Final = r"(?<![\w.])\d[\w.']*"
_WORD: Final = r"\b(?:and|or|not|true|false|True|False|continue|break)\b"
# The formatters put spaces around binary operators, and around no bracket of a template, pointer or sign.
_BINARY: Final = r"(?<=\s)(?:[=!]=|[<>]=?|<<|>>|[-+]=?|//?|[*%]|&&|\|\|)(?=\s)"
_UNARY_NOT: Final = r"(?<=[\s(])!(?=[\w(])"


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A file with one change.

    Attributes:
        file: Its path in the repository.
        line: Number of the line that is changed.
        before: That line without its margin.
        after: What becomes of it.
        text: The whole file, changed.
    """

    file: str
    line: int
    before: str
    after: str
    text: str = dataclasses.field(repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}\n    - {self.before}\n    + {self.after}"


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Every mutant of a file, from its top to its bottom."""
    text = (root / file).read_text()
    return [_changed(file, text, begin, end, other) for begin, end, other in _changes(text, Path(file).suffix)]


def draw(root: Path, files: list[str], count: int, seed: int) -> list[Mutant]:
    """As many mutants, all different: of each file in turn, so that a long one has no more of them than a short one."""
    piles = [mutants_of(root, file) for file in files]
    generator = random.Random(seed)
    for pile in piles:
        generator.shuffle(pile)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(piles):
        drawn += [pile.pop() for pile in piles if pile]
    return drawn[:count]


def _changes(text: str, suffix: str) -> Iterator[tuple[int, int, str]]:
    """Where something is to be replaced, and by what."""
    pattern = f"(?P<number>{_NUMBER})|(?P<skip>{_LEFT_ALONE[suffix]})|(?P<not>{_UNARY_NOT})|{_WORD}|{_BINARY}"
    for match in re.finditer(pattern, text, re.MULTILINE):
        if match["skip"]:
            continue
        other = "" if match["not"] else _next_number(match["number"]) if match["number"] else _OTHER[match[0]]
        if other is not None:
            yield match.start(), match.end(), other


def _next_number(literal: str) -> str | None:
    """One more; None for what is no plain number."""
    if match := re.fullmatch(r"(0[xX][\da-fA-F]+)([uUlL]*)", literal):
        return f"{int(match[1], 16) + 1:#x}{match[2]}"
    if match := re.fullmatch(r"(\d[\d']*)([uUlL]*)", literal):
        return f"{int(match[1].replace(chr(39), '')) + 1}{match[2]}"
    if match := re.fullmatch(r"(\d+)(\.\d+[fF]?)", literal):
        return f"{int(match[1]) + 1}{match[2]}"
    return None


def _changed(file: str, text: str, begin: int, end: int, other: str) -> Mutant:
    changed = text[:begin] + other + text[end:]
    index = text.count("\n", 0, begin)
    return Mutant(file, index + 1, text.split("\n")[index].strip(), changed.split("\n")[index].strip(), changed)
