"""``hrnet-native build-engine``: TensorRT's engine, made before it is needed."""

from __future__ import annotations

import argparse
import logging

from hrnet_native import Predictor
from hrnet_native.cli.options import (
    add_batch_option,
    add_cache_option,
    add_gpu_options,
    add_model_option,
    add_precision_option,
    find_model,
    gpu_options,
)
from hrnet_native.cli.terminal import show


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "build-engine",
        help="build TensorRT's engine of a model",
        description="Builds the TensorRT engine of a model for this GPU, which takes minutes, and stores it in the "
        "cache, from where backend tensorrt takes it. An engine that is there already, and whole, is kept. It fits "
        "this GPU, driver, TensorRT and Paddle, and these options, only.",
    )
    add_model_option(parser, required=True)  # that of the package is not in the format that TensorRT takes
    add_precision_option(parser)
    add_batch_option(parser)
    add_gpu_options(parser)
    add_cache_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Loads the model with TensorRT, which builds what is lacking and checks the result."""
    logging.getLogger("hrnet_native").setLevel(logging.DEBUG)
    options = gpu_options(arguments)
    precision, batch = arguments.precision, arguments.max_batch_size
    with Predictor(
        find_model(arguments), "gpu", backend="tensorrt", precision=precision, max_batch_size=batch, **options
    ) as predictor:
        name = predictor.model_name or "the model"
        show(f"{name}: the engine for {precision} and batches of 1 to {batch} is in {options['cache_dir']}/tensorrt")
    return 0
