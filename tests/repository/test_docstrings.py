"""What help, Jupyter and editors show: the stub's docstrings and signatures, which are those of the C++ core."""

from __future__ import annotations

import ast
import functools
import inspect
import pydoc
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hrnet_native import _core
from support.paths import ROOT


def stub() -> ast.Module:
    path = ROOT / "python" / "hrnet_native" / "_core.pyi"
    return ast.parse(path.read_text(encoding="utf-8"))


def documented() -> Iterator[tuple[str, str | None]]:
    """Every public name with the docstring that the stub has for it, or None."""
    for node in stub().body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        yield node.name, ast.get_docstring(node)
        if isinstance(node, ast.ClassDef):
            members: dict[str, str | None] = {}
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                    members[member.name] = members.get(member.name) or ast.get_docstring(member)
            for name, docstring in members.items():
                yield f"{node.name}.{name}", docstring


def constructors_and_methods() -> Iterator[tuple[str, ast.FunctionDef]]:
    """What can be called, with its first definition in the stub."""
    for node in stub().body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            seen = set()
            for member in node.body:
                if not isinstance(member, ast.FunctionDef) or member.name in seen or is_property(member):
                    continue
                seen.add(member.name)
                if member.name == "__init__":
                    yield node.name, member
                elif not member.name.startswith("_"):
                    yield f"{node.name}.{member.name}", member


def is_property(function: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "property" for d in function.decorator_list)


def at_run_time(name: str) -> Any:
    return functools.reduce(getattr, name.split("."), _core)


@pytest.mark.parametrize(("name", "docstring"), list(documented()))
def test_every_name_has_the_stub_s_docstring(name: str, docstring: str | None) -> None:
    assert docstring
    assert inspect.getdoc(at_run_time(name)) == docstring


@pytest.mark.parametrize(("name", "function"), list(constructors_and_methods()))
def test_signatures_are_the_stub_s(name: str, function: ast.FunctionDef) -> None:
    arguments = function.args
    names = [a.arg for a in [*arguments.args, *arguments.kwonlyargs]]
    names += [a.arg for a in (arguments.kwarg,) if a]
    signature = inspect.signature(at_run_time(name))
    found = list(signature.parameters)
    assert found == (names[1:] if function.name == "__init__" else names)
    defaults = dict(zip([a.arg for a in reversed(arguments.args)], reversed(arguments.defaults)))
    defaults |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d}
    for parameter in signature.parameters.values():
        keyword_only = parameter.name in [a.arg for a in arguments.kwonlyargs]
        assert (parameter.kind == parameter.KEYWORD_ONLY) == keyword_only
        expected = ast.literal_eval(defaults[parameter.name]) if parameter.name in defaults else parameter.empty
        assert parameter.default == expected


@pytest.mark.parametrize("name", [name for name, _ in constructors_and_methods()])
def test_the_core_takes_these_arguments(name: str) -> None:
    """pybind11 lists what it takes when it gets something else."""
    called = at_run_time(name)
    expected = [p for p in inspect.signature(called).parameters if p not in ("self", "options")]
    if name == "Predictor.from_bytes":
        with pytest.raises(TypeError) as raised:
            called(1, 2, 3, 4)
    else:
        with pytest.raises(TypeError) as raised:
            called(no_such_argument=1)
    listed = re.search(r"1\. (?:\w|\.)*\((.*)\) ->|1\. (?:\w|\.)+\((.*)\)$", str(raised.value), re.MULTILINE)
    assert listed
    text = re.sub(r"'[^']*'|\([^()]*\)", "", listed[1] or listed[2] or "")
    taken = [part.split(":")[0].strip() for part in re.split(r", (?=\w+:|\*)", text)]
    assert [t for t in taken if t not in ("self", "", "*", "**kwargs") and not t.startswith("*")] == expected


def test_help_shows_calls_and_texts() -> None:
    text = pydoc.render_doc(_core.Predictor, renderer=pydoc.plaintext)
    assert "Predictor(model=None, device='cpu', *, backend='auto'" in text
    assert "predict(self, image, *, top_k=None, color='rgb', on_error='raise', timeout=None)" in text
    assert "One loaded model. Any number of threads" in text
    assert "-> object" not in text
