"""``hrnet-native predict``: classify files and directories."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from hrnet_native import Classification
from hrnet_native.cli.options import add_predictor_options, integer, make_predictor
from hrnet_native.cli.terminal import show
from hrnet_native.data.folder import IMAGE_SUFFIXES, list_images
from hrnet_native.errors import Error, InvalidArgumentError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "predict",
        help="classify images",
        description="Classifies JPEG, PNG, WebP and BMP files. A directory stands for the images below it.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="image file or directory")
    add_predictor_options(parser)
    parser.add_argument("--top-k", type=integer, default=5, metavar="K", help="classes per image (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints an answer or an error for every input."""
    write = _write_json if arguments.json else _write_text
    failures = 0
    with make_predictor(arguments) as predictor:
        inputs = list(_inputs(arguments.paths))
        # Several pieces' worth a call: decoding and running are the core's business.
        step = 4 * arguments.max_batch_size
        with tqdm(total=len(inputs), unit="image", disable=None if len(inputs) > step else True) as progress:
            for begin in range(0, len(inputs), step):
                piece = inputs[begin : begin + step]
                files = [path for path, error in piece if error is None]
                results = iter(predictor.predict(files, top_k=arguments.top_k, on_error="return"))
                for path, error in piece:
                    result = error or next(results)
                    failures += not isinstance(result, Classification)
                    with progress.external_write_mode():
                        write(path, result)
                progress.update(len(piece))
    return 1 if failures else 0


def _inputs(paths: list[Path]) -> Iterator[tuple[Path, Error | None]]:
    """Every image file that the arguments stand for; a directory without any is an error in its own name."""
    for path in paths:
        if not path.is_dir():
            yield path, None
            continue
        images = list_images(path)
        if not images:
            suffixes = ", ".join(sorted(IMAGE_SUFFIXES))
            yield path, InvalidArgumentError(f"the directory has no image with one of the suffixes {suffixes}")
        for image in images:
            yield image, None


def _write_json(path: Path, result: Classification | Exception) -> None:
    line: dict[str, Any] = {"filename": str(path)}
    if isinstance(result, Classification):
        line |= result.to_dict()
    else:
        line["error"] = {"type": type(result).__name__, "message": str(result)}
    print(json.dumps(line), flush=True)


def _write_text(path: Path, result: Classification | Exception) -> None:
    if not isinstance(result, Classification):
        show(f"{path}: {type(result).__name__}: {result}", sys.stderr)
        return
    show(path)
    names = result.label_names or ("",) * len(result.class_ids)
    for class_id, score, name in zip(result.class_ids, result.scores, names):
        show(f"  {score:7.2%}  {class_id:4d}  {name}")
