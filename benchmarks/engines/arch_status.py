"""What the kernel has seen of AVX-512: the registers that a thread had in use when it last left a CPU."""

from __future__ import annotations

import re
from pathlib import Path


def avx512_seen(process: int, seconds: float) -> bool | None:
    """Whether a thread of a process used AVX-512 registers in the last seconds; None: the kernel does not say.

    It looks when it takes a thread from its CPU: who is never interrupted is never seen. It sees zmm registers, and all
    above ymm15; not what AVX-512 can do with ymm0 to ymm15 alone.
    """
    ages = []
    for status in Path(f"/proc/{process}/task").glob("*/arch_status"):
        ages += map(int, re.findall(r"^AVX512_elapsed_ms:\s*(-?\d+)", status.read_text(), re.MULTILINE))
    return any(0 <= age <= seconds * 1000 for age in ages) if ages else None
