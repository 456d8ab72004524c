"""Settings of Paddle with oneDNN that might be faster than what this project's engine has."""

from __future__ import annotations

import json
from typing import Any

from engines.peers import Engine, Form

# As cpp/src/engine/paddle/configure.cc has it for .json.
_ENGINE: dict[str, Any] = {"memory_optim": True, "new_executor": True, "cache_capacity": 10}


def _paddle(name: str, form: Form = "bundle", threads: dict[str, str] | None = None, **changes: Any) -> Engine:
    usual = _ENGINE if form == "bundle" else _ENGINE | {"new_executor": False}
    variables = {"HRNET_NATIVE_BENCHMARK_PADDLE": json.dumps(usual | changes), **(threads or {})}
    return Engine(name, None, (form,), module="paddle", variables=variables)


# The reference first: what the engine tells Paddle.
PADDLE_SETTINGS = (
    _paddle("as-the-engine"),
    _paddle("no-memory-optim", memory_optim=False),
    _paddle("cache-1", cache_capacity=1),
    _paddle("cache-unlimited", cache_capacity=0),
    _paddle("old-executor", new_executor=False),
    _paddle("no-placement-pass", delete_passes=("onednn_placement_pass",)),
    _paddle("level-3", optimization_level=3),
    _paddle("bound-threads", threads={"KMP_AFFINITY": "granularity=fine,compact,1,0"}),
    _paddle("spinning-threads", threads={"KMP_BLOCKTIME": "infinite"}),
    _paddle("sleeping-threads", threads={"KMP_BLOCKTIME": "0"}),
    _paddle("pdmodel", "pdmodel"),
    _paddle("pdmodel-new-executor", "pdmodel", new_executor=True),
    _paddle("pdmodel-no-memory-optim", "pdmodel", memory_optim=False),
)
