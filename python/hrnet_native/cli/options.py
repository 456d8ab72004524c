"""Options that several commands share."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

from hrnet_native import Predictor, TensorRtOptions
from hrnet_native._cache import cache_root
from hrnet_native._model_directory import find_named
from hrnet_native.weights.storage import STORAGES


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option that chooses a model."""
    parser.add_argument(
        "--model",
        metavar="DIR|NAME",
        help="model directory, or a published model, which is fetched the first time (default: the one in the package)",
    )


def add_gpu_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of device gpu."""
    defaults = TensorRtOptions()
    gpu = parser.add_argument_group("device gpu")
    gpu.add_argument("--device-id", type=int, default=0, metavar="N", help="GPU, counted from 0 (default: 0)")
    gpu.add_argument("--gpu-memory-pool-mb", type=int, default=256, metavar="MB", help="told to Paddle (default: 256)")
    gpu.add_argument(
        "--workspace-mb",
        type=int,
        default=defaults.workspace_mb,
        metavar="MB",
        help=f"scratch memory of TensorRT (default: {defaults.workspace_mb})",
    )
    gpu.add_argument(
        "--min-subgraph-size",
        type=int,
        default=defaults.min_subgraph_size,
        metavar="N",
        help=f"fewer operators stay with Paddle (default: {defaults.min_subgraph_size})",
    )
    gpu.add_argument(
        "--optimal-batch-size",
        type=int,
        default=defaults.optimal_batch_size,
        metavar="N",
        help=f"batch size that TensorRT tunes for (default: {defaults.optimal_batch_size})",
    )
    gpu.add_argument("--cache-dir", type=Path, metavar="DIR", help="root of the cache (default: the user's)")


def gpu_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Returns the arguments of ``Predictor`` for the options of device gpu."""
    return {
        "device_id": arguments.device_id,
        "gpu_memory_pool_mb": arguments.gpu_memory_pool_mb,
        "tensorrt": TensorRtOptions(
            workspace_mb=arguments.workspace_mb,
            min_subgraph_size=arguments.min_subgraph_size,
            optimal_batch_size=arguments.optimal_batch_size,
        ),
        "cache_dir": cache_root(arguments.cache_dir),
    }


def add_predictor_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose a model and an engine."""
    add_model_option(parser)
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
    """Loads the model that the options name, and says on stderr which backend ``auto`` took."""
    logging.getLogger("hrnet_native").setLevel(logging.DEBUG)
    return Predictor(
        find_model(arguments.model),
        backend=arguments.backend,
        memory=arguments.memory,
        num_threads=arguments.num_threads,
        num_instances=arguments.num_instances,
        max_batch_size=arguments.max_batch_size,
    )


def find_model(model: str | None) -> Path | None:
    """Returns the directory of a model, fetching a published one; None stands for the model of the package."""
    if model is None or Path(model).exists():
        return None if model is None else Path(model)
    return find_named(model, progress=True)
