"""``hrnet-native convert``: between the kinds of weights files."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from hrnet_native.cli.options import add_storage_option, describe_difference
from hrnet_native.errors import InvalidArgumentError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "convert",
        help="convert a weights file",
        description="Converts between PaddleClas's .pdparams (today's names, and those of releases up to 2.1), the "
        "official and timm's .pth and .safetensors, in both directions. Every tensor must fit. The kind of the "
        "output is told by its suffix.",
    )
    parser.add_argument("source", type=Path, metavar="SRC", help=".pdparams, .pth or .safetensors file")
    parser.add_argument("--arch", required=True, metavar="NAME", help="architecture or published model")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DST", help="new file")
    parser.add_argument(
        "--naming",
        choices=("paddleclas", "paddleclas-2.1", "timm"),
        help="names of the output's tensors (default: timm for .pth, else paddleclas)",
    )
    add_storage_option(parser, "precision of the file")
    parser.add_argument("--num-classes", type=int, metavar="N", help="outputs (default: as published)")
    parser.add_argument("--fresh-head", action="store_true", help="a random classifier, for another number of classes")
    parser.add_argument("--no-head-bias", action="store_true", help="as timm's *_ssld models: no biases in the head")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Converts and prints the report."""
    from hrnet_native.models.published import resolve_architecture
    from hrnet_native.weights.convert import convert
    from hrnet_native.weights.files import Weights, read_weights, save_weights
    from hrnet_native.weights.naming import Naming
    from hrnet_native.weights.probe import output_difference

    arch, published_classes = resolve_architecture(arguments.arch)
    num_classes = published_classes if arguments.num_classes is None else arguments.num_classes
    if num_classes < 1:
        raise InvalidArgumentError(f"num_classes must be at least 1, not {num_classes}")
    source = read_weights(arguments.source)
    naming: Naming = arguments.naming or ("timm" if arguments.output.suffix == ".pth" else "paddleclas")
    tensors, report = convert(
        source.tensors,
        arch,
        naming,
        num_classes=num_classes,
        fresh_head=arguments.fresh_head,
        head_bias=not arguments.no_head_bias,
    )
    metadata = {"arch": arguments.arch, "origin": f"converted from {arguments.source.name}", **source.metadata}
    difference = save_weights(Weights(tensors, metadata), arguments.output, storage=arguments.storage)
    written = read_weights(arguments.output).tensors
    probe = output_difference(source.tensors, written, arch, fresh_head=arguments.fresh_head)
    if arguments.json:
        differences = {"storage_difference": difference, "output_difference": probe}
        print(json.dumps({**dataclasses.asdict(report), "target": naming, **differences}))
        return 0
    print(f"{arguments.output}: {report.num_mapped} tensors, {report.source} to {naming}; none missing or left over")
    for what, names in (("folded", report.folded), ("added", report.added), ("dropped", report.dropped)):
        if names:
            print(f"{what:8s} {len(names):4d}  {', '.join(names[:4])}{', ...' if len(names) > 4 else ''}")
    if report.fresh_head:
        print(f"the classifier of {num_classes} outputs is random: train it before use")
    if arguments.storage == "fp16":
        print(describe_difference(difference))
    what = "what enters the classifier" if arguments.fresh_head else "the logits"
    print(
        f"largest difference of {what} on a probe, relative to the largest: {probe:.2e}"
        if probe is not None
        else "not compared on a probe: the network's outputs are no numbers, or all zero"
    )
    return 0
