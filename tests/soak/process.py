"""What this process holds."""

from __future__ import annotations

import gc
import os
from pathlib import Path


def resident_kib() -> float:
    """Resident memory, after Python's own garbage is gone."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def thread_count() -> int:
    """Threads of the process, those that Python does not know included."""
    return len(list(Path("/proc/self/task").iterdir()))
