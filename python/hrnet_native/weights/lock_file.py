"""Hashes of what was downloaded. None are published: the first one seen is kept, and another one later is refused."""

from __future__ import annotations

import json
from pathlib import Path

from filelock import FileLock

from hrnet_native._hash import sha256_of
from hrnet_native.bundle.whole_file import whole_file
from hrnet_native.errors import DownloadError, InvalidArgumentError


def check_or_add(lock_file: Path, name: str, path: Path) -> None:
    """Compares a file with what the lock file says of ``name``, and notes it there if it says nothing yet.

    The lock file is JSON, sorted, and meant to be committed: ``{name: {"sha256": ..., "size": ...}}``.

    Raises:
        DownloadError: The file is another one than the one seen first.
        InvalidArgumentError: The lock file cannot be read.
    """
    found: dict[str, str | int] = {"sha256": sha256_of(path), "size": path.stat().st_size}
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{lock_file}.lock"):
        known = _read(lock_file)
        if name not in known:
            known[name] = found
            with whole_file(lock_file) as partial:
                partial.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        elif known[name] != found:
            raise DownloadError(
                f"{name} has SHA-256 {found['sha256']}, but {lock_file} says {known[name]['sha256']}: it is not the "
                "file that was first seen"
            )


def _read(lock_file: Path) -> dict[str, dict[str, str | int]]:
    if not lock_file.exists():
        return {}
    try:
        known = json.loads(lock_file.read_text(encoding="utf-8"))
        if isinstance(known, dict) and all("sha256" in entry for entry in known.values()):
            return known
    except (ValueError, TypeError):
        pass
    raise InvalidArgumentError(f"{lock_file} is not a lock file: expected JSON objects with sha256 and size")
