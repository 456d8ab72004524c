"""The stored answers: compared with what an oracle computes now, or written."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "golden"
# Of the largest value: what float32 rounding in another order adds up to over 325 convolutions.
TOLERANCE = 1e-4


def must_write(description: str) -> bool:
    """Reads the command line of an oracle."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--write", action="store_true", help="replace the stored answers instead of comparing")
    return bool(parser.parse_args().write)


def largest_difference(found: NDArray[np.generic], expected: NDArray[np.generic]) -> float:
    """Relative to the largest expected value."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def settle(name: str, answers: dict[str, NDArray[np.generic]], *, write: bool) -> None:
    """Compares an oracle's answers with the stored ones, or stores them.

    Raises:
        SystemExit: They differ.
    """
    path = FOLDER / f"{name}.npz"
    if write:
        np.savez_compressed(path, **answers)
        print(f"{name}: written")
        return
    with np.load(path) as stored:
        for key, answer in answers.items():
            if answer.dtype.kind == "U":
                difference = float(list(answer) != list(stored[key]))
            else:
                difference = largest_difference(answer, stored[key])
            print(f"{name} {key}: {difference:.1e}")
            if not difference <= TOLERANCE:
                raise SystemExit(f"{name}: {key} differs from the stored one by {difference:.1e}, at most {TOLERANCE}")
