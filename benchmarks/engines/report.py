"""The table that is printed."""

from __future__ import annotations

from typing import Any


def show(result: dict[str, Any]) -> None:
    """Prints one cell."""
    print(f"\n{result['network']}, batch {result['batch']}, {result['threads']} threads")
    print(f"{'':12s} {'median':>9s} {'least':>9s}   time over ours        error    model")
    for engine in result["engines"]:
        low, high = engine["ratio_range"]
        notes = "" if engine["counts"] else "  does not count: error too large"
        if engine["disturbed_rounds"]:
            notes += f"  {engine['disturbed_rounds']} of {len(engine['windows'])} rounds disturbed"
        if engine["avx512_seen"]:
            notes += "  uses AVX-512"
        print(
            f"{engine['name']:12s} {engine['median_ms']:6.1f} ms {engine['least_ms']:6.1f} ms   "
            f"{engine['ratio']:5.2f} ({low:.2f} to {high:.2f})   {engine['error']:.1e}  {engine['form']}{notes}"
        )
    for name, reason in result["failures"].items():
        print(f"{name:12s} failed: {reason.splitlines()[-1] if reason else 'its process died'}")
    peers = [engine for engine in result["engines"][1:] if engine["counts"]]
    if peers:
        best = min(peers, key=lambda engine: engine["ratio"])
        goal = f"; the goal is {result['goal']:.2f}" if result["goal"] else ""
        print(f"the best of the others, {best['name']}, takes {best['ratio']:.2f} times our time{goal}", flush=True)
