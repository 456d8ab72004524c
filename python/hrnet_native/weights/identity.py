"""Which network a weights file is for: what it says of itself, and what is said of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from hrnet_native.errors import InvalidArgumentError
from hrnet_native.family.published import resolve_architecture
from hrnet_native.family.table import Architecture, override
from hrnet_native.weights.files import Weights


@dataclasses.dataclass(frozen=True)
class Identity:
    """A network, up to its weights.

    Attributes:
        name: Of the architecture or the published model.
        architecture: With all overrides.
        num_classes: Outputs of the classifier.
    """

    name: str
    architecture: Architecture
    num_classes: int


def identify(
    weights: Weights,
    arch: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    num_classes: int | None = None,
    *,
    fresh_head: bool = False,
) -> Identity:
    """Puts together what a file says and what its user says; each may leave out what the other has.

    Args:
        weights: The file. Its classifier tells the number of classes.
        arch: Architecture or published model.
        overrides: Fields of ``Architecture`` that differ from its.
        num_classes: Outputs.
        fresh_head: The file's classifier does not count: there may be another number of classes.

    Raises:
        InvalidArgumentError: Neither names the architecture, the two contradict each other, or a name or a value is
            unknown or out of range.
    """
    name = arch or weights.metadata.get("arch")
    if name is None:
        raise InvalidArgumentError("the weights file does not name its architecture: pass arch, such as HRNet_W18_C")
    if num_classes is not None and num_classes < 1:
        raise InvalidArgumentError(f"num_classes must be at least 1, not {num_classes}")
    found = weights.num_classes
    if num_classes is not None and found is not None and num_classes != found and not fresh_head:
        raise InvalidArgumentError(f"num_classes is {num_classes}, but the weights have {found} classes")
    architecture = _architecture(weights, name, overrides or {})
    return Identity(name, architecture, num_classes or found or resolve_architecture(name)[1])


def _architecture(weights: Weights, name: str, overrides: Mapping[str, Any]) -> Architecture:
    named, _ = resolve_architecture(name)
    said = weights.metadata.get("arch", name)
    plain, _ = resolve_architecture(said)
    architecture = override(plain, weights.metadata.get("arch_overrides", {}))
    if named not in (plain, architecture):
        raise InvalidArgumentError(f"arch is {name}, but the weights file is of {said}")
    wanted = override(architecture, overrides)
    if "arch" in weights.metadata:
        for field in overrides:
            given, known = getattr(wanted, field), getattr(architecture, field)
            if given != known:
                raise InvalidArgumentError(f"{field} is {given}, but the weights file, of {said}, has {known}")
    return wanted
