"""A disk that is full, as far as this process can tell: no file grows beyond a limit."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def files_end_at(num_bytes: int) -> Iterator[None]:
    """Writing more fails as on a full disk, but with "File too large" for a reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
