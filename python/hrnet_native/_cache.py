"""Where this package keeps what it can make or fetch again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root(cache_dir: Path | None = None) -> Path:
    """Returns ``cache_dir``, else ``HRNET_NATIVE_CACHE_DIR``, else ``hrnet_native`` in the user's cache directory."""
    chosen = cache_dir or os.environ.get("HRNET_NATIVE_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    # The XDG specification: unset, empty and relative all mean the default.
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (xdg if xdg.is_absolute() else Path.home() / ".cache") / "hrnet_native"
