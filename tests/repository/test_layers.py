"""The package's imports lead to lower rows of the table in CONTRIBUTING.md, and names tell its modules apart."""

from __future__ import annotations

import ast
import graphlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import pytest

from support.paths import ROOT

PACKAGE: Final = ROOT / "python" / "hrnet_native"

# What may have one name: the module of a command has the command's, which is the best one for a package, too.
NAMESAKES: Final = [
    ["hrnet_native.cli.export", "hrnet_native.export"],
    ["hrnet_native.cli.models", "hrnet_native.models"],
]


def rows_of(document: str) -> list[list[str]]:
    """The table's rows, lowest first: packages, and modules that are in none."""
    table = re.search(r"^\| Layer.*\n\|[-|]+\n((?:\|.*\n)+)", document, re.MULTILINE)
    assert table, "CONTRIBUTING.md has no table whose first column is called Layer"
    return [re.findall(r"`(\w+)`", row.split("|")[1]) for row in reversed(table[1].splitlines())]


def sources_of(package: Path) -> dict[str, str]:
    """Every module's text by its dotted name; a package's is its ``__init__``, the core's its stub."""
    sources = {}
    for path in package.rglob("*.py*"):
        if path.suffix in (".py", ".pyi"):
            name = ".".join(path.relative_to(package.parent).with_suffix("").parts)
            sources[name.removesuffix(".__init__")] = path.read_text("utf-8")
    return sources


def imports_of(source: str, modules: Collection[str]) -> Iterator[tuple[int, str]]:
    """Lines and names of the modules that a text imports, within functions and for type checkers too."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(level=0):
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [name if name in modules else str(node.module) for name in inside]
            case ast.Constant(value=str(text)) if "." in text:  # what importlib is given
                names = [text]
            case _:
                continue
        yield from sorted({(node.lineno, name) for name in names if name in modules})


def place_of(module: str) -> str:
    """What the table calls it."""
    return module.split(".")[1] if "." in module else module


def packages_of(module: str) -> set[str]:
    """Whose ``__init__`` runs before it."""
    parts = module.split(".")
    return {".".join(parts[:i]) for i in range(1, len(parts))}


def unplaced(rows: list[list[str]], sources: dict[str, str]) -> list[str]:
    table = [name for row in rows for name in row]
    found = {place_of(module) for module in sources}
    return [
        *(f"`{name}` is in no row of CONTRIBUTING.md's table of layers" for name in sorted(found - set(table))),
        *(f"CONTRIBUTING.md's table of layers has `{name}`, which there is not" for name in table if name not in found),
        *(f"CONTRIBUTING.md's table of layers has `{n}` twice" for n in sorted(set(table)) if table.count(n) > 1),
    ]


def wrong_imports(rows: list[list[str]], sources: dict[str, str]) -> list[str]:
    height = {name: index for index, row in enumerate(rows) for name in row}
    wrong = []
    for module, source in sorted(sources.items()):
        here = place_of(module)
        for line, target in imports_of(source, sources):
            there = place_of(target)
            if here == there or not {here, there} <= height.keys() or height[there] < height[here]:
                continue  # what is in no row is told by itself
            where = "beside" if height[there] == height[here] else "above"
            wrong.append(f"{module}, line {line}, imports {target}: `{there}` is {where} `{here}` in CONTRIBUTING.md")
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(ast.parse(source))):
            wrong.append(f"{module} has a relative import: expected the whole name, as everywhere")
    return wrong


def cycles(sources: dict[str, str]) -> list[str]:
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        imported = {target for _, target in imports_of(source, sources)}
        run_before = set().union(*map(packages_of, imported)) - packages_of(module) - {module}
        graph[module] = imported | run_before
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return ["\n  imports ".join(reversed(error.args[1]))]
    return []


def namesakes(sources: dict[str, str]) -> list[list[str]]:
    """Modules and packages of one name, underscores apart."""
    found = defaultdict(list)
    for module in sorted(sources):
        name = module.rpartition(".")[2]
        if name != "__main__":
            found[name.lstrip("_")].append(module)
    return [modules for _, modules in sorted(found.items()) if len(modules) > 1]


def rows() -> list[list[str]]:
    return rows_of((ROOT / "CONTRIBUTING.md").read_text("utf-8"))


def test_every_module_has_a_layer() -> None:
    found = unplaced(rows(), sources_of(PACKAGE))
    assert not found, "\n".join(found)


def test_imports_lead_to_lower_layers() -> None:
    found = wrong_imports(rows(), sources_of(PACKAGE))
    assert not found, "\n".join(found)


def test_no_module_imports_itself_by_way_of_others() -> None:
    found = cycles(sources_of(PACKAGE))
    assert not found, "\n".join(found)


def test_names_tell_modules_apart() -> None:
    assert namesakes(sources_of(PACKAGE)) == NAMESAKES


# A package that keeps the rules, for tests that break them.
ROWS: Final = [["p", "low"], ["left", "right"], ["high"], ["__main__"]]
SOURCES: Final = {
    "p": "",
    "p.__main__": "",
    "p.low": "",
    "p.left": "from p import low",
    "p.left.one": "import p.low\nfrom p.left import three",
    "p.left.three": "from p import Predictor",
    "p.right": "",
    "p.right.four": "from p.low import anything",
    "p.high": "",
    "p.high.two": "def f():\n    from p.left.one import g\n    from p.right import four",
}


def test_rows_are_read_from_a_table() -> None:
    document = (
        "# Title\n\n| Layer, highest first | What |\n|---|---|\n| `high` | a `b` |\n| `left` `right` | c |\n\ntext\n"
    )
    assert rows_of(document) == [["left", "right"], ["high"]]


def test_sources_are_named_as_they_are_imported(tmp_path: Path) -> None:
    (tmp_path / "p" / "q").mkdir(parents=True)
    for name in ("p/__init__.py", "p/_core.pyi", "p/py.typed", "p/q/__init__.py", "p/q/r.py"):
        (tmp_path / name).write_text("")
    assert sorted(sources_of(tmp_path / "p")) == ["p", "p._core", "p.q", "p.q.r"]


def test_a_package_that_keeps_the_rules() -> None:
    assert unplaced(ROWS, SOURCES) == wrong_imports(ROWS, SOURCES) == cycles(SOURCES) == namesakes(SOURCES) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("p.left.one", "import p.high.two"),
        ("p.left.one", "from p.high.two import f"),
        ("p.left.one", "from p.high import two"),
        ("p.left.one", "def f():\n    from p import high"),
        ("p.left.one", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.high.two import f"),
        ("p.left.one", "from importlib import import_module\nimport_module('p.high.two')"),
        ("p.left", "from p.high.two import f"),
        ("p", "from p.high.two import f"),
    ],
)
def test_an_import_of_a_higher_layer(module: str, source: str) -> None:
    (message,) = wrong_imports(ROWS, SOURCES | {module: source})
    line = source.count("\n") + 1
    assert re.fullmatch(
        rf"{module}, line {line}, imports p\.high\S*: `high` is above `\w+` in CONTRIBUTING\.md", message
    )


def test_an_import_of_the_same_row() -> None:
    assert wrong_imports(ROWS, SOURCES | {"p.left.one": "from p.right.four import f"}) == [
        "p.left.one, line 1, imports p.right.four: `right` is beside `left` in CONTRIBUTING.md"
    ]


def test_a_relative_import() -> None:
    (message,) = wrong_imports(ROWS, SOURCES | {"p.left.one": "from ..high import two"})
    assert message.startswith("p.left.one has a relative import")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"p.left.three": "from p.left import one"}, {"p.left.one", "p.left.three"}),
        ({"p.left.three": "def f():\n    from p.left import one"}, {"p.left.one", "p.left.three"}),
        ({"p.low": "from p.high import two"}, {"p.low", "p.high.two", "p.left.one"}),
        # Whoever imports a module has run its package before.
        ({"p.right": "from p.left.one import g", "p.left.one": "from p.right import four"}, {"p.right", "p.left.one"}),
    ],
)
def test_a_cycle(changes: dict[str, str], expected: set[str]) -> None:
    (message,) = cycles(SOURCES | changes)
    found = message.split("\n  imports ")
    assert found[0] == found[-1]
    assert set(found) <= expected | {"p.left"}


def test_a_module_without_a_row_and_a_row_without_a_module() -> None:
    assert unplaced(ROWS, SOURCES | {"p.new": ""}) == ["`new` is in no row of CONTRIBUTING.md's table of layers"]
    assert unplaced([*ROWS, ["gone"], ["low"]], SOURCES) == [
        "CONTRIBUTING.md's table of layers has `gone`, which there is not",
        "CONTRIBUTING.md's table of layers has `low` twice",
    ]


def test_two_modules_of_one_name() -> None:
    assert namesakes(SOURCES | {"p.high.one": ""}) == [["p.high.one", "p.left.one"]]
    assert namesakes(SOURCES | {"p.high._right": "", "p.left.__main__": ""}) == [["p.high._right", "p.right"]]
