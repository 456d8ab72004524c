"""``hrnet-native build-engine``: TensorRT's engine, made before it is needed."""

from __future__ import annotations

import argparse
import logging

from hrnet_native import Predictor
from hrnet_native.cli.options import add_gpu_options, add_model_option, find_model, gpu_options


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "build-engine",
        help="build TensorRT's engine of a model",
        description="Builds the TensorRT engine of a model for this GPU, which takes minutes, and stores it in the "
        "cache, from where backend tensorrt takes it. An engine that is there already, and whole, is kept. It fits "
        "this GPU, driver, TensorRT and Paddle, and these options, only.",
    )
    add_model_option(parser)
    parser.add_argument(
        "--precision",
        choices=("fp32", "fp16", "int8"),
        default="fp32",
        help="int8 for quantised models (default: fp32)",
    )
    parser.add_argument("--max-batch-size", type=int, default=8, metavar="N", help="images a run (default: 8)")
    add_gpu_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Loads the model with TensorRT, which builds what is lacking and checks the result."""
    logging.getLogger("hrnet_native").setLevel(logging.DEBUG)
    options = gpu_options(arguments)
    precision, batch = arguments.precision, arguments.max_batch_size
    with Predictor(
        find_model(arguments.model), "gpu", backend="tensorrt", precision=precision, max_batch_size=batch, **options
    ) as predictor:
        name = predictor.model_name or "the model"
        print(f"{name}: the engine for {precision} and batches of 1 to {batch} is in {options['cache_dir']}/tensorrt")
    return 0
