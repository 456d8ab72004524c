"""CPUID instructions in shared libraries: where they are, and other bytes in their place.

What stands there afterwards is illegal: a process that loads such a library needs cpuid/hide_avx512.cc to answer.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from itertools import chain
from pathlib import Path

_CPUID = b"\x0f\xa2"
_REPLACEMENT = b"\xce\xce"  # as cpuid/hide_avx512.cc knows it
# Machine code is decoded from any byte on: after a few instructions the decoder is in step with the real ones.
_BEFORE = 512
# Longer than an instruction, so that what is cut off does not reach into what follows.
_GAP = b"\x90" * 16
_STRIDE = _BEFORE + len(_CPUID) + len(_GAP)


def cpuid_offsets(library: Path) -> list[int]:
    """Offsets in the file at which a disassembler sees CPUID: the same bytes are also parts of other instructions."""
    content = library.read_bytes()
    found = list(chain.from_iterable(_occurrences(content, section) for section in _code_sections(library)))
    if not found:
        return []
    with tempfile.NamedTemporaryFile() as excerpts:
        for section, offset in found:
            before = content[max(section, offset - _BEFORE) : offset]
            excerpts.write(before.rjust(_BEFORE, b"\x90") + _CPUID + _GAP)
        excerpts.flush()
        listing = _objdump("-D", "-b", "binary", "-m", "i386:x86-64", excerpts.name)
    decoded = {int(address, 16) for address in re.findall(r"^ *([0-9a-f]+):.*\tcpuid", listing, re.MULTILINE)}
    return [offset for i, (_, offset) in enumerate(found) if i * _STRIDE + _BEFORE in decoded]


def replace(library: Path, offsets: list[int], patched: Path) -> None:
    """Writes the library to another file, without the CPUID instructions at these offsets."""
    content = bytearray(library.read_bytes())
    for offset in offsets:
        content[offset : offset + len(_CPUID)] = _REPLACEMENT
    patched.write_bytes(content)


def _code_sections(library: Path) -> list[tuple[int, int]]:
    """Begin and end of each in the file."""
    sections = []
    for line in _objdump("-h", "-w", library).splitlines():
        if "CODE" in line:
            _, _, size, _, _, begin, *_ = line.split()
            sections.append((int(begin, 16), int(begin, 16) + int(size, 16)))
    return sections


def _occurrences(content: bytes, section: tuple[int, int]) -> list[tuple[int, int]]:
    """Where CPUID's bytes are in a section, each with the section's begin."""
    begin, end = section
    return [(begin, match.start()) for match in re.compile(re.escape(_CPUID)).finditer(content, begin, end)]


def _objdump(*arguments: str | Path) -> str:
    return subprocess.run(["objdump", *arguments], check=True, capture_output=True, text=True).stdout
