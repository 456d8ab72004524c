"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from hrnet_native import Predictor


def add_predictor_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose a model and an engine."""
    parser.add_argument(
        "--model",
        metavar="DIR|NAME",
        help="model directory, or a published model, which is fetched the first time (default: the one in the package)",
    )
    parser.add_argument("--backend", default="auto", help="auto, native, onednn or cpu (default: auto)")
    parser.add_argument(
        "--num-threads", type=int, default=0, metavar="N", help="threads of an instance (default: all CPUs / instances)"
    )
    parser.add_argument("--num-instances", type=int, default=1, metavar="N", help="execution contexts (default: 1)")
    parser.add_argument("--max-batch-size", type=int, default=8, metavar="N", help="images a run (default: 8)")


def make_predictor(arguments: argparse.Namespace) -> Predictor:
    """Loads the model that the options name."""
    return Predictor(
        _find(arguments.model),
        backend=arguments.backend,
        num_threads=arguments.num_threads,
        num_instances=arguments.num_instances,
        max_batch_size=arguments.max_batch_size,
    )


def _find(model: str | None) -> Path | None:
    if model is None or Path(model).is_dir():
        return None if model is None else Path(model)
    from hrnet_native.weights.download import DownloadOptions, find_model_directory

    return find_model_directory(model, DownloadOptions(progress=True))
