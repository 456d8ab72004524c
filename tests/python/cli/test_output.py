"""What the command prints where: on terminals, into closed and full outputs, and how it ends when interrupted."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from hrnet_native._extras import EXTRAS
from hrnet_native.cli import main as entry
from hrnet_native.cli.terminal import complain, printable

COMMAND = [sys.executable, "-m", "hrnet_native"]
WAIT_S = 120  # for what is there within a second on an idle machine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07.jpg", "\\x1b]0;owned\\x07.jpg"),
        ("\x9b31m", "\\x9b31m"),  # the one-byte form of ESC [
        ("two\nlines", "two\\nlines"),
        (os.fsdecode(b"\xff.jpg"), "\\xff.jpg"),
        ("gpj.\u202e", "gpj.\\u202e"),  # turns the direction of what follows
        ("café 猫.jpg", "café 猫.jpg"),
    ],
)
def test_only_terminals_are_spared_control_characters(text: str, shown: str) -> None:
    assert printable(text, Terminal()) == shown
    assert printable(text, io.StringIO()) == text


def test_a_message_keeps_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    complain("first\nsecond \x1b[2J")
    assert terminal.getvalue() == "hrnet-native: first\nsecond \\x1b[2J\n"


def test_no_file_name_reaches_a_terminal_raw(cat: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "\x1b]0;owned\x07"
    hostile.mkdir()
    (hostile / "cat.jpg").write_bytes(cat.read_bytes())
    (hostile / "text.png").write_text("text")
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor() as executor:
        reading = executor.submit(_read_all, ours)
        try:
            for command in (
                ["predict", hostile, hostile / "missing.jpg"],
                ["predict", "x.jpg", "--no-such-\x1b[option"],
            ):
                subprocess.run([*COMMAND, *command], stdout=theirs, stderr=theirs, check=False, timeout=WAIT_S)
        finally:
            os.close(theirs)
        shown = reading.result()
    os.close(ours)
    for words in (b"cat.jpg\r\n", b"text.png: InvalidImageError", b"missing.jpg: NotFoundError", b"unrecognized"):
        assert words in shown
    assert b"\\x1b]0;owned\\x07" in shown
    assert b"\x1b" not in shown
    assert b"\x07" not in shown


def _read_all(terminal: int) -> bytes:
    shown = b""
    with contextlib.suppress(OSError):  # Linux's end of file for terminals
        while piece := os.read(terminal, 1 << 16):
            shown += piece
    return shown


def test_a_closed_standard_output_is_an_error(cat: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "predict", cat],
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hrnet-native: standard output is closed: the answers would be lost\n"


def test_a_closed_standard_error_loses_messages_only(cat: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *COMMAND, "predict", "missing.jpg", cat, "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert done.returncode == 1
    assert [json.loads(line)["filename"] for line in done.stdout.splitlines()] == ["missing.jpg", str(cat)]


@pytest.mark.parametrize("arguments", [["models"], ["models", "--json"]])
def test_an_output_that_takes_nothing_is_an_error_in_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=WAIT_S
        )
    assert done.returncode == 1
    assert done.stderr == "hrnet-native: [Errno 28] No space left on device\n"


def test_a_reader_who_has_had_enough_hears_no_complaint(cat: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "predict", *[cat] * 4000], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(WAIT_S) == 1


@pytest.mark.usefixtures("interrupts")
def test_ctrl_c_ends_predict_with_130(cat: Path) -> None:
    """The pipe holds less than all answers, so the command is still at it when the first line is read."""
    with subprocess.Popen(
        [*COMMAND, "predict", "--json", *[cat] * 8000], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["filename"] == str(cat)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 130
    assert err == "hrnet-native: interrupted\n"


ARGUMENTS = {
    "predict": ["x.jpg"],
    "eval": ["--data", "x"],
    "models": [],
    "download": ["HRNet_W18_C"],
    "convert": ["x.pth", "-o", "y.pth"],
    "export": ["--allow-random", "-o", "x"],
    "compile": ["x"],
    "train": ["-c", "x.yaml"],
    "build-engine": ["--model", "x"],
    "selftest": [],
    "doctor": [],
}


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize(("command", "module"), list(zip(ARGUMENTS, entry._COMMANDS)), ids=list(ARGUMENTS))
def test_ctrl_c_ends_every_command_with_130(
    command: str, module: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(arguments: argparse.Namespace) -> int:
        assert arguments.command == command
        signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr(module, "run", run)
    assert entry.main([command, *ARGUMENTS[command]]) == 130
    assert capsys.readouterr().err == "hrnet-native: interrupted\n"


@pytest.mark.parametrize(
    ("module", "remedy"),
    [
        ("httpx", "pip install 'hrnet_native[weights]'"),
        ("paddle.nn", "pip install 'hrnet_native[paddle]'"),
        ("cv2", "pip install 'hrnet_native[train]'"),
        ("tqdm", "pip install tqdm"),
    ],
)
def test_a_missing_package_names_the_extra_that_has_it(
    module: str, remedy: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: argparse.Namespace) -> int:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(entry.models, "run", run)
    assert entry.main(["models"]) == 1
    assert capsys.readouterr().err == f"hrnet-native: this needs the package {module}: {remedy}\n"


def test_the_extras_bring_what_is_said_of_them() -> None:
    distributions = {"yaml": "PyYAML", "paddle": "paddlepaddle", "cv2": "opencv-python-headless"}
    requirements = importlib.metadata.requires("hrnet_native") or []
    for module, extra in EXTRAS.items():
        wanted = re.compile(rf"{distributions.get(module, module)}\b(?!-).*; extra == .{extra}.")
        assert any(wanted.match(requirement) for requirement in requirements), (module, requirements)
