"""The HRNet family: names, facts, and networks (which need paddle)."""

from hrnet_native.family.published import PublishedModel, find_model, imagenet_labels, list_models
from hrnet_native.family.table import Architecture
from hrnet_native.models.registry import create_model

__all__ = ["Architecture", "PublishedModel", "create_model", "find_model", "imagenet_labels", "list_models"]
