"""What the documents say can be done as they say it: links lead somewhere, the README's Python and commands work."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hrnet_native.cli.main import build_parser
from support.paths import ROOT

DOCUMENTS = subprocess.run(
    ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.splitlines()
README = (ROOT / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def _anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    links = re.findall(r"\]\(([^()\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", document.read_text())
    for link in (inline or attribute for inline, attribute in links):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_the_readmes_python_runs() -> None:
    first, *others = _blocks("python")
    answers = [
        subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
        for block in (first, *others)
    ]
    assert re.fullmatch(r"cat 0\.\d+\n", answers[0].stdout)
    assert "missing.jpg" in answers[1].stdout


def test_the_readmes_commands_are_understood() -> None:
    lines = [shlex.split(line, comments=True) for block in _blocks("sh") for line in block.splitlines()]
    commands = [words[1:] for words in lines if words and words[0].endswith("hrnet-native")]
    assert len(commands) >= 4
    parser = build_parser()
    for command in commands:
        parser.parse_args(command)  # ends the process with a usage message if it does not
    program = Path(sys.executable).with_name("hrnet-native")
    done = subprocess.run([program, *commands[0]], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert "cat" in done.stdout


def test_the_operator_of_the_engines_page_is_the_one_that_a_test_runs() -> None:
    page = (ROOT / "docs" / "native-engine.md").read_text()
    blocks = re.findall(r"^```cpp\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    source = (ROOT / "tests" / "cpp" / "engine" / "native" / "operators" / "negate_test.cc").read_text()
    assert len(blocks) == 2
    for block in blocks:
        assert block in source
