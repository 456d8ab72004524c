"""Entry point of ``hrnet-native``."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from hrnet_native import __version__
from hrnet_native._extras import how_to_install
from hrnet_native.cli import build_engine, convert, doctor, download, evaluate, export, models, predict, selftest, train
from hrnet_native.cli import compile as compile_command
from hrnet_native.cli.terminal import Formatter, complain, printable
from hrnet_native.errors import Error

_COMMANDS = (
    predict,
    evaluate,
    models,
    download,
    convert,
    export,
    compile_command,
    train,
    build_engine,
    selftest,
    doctor,
)
_FAILED = 1
_INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        """Exits with 2."""
        self.exit(2, f"{self.prog}: {printable(message, sys.stderr)} ({self.prog} --help lists the options)\n")


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of all subcommands."""
    parser = _Parser(
        prog="hrnet-native",
        description="HRNet image classification with low latency.",
        epilog="Exit codes: 0 if every input was served, 1 after an error, 2 on wrong usage, 130 after Ctrl-C.",
    )
    parser.add_argument("--version", action="version", version=f"hrnet-native {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    for subparser in subparsers.choices.values():
        subparser.add_argument(
            "-v", "--verbose", action="store_true", help="say more on stderr, such as which backend was chosen and why"
        )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns 0 if every input was served, 1 if something failed, 130 after Ctrl-C; wrong usage exits with 2.
    """
    if sys.stderr is None:  # closed: messages go nowhere, and no file that is opened later takes its place
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    if sys.stdout is None:
        complain("standard output is closed: the answers would be lost")
        return _FAILED
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # file names are bytes: give back what came in
    arguments = build_parser().parse_args(argv)
    _set_up_logging(verbose=arguments.verbose)
    code = _run(arguments)
    _give_up_unwritable_output()
    return code


def _set_up_logging(*, verbose: bool) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter())
    logging.basicConfig(handlers=[handler])
    logging.getLogger("hrnet_native").setLevel(logging.DEBUG if verbose else logging.WARNING)


def _run(arguments: argparse.Namespace) -> int:
    try:
        code = int(arguments.run(arguments))
        sys.stdout.flush()  # here a full disk can still be told of
        return code
    except BrokenPipeError:
        return _FAILED  # whoever read our output has had enough
    except (Error, OSError) as error:
        complain(error)
    except MemoryError:
        complain("out of memory")
    except ModuleNotFoundError as error:
        complain(f"this needs the package {error.name}: {how_to_install(error.name or '')}")
    except KeyboardInterrupt:
        complain("interrupted")
        return _INTERRUPTED
    return _FAILED


def _give_up_unwritable_output() -> None:
    """Python would try once more at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
