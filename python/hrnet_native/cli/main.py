"""Entry point of ``hrnet-native``."""

from __future__ import annotations

import argparse
import io
import logging
import sys
from collections.abc import Sequence

from hrnet_native import __version__
from hrnet_native.cli import build_engine, convert, doctor, download, evaluate, export, models, predict, selftest, train
from hrnet_native.cli import compile as compile_command
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


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of all subcommands."""
    parser = argparse.ArgumentParser(prog="hrnet-native", description="HRNet image classification with low latency.")
    parser.add_argument("--version", action="version", version=f"hrnet-native {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 if all of it succeeded, 1 if something failed (2, by argparse, on wrong usage)."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # file names are bytes: give back what came in
    logging.basicConfig(format="hrnet-native: %(message)s")  # warnings, to stderr
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except BrokenPipeError:
        # Whoever read our output has had enough; Python would complain about the rest at exit.
        sys.stderr.close()
    except (Error, OSError) as error:
        print(f"hrnet-native: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"hrnet-native: this needs the package {error.name}: pip install 'hrnet_native[paddle]'", file=sys.stderr)
    except KeyboardInterrupt:
        print("hrnet-native: interrupted", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
