"""Which extra of this package brings a module that is not installed."""

from __future__ import annotations

from typing import Final

# Module: extra. The smallest one that has it.
EXTRAS: Final = {
    "safetensors": "weights",
    "httpx": "weights",
    "filelock": "weights",
    "yaml": "weights",
    "paddle": "paddle",
    "cv2": "train",
}


def how_to_install(module: str) -> str:
    """The command that installs a module, or a part of one such as ``paddle.nn``."""
    top = module.partition(".")[0]
    return f"pip install 'hrnet_native[{EXTRAS[top]}]'" if top in EXTRAS else f"pip install {top}"
