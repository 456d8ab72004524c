"""``hrnet-native compile``: from a Paddle model to the native engine's file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from hrnet_native.cli.options import add_storage_option, describe_difference
from hrnet_native.cli.terminal import show
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
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="file to write (default: MODEL_DIR/native.safetensors)"
    )
    add_storage_option(parser, "precision of the weights in the file")
    parser.add_argument("--json", action="store_true", help="print one JSON object, also about a failure")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compiles and prints the path of what was written."""
    from hrnet_native.compiler.compile_model import compile_model

    try:
        compiled = compile_model(arguments.directory, arguments.output, arguments.storage)
    except (Error, OSError) as error:
        if not arguments.json:
            raise
        kind = type(error) if isinstance(error, Error) else OSError
        print(json.dumps({"error": {"type": kind.__name__, "message": str(error)}}))
        return 1
    if arguments.json:
        print(json.dumps({"filename": str(compiled.path), "storage_difference": compiled.storage_difference}))
        return 0
    show(compiled.path)
    if arguments.storage == "fp16":
        show(describe_difference(compiled.storage_difference))
    return 0
