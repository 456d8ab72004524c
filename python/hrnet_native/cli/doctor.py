"""``hrnet-native doctor``: what was found on this machine."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform

from hrnet_native import Error, Predictor, __version__

_PACKAGES = ("numpy", "paddlepaddle", "safetensors", "PyYAML", "opencv-python-headless")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "doctor", help="say what was found", description="Says what this installation has, and whether it works."
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints versions, and tries the default model with each backend."""
    print(f"hrnet_native    {__version__}")
    print(f"python          {platform.python_version()} on {platform.machine()}, {platform.platform()}")
    print(f"CPUs            {len(os.sched_getaffinity(0))}")
    print(f"instruction set {os.environ.get('HRNET_NATIVE_ISA') or 'chosen at run time'}")
    for package in _PACKAGES:
        print(f"{package:23s} {_version(package)}")
    working = [_try_backend(backend) for backend in ("onednn", "cpu")]
    return 0 if all(working) else 1


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _try_backend(backend: str) -> bool:
    try:
        with Predictor(backend=backend) as predictor:
            print(f"backend {backend:8s} works (default model {predictor.model_name})")
    except Error as error:
        print(f"backend {backend:8s} fails: {error}")
        return False
    return True
