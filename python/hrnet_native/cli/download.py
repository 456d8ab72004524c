"""``hrnet-native download``: published weights and ready models."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "download",
        help="fetch a published model",
        description="Fetches a published model into the cache, unless it is there, checks it, and prints its path. An "
        "interrupted download goes on where it stopped. Where a model's name is given instead of a directory, the "
        "other commands do this by themselves, with what the environment variables say.",
    )
    parser.add_argument("name", metavar="NAME", help="published model, as `hrnet-native models` lists them")
    parser.add_argument(
        "--kind",
        choices=("weights", "inference"),
        default="weights",
        help="the .pdparams file, or the exported model, unpacked (default: weights)",
    )
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="cache (HRNET_NATIVE_CACHE_DIR)")
    parser.add_argument("--mirror", metavar="URL", help="instead of the publisher's address (HRNET_NATIVE_MIRROR)")
    parser.add_argument("--lock-file", type=Path, metavar="FILE", help="hashes seen before (HRNET_NATIVE_LOCK_FILE)")
    parser.add_argument("--offline", action="store_true", default=None, help="fetch nothing (HRNET_NATIVE_OFFLINE=1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fetches and prints the path."""
    from hrnet_native.weights.download import DownloadOptions, download

    options = DownloadOptions(
        cache_dir=arguments.cache_dir,
        mirror=arguments.mirror,
        offline=arguments.offline,
        lock_file=arguments.lock_file,
        progress=True,
    )
    print(download(arguments.name, arguments.kind, options))
    return 0
