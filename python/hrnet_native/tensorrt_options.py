"""Options of the backend ``tensorrt``."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class TensorRtOptions:
    """How a TensorRT engine is built, and whether.

    Attributes:
        workspace_mb: Scratch memory that TensorRT may use, in MiB.
        min_subgraph_size: Groups of fewer operators stay with Paddle.
        optimal_batch_size: The batch size that the engine is tuned for, from 1 to ``max_batch_size``, which it covers.
        build: Whether to build an engine, which takes minutes, where the cache has none that fits; without it that is
            an ``UnsupportedError`` that says what the cache has.
    """

    workspace_mb: int = 1024
    min_subgraph_size: int = 3
    optimal_batch_size: int = 1
    build: bool = True
