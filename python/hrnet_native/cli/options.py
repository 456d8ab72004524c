"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from hrnet_native import Predictor, TensorRtOptions
from hrnet_native._model_directory import find_named
from hrnet_native.bundle.storage import STORAGES
from hrnet_native.cli.terminal import complain

_INT_MAX: Final = 2**31 - 1


def integer(text: str) -> int:
    """The type of every option that is a number: the core holds these in 32 bits."""
    value = int(text)
    if abs(value) > _INT_MAX:
        raise argparse.ArgumentTypeError(f"{value} is not between {-_INT_MAX} and {_INT_MAX}")
    return value


def add_model_option(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Adds the option that chooses a model."""
    default = "" if required else " (default: the one in the package)"
    parser.add_argument(
        "--model",
        required=required,
        metavar="DIR|NAME",
        help=f"model directory, or a published model, which is fetched the first time{default}",
    )


def add_device_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose where a model runs."""
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="where the model runs (default: cpu)")
    parser.add_argument(
        "--backend",
        default="auto",
        help="auto, native, onednn, openvino or cpu; on a GPU auto, cuda or tensorrt (default: auto)",
    )
    add_precision_option(parser)
    add_gpu_options(parser)


def add_precision_option(parser: argparse.ArgumentParser) -> None:
    """Adds the choice of what a GPU computes in."""
    parser.add_argument(
        "--precision",
        choices=("fp32", "fp16", "int8"),
        default="fp32",
        help="what the backend computes in: fp16 on a GPU, int8 for quantised models with tensorrt (default: fp32)",
    )


def add_gpu_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of device gpu."""
    defaults = TensorRtOptions()
    gpu = parser.add_argument_group("device gpu")
    gpu.add_argument("--device-id", type=integer, default=0, metavar="N", help="GPU, counted from 0 (default: 0)")
    gpu.add_argument(
        "--gpu-memory-pool-mb",
        type=integer,
        default=256,
        metavar="MB",
        help="memory that Paddle is told to take at once, in MiB (default: 256)",
    )
    gpu.add_argument(
        "--workspace-mb",
        type=integer,
        default=defaults.workspace_mb,
        metavar="MB",
        help=f"scratch memory of TensorRT, in MiB (default: {defaults.workspace_mb})",
    )
    gpu.add_argument(
        "--min-subgraph-size",
        type=integer,
        default=defaults.min_subgraph_size,
        metavar="N",
        help=f"smallest group of operators given to TensorRT (default: {defaults.min_subgraph_size})",
    )
    gpu.add_argument(
        "--optimal-batch-size",
        type=integer,
        default=defaults.optimal_batch_size,
        metavar="N",
        help=f"batch size that TensorRT tunes for (default: {defaults.optimal_batch_size})",
    )


def add_cache_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option that moves the cache."""
    parser.add_argument(
        "--cache-dir",
        type=Path,
        metavar="DIR",
        help="where what is fetched, compiled and built is kept (default: HRNET_NATIVE_CACHE_DIR, else hrnet_native in "
        "the user's cache directory)",
    )


def gpu_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Returns the arguments of ``Predictor`` for the options of device gpu and of the cache."""
    return {
        "device_id": arguments.device_id,
        "gpu_memory_pool_mb": arguments.gpu_memory_pool_mb,
        "tensorrt": TensorRtOptions(
            workspace_mb=arguments.workspace_mb,
            min_subgraph_size=arguments.min_subgraph_size,
            optimal_batch_size=arguments.optimal_batch_size,
        ),
        "cache_dir": arguments.cache_dir,
    }


def add_batch_option(parser: argparse.ArgumentParser) -> None:
    """Adds the largest batch."""
    parser.add_argument(
        "--max-batch-size", type=integer, default=8, metavar="N", help="most images that run together (default: 8)"
    )


def add_predictor_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose a model, how images are read, and an engine."""
    add_model_option(parser)
    add_device_options(parser)
    add_batch_option(parser)
    add_cache_option(parser)
    parser.add_argument(
        "--memory",
        choices=("normal", "low"),
        default="normal",
        help="low: the native engine keeps fewer packed weights, and may be slower (default: normal)",
    )
    parser.add_argument(
        "--num-threads",
        type=integer,
        default=0,
        metavar="N",
        help="threads of one instance; 0: the CPUs divided by the instances (default: 0)",
    )
    parser.add_argument(
        "--num-instances", type=integer, default=1, metavar="N", help="batches that run at the same time (default: 1)"
    )
    parser.add_argument(
        "--strict-budget",
        action="store_true",
        help="fail where the instances would have more threads than there are CPUs, instead of giving them fewer",
    )
    parser.add_argument(
        "--exif",
        choices=("apply", "ignore"),
        default="apply",
        help="whether the orientation in a file turns the picture (default: apply)",
    )
    parser.add_argument(
        "--fast-decode",
        action="store_true",
        help="decode large JPEGs at a part of their size: faster, with slightly different scores",
    )


def add_storage_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds the choice of half precision for what is stored."""
    parser.add_argument("--storage", choices=STORAGES, default="fp32", help=f"{what} (default: fp32)")


def describe_difference(difference: float) -> str:
    """What half precision changed, as a line of a report."""
    return f"largest change of a weight by half precision, relative to its tensor's largest value: {difference:.2e}"


def make_predictor(arguments: argparse.Namespace) -> Predictor:
    """Loads the model that the options name, and says which backend ``auto`` took where that is not the usual one."""
    predictor = Predictor(
        find_model(arguments),
        arguments.device,
        backend=arguments.backend,
        precision=arguments.precision,
        memory=arguments.memory,
        num_threads=arguments.num_threads,
        num_instances=arguments.num_instances,
        strict_budget=arguments.strict_budget,
        max_batch_size=arguments.max_batch_size,
        exif=arguments.exif,
        fast_decode=arguments.fast_decode,
        **gpu_options(arguments),
    )
    if arguments.backend == "auto" and predictor.backend != "native" and not arguments.verbose:
        complain(f"backend {predictor.backend} was chosen")
    return predictor


def find_model(arguments: argparse.Namespace) -> Path | None:
    """Returns the directory of ``--model``, fetching a published one; None stands for the model of the package."""
    if arguments.model is None or Path(arguments.model).exists():
        return None if arguments.model is None else Path(arguments.model)
    return find_named(arguments.model, arguments.cache_dir, progress=True)
