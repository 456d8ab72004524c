"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from hrnet_native import Predictor
from hrnet_native._model_directory import find_named
from hrnet_native.weights.storage import STORAGES


def add_predictor_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose a model and an engine."""
    parser.add_argument(
        "--model",
        metavar="DIR|NAME",
        help="model directory, or a published model, which is fetched the first time (default: the one in the package)",
    )
    parser.add_argument("--backend", default="auto", help="auto, native, onednn, openvino or cpu (default: auto)")
    parser.add_argument(
        "--memory", default="normal", help="normal or low: fewer packed weights in the native engine (default: normal)"
    )
    parser.add_argument(
        "--num-threads", type=int, default=0, metavar="N", help="threads of an instance (default: all CPUs / instances)"
    )
    parser.add_argument("--num-instances", type=int, default=1, metavar="N", help="execution contexts (default: 1)")
    parser.add_argument("--max-batch-size", type=int, default=8, metavar="N", help="images a run (default: 8)")


def add_storage_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds the choice of half precision for what is stored."""
    parser.add_argument("--storage", choices=STORAGES, default="fp32", help=f"{what} (default: fp32)")


def describe_difference(difference: float) -> str:
    """What half precision changed, as a line of a report."""
    return f"largest difference of half precision, relative to the tensor's largest value: {difference:.2e}"


def make_predictor(arguments: argparse.Namespace) -> Predictor:
    """Loads the model that the options name."""
    return Predictor(
        _find(arguments.model),
        backend=arguments.backend,
        memory=arguments.memory,
        num_threads=arguments.num_threads,
        num_instances=arguments.num_instances,
        max_batch_size=arguments.max_batch_size,
    )


def _find(model: str | None) -> Path | None:
    if model is None or Path(model).exists():
        return None if model is None else Path(model)
    return find_named(model, progress=True)
