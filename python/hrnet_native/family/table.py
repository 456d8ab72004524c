"""The HRNet classification family as data: one row per architecture.

Nothing here imports paddle, so that the command line can list the family without it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Final

from hrnet_native._suggest import did_you_mean
from hrnet_native.errors import InvalidArgumentError


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What distinguishes one HRNet from another; the builder is the same for all.

    Attributes:
        width: Channels C of the branch with the highest resolution; the others have 2C, 4C and 8C.
        has_se: Squeeze-and-excitation in every residual block (ratio 16).
        num_modules: Multi-resolution modules in stages 2, 3 and 4.
        num_blocks: Residual blocks in layer 1, and per branch of a module in stages 2, 3 and 4.
        stem_channels: Channels of the stem; layer 1 gives four times as many.
        head_channels: Bottleneck channels of the four heads; each gives four times as many.
        last_channels: Features before the classifier.
    """

    width: int
    has_se: bool = False
    num_modules: tuple[int, int, int] = (1, 4, 3)
    num_blocks: tuple[int, int, int, int] = (4, 4, 4, 4)
    stem_channels: int = 64
    head_channels: tuple[int, int, int, int] = (32, 64, 128, 256)
    last_channels: int = 2048

    def __post_init__(self) -> None:
        for field, length in _TUPLE_LENGTHS.items():
            value = getattr(self, field)
            if (
                not isinstance(value, (list, tuple))
                or len(value) != length
                or any(not _is_positive_int(v) for v in value)
            ):
                raise InvalidArgumentError(f"{field} must be {length} positive integers, not {value!r}")
            object.__setattr__(self, field, tuple(value))
        for field in ("width", "stem_channels", "last_channels"):
            if not _is_positive_int(getattr(self, field)):
                raise InvalidArgumentError(f"{field} must be a positive integer, not {getattr(self, field)!r}")
        if not isinstance(self.has_se, bool):
            raise InvalidArgumentError(f"has_se must be true or false, not {self.has_se!r}")
        if self.has_se and self.width < SE_RATIO:
            raise InvalidArgumentError(f"width must be at least {SE_RATIO} with has_se=True, not {self.width}")

    @property
    def branch_channels(self) -> tuple[int, int, int, int]:
        """Channels of the four branches, highest resolution first."""
        return (self.width, 2 * self.width, 4 * self.width, 8 * self.width)


SE_RATIO: Final = 16
# Input height and width must be multiples of this: the lowest-resolution branch is 32 times smaller.
SIZE_MULTIPLE: Final = 32

_TUPLE_LENGTHS: Final = {"num_modules": 3, "num_blocks": 4, "head_channels": 4}
_NAME: Final = re.compile(r"(SE_)?HRNet_W([1-9]\d{0,3})_C")

# What PaddleClas has names for, to suggest when one is misspelt.
_NAMED: Final = (*(f"HRNet_W{width}_C" for width in (18, 30, 32, 40, 44, 48, 60, 64)), "SE_HRNet_W64_C")


def parse_name(name: str) -> Architecture:
    """Returns the row for a name such as ``HRNet_W18_C`` or ``SE_HRNet_W64_C``; any width is valid.

    Raises:
        InvalidArgumentError: The name has another form; the message suggests the nearest known ones.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise InvalidArgumentError(
            f"unknown architecture {name!r}; expected HRNet_W<width>_C or SE_HRNet_W<width>_C"
            + did_you_mean(name, _NAMED)
        )
    return Architecture(width=int(match[2]), has_se=match[1] is not None)


def override(architecture: Architecture, fields: Mapping[str, Any]) -> Architecture:
    """Returns an architecture with some of its fields replaced.

    Raises:
        InvalidArgumentError: A field is unknown or out of range.
    """
    known = {field.name for field in dataclasses.fields(Architecture)}
    for name in fields:
        if name not in known:
            raise InvalidArgumentError(f"unknown override {name!r}; expected one of {', '.join(sorted(known))}")
    return dataclasses.replace(architecture, **fields)


def _is_positive_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
