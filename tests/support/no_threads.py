"""Refuses a process threads, as a system does that has no more of them."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator

_ATTRIBUTES_BYTES = 64  # pthread_attr_t: 56 on x86-64, 64 on AArch64
_TOO_MUCH = 1 << 60


@contextlib.contextmanager
def no_threads() -> Iterator[None]:
    """The default stack is larger than any address space. RLIMIT_NPROC would not hold for root."""
    libc = ctypes.CDLL(None)
    usual, huge = (ctypes.create_string_buffer(_ATTRIBUTES_BYTES) for _ in range(2))
    libc.pthread_getattr_default_np(usual)
    libc.pthread_attr_init(huge)
    libc.pthread_attr_setstacksize(huge, ctypes.c_size_t(_TOO_MUCH))
    libc.pthread_setattr_default_np(huge)
    try:
        yield
    finally:
        libc.pthread_setattr_default_np(usual)
