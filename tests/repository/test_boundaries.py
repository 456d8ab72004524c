"""Where the C++ core's includes lead: down CONTRIBUTING.md's list of layers; to the system in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.paths import ROOT

SOURCES = ROOT / "cpp" / "src"
INCLUDE = re.compile(r'^#include (?:"(?P<own>[^"]+)"|<(?P<other>[^>]+)>)', re.MULTILINE)
# Of the libraries that docs/architecture.md names, and of compilers.
LIBRARIES = re.compile(
    r"(yaml-cpp/.*|nlohmann/json\.hpp|openssl/evp\.h|webp/.*|png\.h|jpeglib\.h|jerror\.h|immintrin\.h)"
)
STANDARD = re.compile(r"[a-z_]+")  # the headers of C++ have no suffix
SYSTEM = "base/os/posix"


def layers() -> list[list[str]]:
    """The levels of CONTRIBUTING.md's table, the highest first; folders of one level do not know each other."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    table = re.search(r"Includes point downwards[^\n]*\n+```\n(.*?)```", text, re.DOTALL)
    assert table, "CONTRIBUTING.md has no table of the layers"
    return [re.findall(r"[a-z_]+", line.split("  ")[0]) for line in table[1].splitlines()]


def includes(file: Path) -> list[re.Match[str]]:
    return list(INCLUDE.finditer(file.read_text()))


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".h", ".cc"))


def upward_includes(folder: Path, levels: list[list[str]]) -> list[str]:
    """Includes of `folder`'s files that go to a higher layer, or to another on the same level."""
    level_of = {name: number for number, names in enumerate(levels) for name in names}
    wrong = []
    for file in sources(folder):
        own = file.relative_to(folder).parts[0]
        assert own in level_of, f"{file} is in no layer of CONTRIBUTING.md"
        for include in includes(file):
            other = (include["own"] or "").split("/")[0]
            if other in level_of and other != own and level_of[other] <= level_of[own]:
                wrong.append(f"{file.relative_to(folder)} includes {include['own']}")
    return wrong


def system_includes(folder: Path) -> list[str]:
    """Includes of neither C++ nor a library, outside the one folder that may have them."""
    return [
        f"{file.relative_to(folder)} includes <{include['other']}>"
        for file in sources(folder)
        if not file.relative_to(folder).as_posix().startswith(f"{SYSTEM}/")
        for include in includes(file)
        if include["other"] and not STANDARD.fullmatch(include["other"]) and not LIBRARIES.fullmatch(include["other"])
    ]


def test_includes_point_downwards() -> None:
    assert upward_includes(SOURCES, layers()) == []


def test_only_one_folder_includes_system_headers() -> None:
    assert system_includes(SOURCES) == []
    assert any(SYSTEM in file.as_posix() for file in sources(SOURCES))


@pytest.mark.parametrize("engine", ["native", "paddle"])
def test_an_engine_does_not_know_the_other(engine: str) -> None:
    other = {"native": "paddle", "paddle": "native"}[engine]
    found = [i["own"] for file in sources(SOURCES / "engine" / engine) for i in includes(file)]
    assert not [path for path in found if path and path.startswith(f"engine/{other}/")]


def test_engines_know_backends_but_no_options_of_a_predictor() -> None:
    allowed = {"backend.h", "error.h", "export.h", "log.h"}
    public = {
        i["own"].removeprefix("hrnet_native/")
        for file in sources(SOURCES / "engine")
        for i in includes(file)
        if i["own"] and i["own"].startswith("hrnet_native/")
    }
    assert public <= allowed


def test_a_public_header_includes_public_and_standard_ones_only() -> None:
    folder = ROOT / "cpp" / "include" / "hrnet_native"
    for file in sources(folder):
        for include in includes(file):
            path = include["own"] or include["other"]
            assert path.startswith("hrnet_native/") or STANDARD.fullmatch(path), f"{file.name} includes {path}"


def test_what_is_wrong_is_seen(tmp_path: Path) -> None:
    for name, text in {
        "base/a.h": '#include "model/b.h"\n',
        "model/b.h": '#include "engine/c.h"\n#include <vector>\n',
        "engine/c.h": '#include "base/a.h"\n#include <sys/mman.h>\n#include <unistd.h>\n',
        f"{SYSTEM}/d.cc": "#include <unistd.h>\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert upward_includes(tmp_path, layers()) == [
        "base/a.h includes model/b.h",
        "model/b.h includes engine/c.h",
    ]
    assert system_includes(tmp_path) == ["engine/c.h includes <sys/mman.h>", "engine/c.h includes <unistd.h>"]
