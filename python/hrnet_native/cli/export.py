"""``hrnet-native export``: from weights to a model bundle."""

from __future__ import annotations

import argparse
from pathlib import Path

from hrnet_native.cli.options import add_storage_option, describe_difference
from hrnet_native.errors import InvalidArgumentError, NotFoundError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "export",
        help="write a model bundle",
        description="Builds a network, gives it weights, writes it as a Paddle model with its configuration, and "
        "checks it through the core. What is not said comes from the weights file, if it says it.",
    )
    parser.add_argument("--arch", metavar="NAME", help="architecture, such as HRNet_W18_C")
    parser.add_argument(
        "-O", "--override", action="append", default=[], metavar="KEY=VALUE", help="replace a field of the architecture"
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--weights", metavar="FILE|NAME", help=".safetensors, .pdparams or .pth, or a published model, which is fetched"
    )
    source.add_argument("--allow-random", action="store_true", help="calibrated random weights, for tests")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="new directory")
    parser.add_argument("--format", choices=("json", "pdmodel"), default="json", help="program format (default: json)")
    parser.add_argument("--num-classes", type=int, metavar="N", help="outputs (default: as the weights have)")
    parser.add_argument("--input-size", type=int, metavar="N", help="height and width, a multiple of 32 (default: 224)")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="text file with one class name a line")
    parser.add_argument(
        "--no-native",
        action="store_false",
        dest="native",
        help="do not write native.safetensors for the native engine",
    )
    add_storage_option(parser, "precision of the weights in native.safetensors")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exports and prints what the check found."""
    from hrnet_native._assignments import parse_assignments
    from hrnet_native.export.export import ExportOptions, export
    from hrnet_native.models.published import MODELS, imagenet_labels
    from hrnet_native.weights.download import DownloadOptions, find_weights

    published = arguments.weights in MODELS
    label_names = _read_labels(arguments.labels) if arguments.labels else None
    if published and label_names is None:
        label_names = list(imagenet_labels())
    options = ExportOptions(
        arch=arguments.arch or (arguments.weights if published else None),
        arch_overrides=parse_assignments(arguments.override),
        weights=find_weights(arguments.weights, DownloadOptions(progress=True)) if arguments.weights else None,
        allow_random=arguments.allow_random,
        model_format=arguments.format,
        num_classes=arguments.num_classes,
        input_size=arguments.input_size,
        label_names=label_names,
        native=arguments.native,
        storage=arguments.storage,
    )
    report = export(options, arguments.output)
    print(f"{arguments.output}: {report.num_classes} classes, input {report.input_size}x{report.input_size}")
    print(f"largest difference of a probability from the Python model: {report.largest_difference:.2e}")
    if arguments.storage == "fp16":
        print(describe_difference(report.storage_difference))
    return 0


def _read_labels(path: Path) -> list[str]:
    if not path.is_file():
        raise NotFoundError(f"no such labels file: {path}")
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"{path} must be text in UTF-8: {error}") from error
