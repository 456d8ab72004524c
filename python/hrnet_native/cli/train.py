"""``hrnet-native train``: train on a class-per-folder directory."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from hrnet_native.cli.terminal import show


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "train",
        help="train a network",
        description="Trains as a recipe says, going on from the checkpoint in its output directory if there is one.",
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="FILE", help="recipe, a YAML file")
    parser.add_argument(
        "-o", "--override", action="append", default=[], metavar="KEY=VALUE", help="replace a value of the recipe"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trains; progress goes to stderr."""
    logging.getLogger("hrnet_native.training").setLevel(logging.INFO)  # epochs, beside the warnings of all commands
    from hrnet_native.training.config import load_config
    from hrnet_native.training.trainer import train

    config = load_config(arguments.config, arguments.override)
    train(config)
    show(config.output_dir / "weights.safetensors")
    return 0
