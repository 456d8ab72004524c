"""``hrnet-native compile``: from a Paddle model to the native engine's file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from hrnet_native.errors import Error


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "compile",
        help="write the native engine's file of a model directory",
        description="Reads the Paddle program and parameters of a model directory, optimises the program, and writes "
        "native.safetensors, from which the native engine runs it. Needs the paddle package. A program with an "
        "operator that the native engine does not run is an error that names it; it still runs with --backend onednn.",
    )
    parser.add_argument("directory", type=Path, metavar="MODEL_DIR", help="directory with a Paddle model")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: MODEL_DIR/native.safetensors")
    parser.add_argument("--json", action="store_true", help="print one JSON object, also about a failure")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compiles and prints the path of what was written."""
    from hrnet_native.compiler.compile import compile_model

    try:
        path = compile_model(arguments.directory, arguments.output)
    except Error as error:
        if not arguments.json:
            raise
        print(json.dumps({"error": {"type": type(error).__name__, "message": str(error)}}))
        return 1
    print(json.dumps({"filename": str(path)}) if arguments.json else path)
    return 0
