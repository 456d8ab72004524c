"""Unpacks downloaded archives, which may come from anyone, confined to one directory."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Final

from hrnet_native.errors import InvalidArgumentError

MAX_BYTES: Final = 2 << 30
_MAX_MEMBERS: Final = 64


def unpack(archive: Path, directory: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Unpacks a tar archive into an existing empty directory.

    Raises:
        InvalidArgumentError: It is truncated or no tar archive, too large, or has an absolute name, a name with ``..``
            or anything but files and directories. The directory then holds what came before.
    """
    try:
        with tarfile.open(archive, "r:") as tar:
            total = 0
            for count, member in enumerate(tar):
                total += member.size
                if count >= _MAX_MEMBERS or total > max_bytes:
                    raise InvalidArgumentError(
                        f"{archive.name} unpacks to more than {_MAX_MEMBERS} files or {max_bytes} bytes"
                    )
                _unpack_member(tar, member, directory)
    except tarfile.TarError as error:
        raise InvalidArgumentError(f"{archive.name} is not a whole tar archive: {error}") from error


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, directory: Path) -> None:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or "\\" in member.name or ":" in member.name:
        raise InvalidArgumentError(f"the archive has a member named {member.name!r}, which leaves the directory")
    target = directory.joinpath(*name.parts)
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    source = tar.extractfile(member) if member.isreg() else None
    if source is None:
        raise InvalidArgumentError(f"the archive has a member {member.name!r} that is neither file nor directory")
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("xb") as stream:
        shutil.copyfileobj(source, stream)
    if target.stat().st_size != member.size:
        raise InvalidArgumentError(f"the archive ends in the middle of {member.name!r}")
