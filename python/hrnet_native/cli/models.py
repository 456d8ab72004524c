"""``hrnet-native models``: what is published."""

from __future__ import annotations

import argparse
import dataclasses
import json

from hrnet_native.family.published import MODELS, PUBLISHER, PublishedModel


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "models",
        help="list the published models",
        description="Lists the published models. Parameters: trainable ones. MACs: multiply-accumulates of "
        "convolutions and fully connected layers; FLOPs: two for each. Accuracy: on ImageNet-1k's validation images "
        "(the default model: CIFAR-10's test images), as published. --json adds the addresses, the licence, and where "
        "sources contradict each other.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints one line per model."""
    if not arguments.json:
        print(
            f"{'model':20s} {'parameters (10^6)':>18s} {'MACs (10^9)':>12s} {'FLOPs (10^9)':>13s} {'input':>5s} "
            f"{'top-1':>7s} {'top-5':>7s}  weights"
        )
    for name, model in MODELS.items():
        print(json.dumps(_to_dict(name, model)) if arguments.json else _to_line(name, model))
    return 0


def _to_dict(name: str, model: PublishedModel) -> dict[str, object]:
    facts = dataclasses.asdict(model)
    addresses = {
        kind: f"{PUBLISHER}/{path}" if path else None
        for kind, path in (("weights_url", facts.pop("weights_path")), ("inference_url", facts.pop("inference_path")))
    }
    return {"name": name, **facts, "gflops": model.gflops, **addresses}


def _to_line(name: str, model: PublishedModel) -> str:
    top1, top5 = (f"{value:7.4f}" if value else f"{'-':>7s}" for value in (model.top1, model.top5))
    return (
        f"{name:20s} {model.num_parameters / 1e6:18.2f} {model.gmacs:12.2f} {model.gflops:13.2f} "
        f"{model.input_size:5d} {top1} {top5}  {model.origin}"
    )
