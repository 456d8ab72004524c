"""Writes small networks as seeds for fuzz_native_file: python tests/fuzz/native_seeds.py DIRECTORY."""

from __future__ import annotations

import sys
from pathlib import Path

from hrnet_native.bundle.graph_file import write_graph

sys.path.insert(0, str(Path(__file__).parent.parent))
from support.native_graphs import every_operator, random_convs


def main() -> None:
    directory = Path(sys.argv[1])
    write_graph(every_operator(24, channels=6), directory / "every_operator")
    for seed in range(30):
        write_graph(random_convs(seed, most_channels=12), directory / f"convs_{seed}")


if __name__ == "__main__":
    main()
