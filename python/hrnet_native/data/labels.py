"""Files with the names of classes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from hrnet_native.errors import InvalidArgumentError, NotFoundError

_NUMBERED: Final = re.compile(r"(\d{1,9})[ \t]+(\S.*)")


def read_labels(path: Path) -> list[str]:
    """Returns the names of the classes in the order of a model's outputs.

    Either a line is a name, or, as in PaddleClas's lists, a class's number from 0 and its name: where every line is
    one, and each number is there once, they may come in any order. Blank lines at the end do not count.

    Raises:
        NotFoundError: There is no such file.
        InvalidArgumentError: It is no text in UTF-8, or empty, or a line before the last is blank.
    """
    if not path.is_file():
        raise NotFoundError(f"no such labels file: {path}")
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip().split("\n")
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"{path} must be text in UTF-8: {error}") from error
    names = [line.strip() for line in lines]
    if "" in names:
        raise InvalidArgumentError(f"line {names.index('') + 1} of {path} is blank, expected the name of a class")
    numbered = [_NUMBERED.fullmatch(name) for name in names]
    by_number = {int(match[1]): match[2] for match in numbered if match}
    if sorted(by_number) == list(range(len(names))):
        return [by_number[number] for number in range(len(names))]
    return names
