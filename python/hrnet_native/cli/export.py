"""``hrnet-native export``: from weights to a model bundle."""

from __future__ import annotations

import argparse
from pathlib import Path

from hrnet_native.cli.options import add_storage_option, describe_difference, integer
from hrnet_native.cli.terminal import show


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "export",
        help="write a model bundle",
        description="Builds a network, gives it weights, writes it as a Paddle model with its configuration, and "
        "checks it through the core. Options that are left out are read from the weights file's metadata, where "
        "present (this project's .safetensors files have them).",
    )
    parser.add_argument("--arch", metavar="NAME", help="architecture, such as HRNet_W18_C (default: the weights')")
    parser.add_argument(
        "-O",
        "--override",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a field of the architecture; may be repeated",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--weights", metavar="FILE|NAME", help=".safetensors, .pdparams or .pth, or a published model, which is fetched"
    )
    source.add_argument("--allow-random", action="store_true", help="calibrated random weights, for tests")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="new directory")
    parser.add_argument("--format", choices=("json", "pdmodel"), default="json", help="program format (default: json)")
    parser.add_argument("--num-classes", type=integer, metavar="N", help="outputs (default: as the weights have)")
    parser.add_argument(
        "--input-size",
        type=integer,
        metavar="N",
        help="height and width, a multiple of 32 (default: as the weights say, else 224)",
    )
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="text file with a class name a line, or a number from 0 and a class name, as PaddleClas's lists have them "
        "(default: as the weights say, else ImageNet-1k's for a published architecture with 1,000 classes)",
    )
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
    from hrnet_native.data.labels import read_labels
    from hrnet_native.export.exporter import ExportOptions, export
    from hrnet_native.family.published import MODELS
    from hrnet_native.weights.downloader import DownloadOptions, find_weights

    options = ExportOptions(
        arch=arguments.arch or (arguments.weights if arguments.weights in MODELS else None),
        arch_overrides=parse_assignments(arguments.override),
        weights=find_weights(arguments.weights, DownloadOptions(progress=True)) if arguments.weights else None,
        allow_random=arguments.allow_random,
        model_format=arguments.format,
        num_classes=arguments.num_classes,
        input_size=arguments.input_size,
        label_names=read_labels(arguments.labels) if arguments.labels else None,
        native=arguments.native,
        storage=arguments.storage,
    )
    report = export(options, arguments.output)
    show(f"{arguments.output}: {report.num_classes} classes, input {report.input_size}x{report.input_size}")
    show(f"names of the classes: {report.labels}")
    show(f"largest difference of a probability from the Python model: {report.largest_difference:.2e}")
    if arguments.storage == "fp16":
        show(describe_difference(report.storage_difference))
    return 0
