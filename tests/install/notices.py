"""THIRD_PARTY_NOTICES of a wheel: whose software it carries, and the terms of each.

auditwheel names what it puts into a wheel after the file's hash (`libpng16-7c1b3f0e.so.16.39.0`), so the Debian package
that owns the very file is found, and with it the notice. What is compiled in or copied is listed here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

from support.paths import ROOT

NAME = "THIRD_PARTY_NOTICES"
_TEXTS = ROOT / "third_party" / "licenses"
_GRAFTED = re.compile(r"[^/]+\.libs/(?P<name>[^/]+\.so[^/]*)")
_HASHED = re.compile(r"(?P<stem>.+)-(?P<hash>[0-9a-f]{8})(?P<suffix>\.so.*)")
_PREFACE = f"""Third-party software in this wheel

{NAME} is made with the wheel. Each part begins with the files that the software is in, and says where its terms come
from. Those of Debian's packages are given whole: they also name files that are not in the wheel, such as Debian's own
scripts. Where they point to /usr/share/common-licenses/Apache-2.0, the same text is LICENSE beside this file.
"""
_RULE = "=" * 120


@dataclasses.dataclass(frozen=True)
class Notice:
    """A part: the file of the wheel, whose software it holds, and the terms."""

    place: str
    origin: str
    terms: str

    def __str__(self) -> str:
        return f"{_RULE}\n{self.place}\n{self.origin}\n{_RULE}\n\n{self.terms.strip()}\n"


def notices_of(libraries: Iterable[str], packages: Path) -> str:
    """The text for a wheel with these libraries (`hrnet_native.libs/NAME`), built with a folder's Python packages."""
    notices = [
        *(_of_library(library) for library in sorted(libraries)),
        _of_debian("hrnet_native/libhrnet_native.so", "nlohmann-json3-dev"),
        _of_python("hrnet_native/_core", "pybind11", packages),
        *(
            Notice("hrnet_native/family/imagenet_labels.txt", f"third_party/licenses/{text.name}", text.read_text())
            for text in sorted(_TEXTS.iterdir())
        ),
    ]
    return "\n".join(map(str, (_PREFACE, *notices)))


def grafted(wheel: Path) -> list[str]:
    """The libraries of others that a wheel carries."""
    return [name for name in zipfile.ZipFile(wheel).namelist() if _GRAFTED.fullmatch(name)]


def without_notice(wheel: Path) -> list[str]:
    """Those of them that its notices do not name."""
    archive = zipfile.ZipFile(wheel)
    files = [name for name in archive.namelist() if name.endswith(f".dist-info/licenses/{NAME}")]
    named = {line for name in files for line in archive.read(name).decode().splitlines()}
    return [library for library in grafted(wheel) if library not in named]


def add_notices(wheel: Path, packages: Path, tools: Path) -> None:
    """Writes them into a repaired wheel, beside its own licence; `tools` has the `wheel` package."""
    run = [tools / "python", "-m", "wheel"]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        subprocess.run([*run, "unpack", "-d", work, wheel], check=True, stdout=subprocess.DEVNULL)
        (info,) = work.glob("*/*.dist-info")
        (info / "licenses" / NAME).write_text(notices_of(grafted(wheel), packages))
        metadata = info / "METADATA"
        before, own, after = metadata.read_text().partition("License-File: LICENSE\n")
        metadata.write_text(f"{before}{own}License-File: {NAME}\n{after}")
        subprocess.run([*run, "pack", "-d", work, info.parent], check=True, stdout=subprocess.DEVNULL)
        (packed,) = work.glob("*.whl")
        shutil.move(packed, wheel)


def _of_library(place: str) -> Notice:
    found = _HASHED.fullmatch(Path(place).name)
    if not found:
        sys.exit(f"{place} is not named as auditwheel names libraries: whose it is cannot be told")
    original = found["stem"] + found["suffix"]
    owners = subprocess.run(["dpkg-query", "-S", f"*/{original}"], capture_output=True, text=True, check=False).stdout
    for line in owners.splitlines():
        package, _, file = line.partition(": ")
        if hashlib.sha256(Path(file).read_bytes()).hexdigest().startswith(found["hash"]):
            return _of_debian(place, package)
    return sys.exit(f"{place} is no file of a Debian package: its notice is not known")


def _of_debian(place: str, package: str) -> Notice:
    version = subprocess.run(
        ["dpkg-query", "-W", "-f=${source:Package} ${Version}", package], capture_output=True, text=True, check=True
    ).stdout
    terms = Path("/usr/share/doc", package.split(":")[0], "copyright").read_text()
    return Notice(place, f"{package}, Debian's package of {version}", terms)


def _of_python(place: str, name: str, packages: Path) -> Notice:
    (found,) = Distribution.discover(name=name, path=[str(packages)])
    (text,) = (file for file in found.files or () if file.name == "LICENSE")
    return Notice(place, f"{name} {found.version}", text.read_text())
