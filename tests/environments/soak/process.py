"""What this process holds, and processes that hold nothing yet."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch


def resident_kib() -> float:
    """Resident memory, after Python's own garbage is gone."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def thread_count() -> int:
    """Threads of the process, those that Python does not know included."""
    return len(list(Path("/proc/self/task").iterdir()))


def in_fresh_process(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Calls where nothing was allocated before.

    glibc keeps freed memory in arenas, up to 8 for each CPU, that many threads leave behind: predictors that come after
    such threads use one arena after another, and resident memory says little of what is held. On a busy machine threads
    meet more often and take more of them, so here there are two.
    """
    with patch.dict(os.environ, MALLOC_ARENA_MAX="2"), ProcessPoolExecutor(1, get_context("spawn")) as executor:
        return executor.submit(function, *arguments, **options).result()
