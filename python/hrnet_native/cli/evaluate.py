"""``hrnet-native eval``: accuracy on a labelled folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hrnet_native.cli.options import add_predictor_options, make_predictor
from hrnet_native.cli.terminal import show
from hrnet_native.data.folder import list_labelled_images
from hrnet_native.errors import InvalidArgumentError
from hrnet_native.evaluation.accuracy import evaluate


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "eval",
        help="measure accuracy on labelled images",
        description="Measures top-1 and top-5 accuracy. The data directory has one folder per class, named as the "
        "model's label.",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="directory with CLASS/IMAGE files")
    add_predictor_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints top-1, top-5 and the mean over classes; errors of single images go to stderr and count as wrong."""
    with make_predictor(arguments) as predictor:
        if not predictor.label_names:
            raise InvalidArgumentError("the model has no labels to match the folders' names with")
        samples = list_labelled_images(arguments.data, list(predictor.label_names))
        result = evaluate(predictor, samples, batch_size=4 * arguments.max_batch_size)
    for path, error in result.failures:
        show(f"{path}: {type(error).__name__}: {error}", sys.stderr)
    if arguments.json:
        print(json.dumps(result.to_dict()))
    else:
        show(f"images          {result.num_images}")
        show(f"not served      {len(result.failures)}")
        show(f"top-1           {result.top1:.4f}")
        show(f"top-5           {result.top5:.4f}")
        show(f"mean over {len(result.class_top1)} classes (top-1)  {result.mean_class_top1:.4f}")
        for name, accuracy in result.class_top1.items():
            show(f"  {name:24s} {accuracy:.4f}")
    return 1 if result.failures else 0
