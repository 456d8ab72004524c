"""``hrnet-native download``: published weights and ready models."""

from __future__ import annotations

import argparse
from pathlib import Path

from hrnet_native.cli.options import add_cache_option
from hrnet_native.cli.terminal import show


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
    add_cache_option(parser)
    parser.add_argument(
        "--mirror",
        metavar="URL",
        help="http, https or file address in the place of the publisher's (default: HRNET_NATIVE_MIRROR, if set)",
    )
    parser.add_argument(
        "--lock-file",
        type=Path,
        metavar="FILE",
        help="hashes of files seen before: another file is refused (default: HRNET_NATIVE_LOCK_FILE, else lock.json in "
        "the cache)",
    )
    parser.add_argument(
        "--offline",
        action="store_true",
        default=None,
        help="take it from the cache, or from a file address, or fail (default: as HRNET_NATIVE_OFFLINE says)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fetches and prints the path."""
    from hrnet_native.weights.downloader import DownloadOptions, download

    options = DownloadOptions(
        cache_dir=arguments.cache_dir,
        mirror=arguments.mirror,
        offline=arguments.offline,
        lock_file=arguments.lock_file,
        progress=True,
    )
    show(download(arguments.name, arguments.kind, options))
    return 0
