"""Instructions that decoding and preprocessing take, by callgrind: a signal that a busy machine does not disturb.

Counts what runs inside the C++ functions for one 500x375 JPEG. Needs valgrind,
which knows AVX2 but not AVX-512. Usage: python benchmarks/instructions.py
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from preprocess import SIZES, photographs

FUNCTIONS = {"decode": "hrnet_native::Decode(*", "preprocess": "hrnet_native::Preprocess(*"}
SCRIPT = """
import sys
from hrnet_native import imaging
encoded = open(sys.argv[1], "rb").read()
imaging.preprocess(imaging.decode(encoded))
"""


def instructions(function: str, isa: str, encoded: Path) -> int:
    """Instructions inside one function, all that it calls included."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--toggle-collect={function}"]
    run = subprocess.run(
        [*command, sys.executable, "-c", SCRIPT, encoded],
        capture_output=True,
        text=True,
        check=True,
        env={"HRNET_NATIVE_ISA": isa},
    )
    found = re.search(r"Collected : (\d+)", run.stderr)
    if found is None:
        sys.exit(f"callgrind printed no count:\n{run.stderr}")
    return int(found[1])


def main() -> None:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        path = Path(file.name)
        path.write_bytes(photographs(SIZES["500x375"])[0])
        for name, function in FUNCTIONS.items():
            for isa in ("scalar", "avx2"):
                print(f"{name:10s} {isa:6s} {instructions(function, isa, path):12,d} instructions")


if __name__ == "__main__":
    main()
