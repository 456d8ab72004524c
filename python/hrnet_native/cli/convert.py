"""``hrnet-native convert``: between the kinds of weights files."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from hrnet_native.cli.options import add_storage_option, describe_difference, integer
from hrnet_native.cli.terminal import show


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "convert",
        help="convert a weights file",
        description="Converts between PaddleClas's .pdparams (today's names, and those of releases up to 2.1), the "
        "official and timm's .pth and .safetensors, in both directions. Every tensor must fit. The kind of the "
        "output is told by its suffix. What the file says of itself (this project's .safetensors files name their "
        "architecture and classes) need not be said again; only a .safetensors file can say it.",
    )
    parser.add_argument("source", type=Path, metavar="SRC", help=".pdparams, .pth or .safetensors file")
    parser.add_argument(
        "--arch", metavar="NAME", help="architecture or published model (default: as the file says, if it does)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DST", help="file to write")
    parser.add_argument(
        "--naming",
        choices=("paddleclas", "paddleclas-2.1", "timm"),
        help="names of the output's tensors (default: timm for .pth, else paddleclas)",
    )
    add_storage_option(parser, "precision of the file")
    parser.add_argument(
        "--num-classes",
        type=integer,
        metavar="N",
        help="outputs; another number needs --fresh-head (default: the file's)",
    )
    parser.add_argument(
        "--fresh-head", action="store_true", help="make a random classifier, and forget the names of the classes"
    )
    parser.add_argument("--no-head-bias", action="store_true", help="as timm's *_ssld models: no biases in the head")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Converts and prints the report."""
    from hrnet_native.weights.comparison import output_difference
    from hrnet_native.weights.conversion import convert
    from hrnet_native.weights.files import Weights, read_weights, save_weights
    from hrnet_native.weights.identity import identify
    from hrnet_native.weights.naming import Naming

    source = read_weights(arguments.source)
    fresh_head = arguments.fresh_head
    network = identify(source, arguments.arch, num_classes=arguments.num_classes, fresh_head=fresh_head)
    naming: Naming = arguments.naming or ("timm" if arguments.output.suffix == ".pth" else "paddleclas")
    tensors, report = convert(
        source.tensors,
        network.architecture,
        naming,
        num_classes=network.num_classes,
        fresh_head=fresh_head,
        head_bias=not arguments.no_head_bias,
    )
    metadata = {"arch": network.name, "origin": f"converted from {arguments.source.name}", **source.metadata}
    if fresh_head:
        metadata.pop("class_names", None)
    difference = save_weights(Weights(tensors, metadata), arguments.output, storage=arguments.storage)
    written = read_weights(arguments.output).tensors
    probe = output_difference(source.tensors, written, network.architecture, fresh_head=fresh_head)
    if arguments.json:
        differences = {"storage_difference": difference, "output_difference": probe}
        print(json.dumps({**dataclasses.asdict(report), "target": naming, **differences}))
        return 0
    show(f"{arguments.output}: {report.num_mapped} tensors, {report.source} to {naming}; none missing or left over")
    for what, names in (("folded", report.folded), ("added", report.added), ("dropped", report.dropped)):
        if names:
            show(f"{what:8s} {len(names):4d}  {', '.join(names[:4])}{', ...' if len(names) > 4 else ''}")
    if report.fresh_head:
        show(f"the classifier of {network.num_classes} outputs is random: train it before use")
    if arguments.storage == "fp16":
        show(describe_difference(difference))
    what = "what enters the classifier" if fresh_head else "the logits"
    show(
        f"largest difference of {what} on a probe, relative to the largest: {probe:.2e}"
        if probe is not None
        else "not compared on a probe: the network's outputs are no numbers, or all zero"
    )
    return 0
