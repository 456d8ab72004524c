"""The limit of the wheel's size without building one: what the package folder brings is most of it."""

from __future__ import annotations

import subprocess
import zlib

from install.wheels import MOST_BYTES
from support.paths import ROOT

# Compressed, in a repaired wheel: libhrnet_native, the plugin, the module, and the five libraries that are put inside.
LIBRARIES = 4_000_000


def test_the_package_folder_leaves_room_for_the_libraries() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "python/hrnet_native"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = tracked.stdout.rstrip("\0").split("\0")
    assert "python/hrnet_native/default_model/native.safetensors" in names
    packed = sum(len(zlib.compress((ROOT / name).read_bytes())) for name in names)
    assert packed + LIBRARIES <= MOST_BYTES
