"""Writes the docstrings and signatures of a stub as entries of a C++ map: ``extract_docstrings.py STUB OUTPUT``.

The stub is their only source: type checkers and editors read it, and the module hands out what is written here.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef


def signature(function: Function) -> str:
    """The call in the form of ``__text_signature__``, which has no annotations."""
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return f"{function.name}({ast.unparse(function.args)})\n--\n\n"


def decorators(function: Function) -> set[str]:
    """The names of a function's decorators."""
    return {ast.unparse(decorator) for decorator in function.decorator_list}


def of_functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
    """Name and text of each documented function; of overloads, the first has the signature and one the docstring."""
    first: dict[str, Function] = {}
    for function in body:
        if not isinstance(function, Function):
            continue
        first.setdefault(function.name, function)
        text = ast.get_docstring(function)
        if function.name == "__init__":  # documented by its class
            yield prefix + "__init__", signature(function)
        elif text is not None:
            call = "" if "property" in decorators(function) else signature(first[function.name])
            yield prefix + function.name, call + text


def of_module(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Name and text of everything that is documented."""
    yield from of_functions(tree.body, "")
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, ast.get_docstring(node) or ""
            yield from of_functions(node.body, node.name + ".")


def main(stub: Path, output: Path) -> None:
    """Reads one file and writes the other."""
    entries = of_module(ast.parse(stub.read_text(encoding="utf-8")))
    output.write_text("".join(f'{{"{name}", R"doc({text})doc"}},\n' for name, text in entries), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
