"""Decoding and preprocessing, as prediction does them."""

from hrnet_native._core import ImageLimits, decode, decode_truncated, preprocess

__all__ = ["ImageLimits", "decode", "decode_truncated", "preprocess"]
