"""Tar archives made in memory."""

from __future__ import annotations

import io
import tarfile


def tar_of(members: dict[str, bytes]) -> bytes:
    """An archive of files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def tar_with(kind: bytes, name: str = "link", target: str = "/etc/passwd") -> bytes:
    """An archive of one member that is no file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        tar.addfile(info)
    return stream.getvalue()
