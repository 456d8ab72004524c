"""CONTRIBUTING.md says what every folder is for, and the tests lie as what they test lies."""

from __future__ import annotations

import re
import subprocess
from pathlib import PurePosixPath

from support.paths import ROOT

# Tests are in folders of the same names.
MIRRORS = {"tests/cpp": "cpp/src", "tests/python": "python/hrnet_native"}


def above(path: str) -> set[str]:
    """All folders that a path lies in."""
    return {str(parent) for parent in PurePosixPath(path).parents} - {"."}


def tracked_folders() -> set[str]:
    listing = ["git", "ls-files", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return set().union(*map(above, names))


def named_folders(contributing: str) -> set[str]:
    return set(re.findall(r"^(\S+)/ {2,}\S", contributing, re.MULTILINE))


def without_a_word(folders: set[str], named: set[str]) -> set[str]:
    """Those that are neither named nor divided by names, nor inside a named one that no name divides."""
    divided = set().union(*map(above, named))
    mirrored = {
        folder
        for folder in folders
        for tests, sources in MIRRORS.items()
        if folder.startswith(f"{tests}/") and folder.replace(tests, sources, 1) in folders
    }
    return {f for f in folders - named - divided - mirrored if not above(f) & (named - divided)}


def test_every_folder_is_named() -> None:
    named = named_folders((ROOT / "CONTRIBUTING.md").read_text())
    assert without_a_word(tracked_folders(), named) == set()


def test_what_is_named_is_there() -> None:
    assert named_folders((ROOT / "CONTRIBUTING.md").read_text()) - tracked_folders() == set()


def test_a_folder_that_nothing_names_is_found() -> None:
    named = {"cpp/src/base", "cpp/src/engine", "tests/cpp", "tests/cpp/faults"}
    inside = {"cpp/src/base/os", "tests/cpp/base/os"}
    known = named | inside | {"cpp", "cpp/src", "tests"}
    assert without_a_word(known, named) == set()
    for new in ("server", "cpp/src/server", "tests/server", "tests/cpp/server", "tests/cpp/base/server"):
        assert without_a_word(known | {new}, named) == {new}


def test_names_are_read_from_the_list() -> None:
    text = "cpp/src/base/     errors\n                  a second line\nNot this/ one\ntests/cpp/  the tests, and:\n"
    assert named_folders(text) == {"cpp/src/base", "tests/cpp"}
