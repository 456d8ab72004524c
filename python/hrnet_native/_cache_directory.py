"""Where this package keeps what it can make or fetch again."""

from __future__ import annotations

import os
from pathlib import Path

from hrnet_native.errors import InvalidArgumentError


def cache_root(cache_dir: Path | None = None) -> Path:
    """Returns ``cache_dir``, else ``HRNET_NATIVE_CACHE_DIR``, else ``hrnet_native`` in the user's cache directory.

    That is ``XDG_CACHE_HOME``, else ``.cache`` in ``HOME``, else in the home in the system's list of users. Of these
    only absolute paths count, as the XDG specification says. The core says the same (``base/cache_directory.h``).

    Raises:
        InvalidArgumentError: There is none of them.
    """
    chosen = cache_dir or os.environ.get("HRNET_NATIVE_CACHE_DIR")
    if chosen:
        return Path(chosen)
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if xdg.is_absolute():
        return xdg / "hrnet_native"
    for home in (os.environ.get("HOME", ""), _listed_home()):
        if Path(home).is_absolute():
            return Path(home, ".cache", "hrnet_native")
    raise InvalidArgumentError(
        "there is no cache directory: this user has no home directory; expected cache_dir or HRNET_NATIVE_CACHE_DIR"
    )


def _listed_home() -> str:
    """The home in the system's list of users, in which containers often lack theirs; on Windows in a variable."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except ImportError:
        return os.environ.get("USERPROFILE", "")
    except KeyError:
        return ""
