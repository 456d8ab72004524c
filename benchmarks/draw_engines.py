"""Draws the README's picture from a result of engines.py, for light and dark pages, and writes its caption.

Without arguments it is drawn again from the result that is kept in the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engines.picture import THEMES, caption, draw

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "engines-avx2.json"
_IMAGES = "docs/images"
_BEGIN, _END = "<!-- benchmarks/draw_engines.py writes what follows -->", "<!-- and what precedes -->"
_TABLE = "docs/performance.md#the-network-against-other-engines"


def files(document: dict[str, Any], readme: str) -> dict[str, str]:
    """What is written: by its path in the repository, its text; `readme` is the README as it is."""
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"README.md has no lines {_BEGIN} and {_END}")
    lines = caption(document, _IMAGES, _TABLE)
    pictures = {f"{_IMAGES}/engines-{name}.svg": draw(document, theme) for name, theme in THEMES.items()}
    return {**pictures, "README.md": f"{before}{begin}\n{lines}\n{end}{after}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", nargs="?", type=Path, default=RESULT, help=f"default: {RESULT.relative_to(ROOT)}")
    parser.add_argument(
        "--root", type=Path, default=ROOT, metavar="DIR", help="of the README (default: this repository)"
    )
    arguments = parser.parse_args()
    try:
        written = files(json.loads(arguments.result.read_text()), (arguments.root / "README.md").read_text())
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    for name, text in written.items():
        path = arguments.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(name)


if __name__ == "__main__":
    main()
