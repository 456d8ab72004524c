"""From a name to a model."""

from __future__ import annotations

import dataclasses
from typing import Any

from hrnet_native.models.hrnet import HRNet
from hrnet_native.models.table import parse_name


def create_model(
    name: str, *, num_classes: int = 1000, in_channels: int = 3, features_only: bool = False, **overrides: Any
) -> HRNet:
    return HRNet(
        dataclasses.replace(parse_name(name), **overrides),
        num_classes=num_classes,
        in_channels=in_channels,
        features_only=features_only,
    )
