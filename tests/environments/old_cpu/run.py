"""Runs the package on CPUs without AVX, emulated by QEMU: the native engine answers, Paddle is a typed error.

``run.py FOLDER``: takes the model. Needs ``qemu-x86_64``. Exits with 1 if a line is not as expected.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.paths import ROOT
from support.small_network import SMALL_NETWORK

# Nehalem (2008) is the oldest that NumPy's wheels run on, Westmere the last of Intel's without AVX.
CPUS = ("Nehalem", "Westmere")


def answers(launcher: list[str], model: Path, *backends: str) -> list[str]:
    script = Path(__file__).with_name("answers.py")
    command = [*launcher, sys.executable, script, model, ROOT / "examples" / "cat.jpg", *backends]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(launcher)}: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout.splitlines()


def main(folder: Path) -> int:
    from hrnet_native.export.exporter import ExportOptions, export

    if not folder.is_dir():
        options = {"arch": "HRNet_W4_C", "arch_overrides": SMALL_NETWORK, "num_classes": 4, "input_size": 64}
        export(ExportOptions(**options, allow_random=True), folder)
    here = answers(["env", "HRNET_NATIVE_ISA=scalar"], folder, "native")[0]
    refused = "UnsupportedError Paddle needs a CPU with AVX, and this one has none"
    expected = [here, here.replace("native", "auto", 1), f"onednn {refused}", f"cpu {refused}"]
    wrong = 0
    for cpu in CPUS:
        for line, wanted in zip(
            answers(["qemu-x86_64", "-cpu", cpu], folder, "native", "auto", "onednn", "cpu"), expected
        ):
            wrong += line != wanted
            print(f"{cpu}: {line}" + ("" if line == wanted else f"; expected {wanted}"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
