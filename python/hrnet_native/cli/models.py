"""``hrnet-native models``: the family."""

from __future__ import annotations

import argparse
import dataclasses
import json

from hrnet_native.models.table import FAMILY, Published


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "models",
        help="list the HRNet family",
        description="Lists the published architectures. Parameters: trainable ones, with 1,000 classes. FLOPs: two per "
        "multiply-accumulate of convolutions and fully connected layers, at 224x224. Accuracy: on ImageNet-1k, as "
        "PaddleClas publishes it for its weights (SE_HRNet_W64_C: for its SSLD weights).",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints one line per architecture."""
    if not arguments.json:
        print(f"{'architecture':18s} {'parameters (10^6)':>18s} {'FLOPs (10^9)':>13s} {'top-1':>7s} {'top-5':>7s}")
    for name, facts in FAMILY.items():
        print(json.dumps(_to_dict(name, facts)) if arguments.json else _to_line(name, facts))
    return 0


def _to_dict(name: str, facts: Published) -> dict[str, object]:
    return {"name": name, "gflops": 2 * facts.gmacs, **dataclasses.asdict(facts)}


def _to_line(name: str, facts: Published) -> str:
    top1, top5 = (f"{value:7.4f}" if value else f"{'-':>7s}" for value in (facts.top1, facts.top5))
    return f"{name:18s} {facts.num_parameters / 1e6:18.2f} {2 * facts.gmacs:13.2f} {top1} {top5}"
