"""What `--isa` does to an engine: its own variable where this program runs, AVX-512 hidden from it elsewhere."""

from __future__ import annotations

from pathlib import Path

from engines.environments import python_of
from engines.hidden_avx512 import TUNABLES, environment_without, variables
from engines.peers import Engine


def is_capped(engine: Engine, isa: str | None) -> bool:
    """In fp32 no peer uses more than AVX-512: that cap is only for those with a variable."""
    return bool(isa and engine.isa_variable) or _is_hidden(engine, isa)


def capped(engine: Engine, isa: str | None, cache: Path) -> tuple[Path, dict[str, str]]:
    """The interpreter that runs an engine under a cap, and what its process finds in its environment."""
    python = python_of(engine.environment, cache / "environments")
    if _is_hidden(engine, isa):
        return environment_without(python.parents[1]) / "bin" / "python", variables(cache / "cpuid")
    if isa and engine.isa_variable:
        return python, {engine.isa_variable: engine.isa_words[isa], **(TUNABLES if isa == "avx2" else {})}
    return python, {}


def _is_hidden(engine: Engine, isa: str | None) -> bool:
    return isa == "avx2" and engine.environment is not None
