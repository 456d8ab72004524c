"""What a measurement has to say of the machine it was taken on."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import Any

# The words of HRNET_NATIVE_ISA, and the flags of a CPU that has it.
_ISA_FLAGS = {"scalar": "", "avx2": "avx2 fma", "avx512": "avx512f avx512bw avx512dq avx512vl"}
_SIMD = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve")


def describe() -> dict[str, Any]:
    """Processor, SIMD, CPUs, memory, system, date."""
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    return {
        "cpu": facts.get("model name", platform.processor()),
        "simd": [flag for flag in _SIMD if flag in flags],
        "cpus": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
    }


def instruction_sets() -> list[str]:
    """Those that this CPU has and HRNET_NATIVE_ISA can name."""
    flags = set(Path("/proc/cpuinfo").read_text().split())
    return [isa for isa, words in _ISA_FLAGS.items() if set(words.split()) <= flags]
