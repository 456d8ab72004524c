"""Whether two files of weights are the same function: both networks run on one input, in float64."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hrnet_native.bundle.probe import probe_input
from hrnet_native.bundle.reference import run_reference
from hrnet_native.family.table import Architecture
from hrnet_native.weights.network import build_graph

_SIZE: Final = 64
_SEED: Final = 20191


def output_difference(
    source: Mapping[str, NDArray[Any]],
    target: Mapping[str, NDArray[Any]],
    arch: Architecture,
    *,
    fresh_head: bool = False,
) -> float | None:
    """Returns the largest difference of the logits, relative to the largest one.

    Each side is read by its own naming's rules, so what conversion computes (folded biases, the transposed classifier,
    half precision) shows; which name belongs to which layer is told by the one table, and shows only in a comparison
    with the original networks. With ``fresh_head`` the classifiers differ: what enters them is compared.

    Returns None where a side's outputs are no numbers or all zero, as those of invented weights may be.
    """
    before, after = (_run(tensors, arch, features_only=fresh_head) for tensors in (source, target))
    largest = float(np.abs(before).max())
    difference = float(np.abs(before - after).max())
    return difference / largest if largest > 0 and math.isfinite(largest) and math.isfinite(difference) else None


def _run(tensors: Mapping[str, NDArray[Any]], arch: Architecture, *, features_only: bool) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        graph = build_graph(tensors, arch, _SIZE, features_only=features_only)
        return run_reference(graph, probe_input(_SEED, (1, 3, _SIZE, _SIZE)))
