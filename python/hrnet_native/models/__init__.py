"""The HRNet family: names, facts, and networks (which need paddle)."""

from hrnet_native.models.registry import create_model
from hrnet_native.models.table import Architecture, list_models

__all__ = ["Architecture", "create_model", "list_models"]
