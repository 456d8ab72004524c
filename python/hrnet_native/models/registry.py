"""From a name to a network."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrnet_native._extras import how_to_install
from hrnet_native.errors import InvalidArgumentError, UnsupportedError
from hrnet_native.family.published import resolve_architecture
from hrnet_native.family.table import override

if TYPE_CHECKING:
    from hrnet_native.models.hrnet import HRNet


def create_model(
    name: str,
    pretrained: bool | str | os.PathLike[str] = False,
    *,
    num_classes: int | None = None,
    in_channels: int = 3,
    features_only: bool = False,
    **overrides: Any,
) -> HRNet:
    """Builds a network, a ``paddle.nn.Layer``.

    Args:
        name: A published model (``list_models()``) or an architecture: ``HRNet_W18_C``, ``SE_HRNet_W64_C``; any width.
        pretrained: A file of weights (``.safetensors``, ``.pdparams`` or ``.pth``), True for the
            published ones, which are fetched the first time, or False for random ones.
        num_classes: Outputs of the classifier; None: as published, 1,000 for an architecture.
        in_channels: Channels of the input.
        features_only: Return the four maps of stage 4 instead of logits.
        **overrides: Fields of ``Architecture`` that replace the row's, such as ``num_modules=(1, 1, 1)``.

    Raises:
        InvalidArgumentError: The name or a field is unknown or out of range, or the weights do not fit.
        UnsupportedError: paddle is not installed, or no weights are published for this name.
        DownloadError: Published weights cannot be fetched.
    """
    if importlib.util.find_spec("paddle") is None:
        raise UnsupportedError(f"building a network needs paddle: {how_to_install('paddle')}")
    from hrnet_native.models.hrnet import HRNet
    from hrnet_native.models.load import load_into
    from hrnet_native.weights.downloader import download
    from hrnet_native.weights.files import read_weights

    architecture, published_classes = resolve_architecture(name)
    if num_classes is None:
        num_classes = published_classes
    for argument, value in (("num_classes", num_classes), ("in_channels", in_channels)):
        if value < 1:
            raise InvalidArgumentError(f"{argument} must be at least 1, not {value}")
    model = HRNet(
        override(architecture, overrides),
        num_classes=num_classes,
        in_channels=in_channels,
        features_only=features_only,
    )
    if pretrained is not False:
        path = download(name) if pretrained is True else Path(pretrained)
        load_into(model, read_weights(path).tensors)
    return model
