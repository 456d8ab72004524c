"""Decoding and preprocessing, as prediction does them."""

from hrnet_native._core import decode, preprocess

__all__ = ["decode", "preprocess"]
