"""Lines for people. File names and labels come from anyone, and a terminal obeys the control characters in them."""

from __future__ import annotations

import logging
import sys
from typing import TextIO


def show(line: object, stream: TextIO | None = None) -> None:
    """Prints one line, to stdout unless said otherwise."""
    stream = stream or sys.stdout
    print(printable(str(line), stream), file=stream)


def complain(message: object) -> None:
    """Says on stderr what went wrong."""
    for line in f"hrnet-native: {message}".splitlines():
        show(line, sys.stderr)


def printable(text: str, stream: TextIO) -> str:
    """Returns the text as it is; for a terminal, what does not print is written out, as Python's literals do."""
    if not stream.isatty():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


class Formatter(logging.Formatter):
    """Log records as ``complain`` prints messages."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record's lines."""
        lines = f"hrnet-native: {super().format(record)}".splitlines()
        return "\n".join(printable(line, sys.stderr) for line in lines)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte of a file name that is no text
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
