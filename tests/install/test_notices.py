"""The licence, and the notices of what wheels carry of others, without building a wheel."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

import hrnet_native
from install.notices import NAME, grafted, notices_of, without_notice
from install.wheels import PADDLES, RUNTIMES
from support.paths import ROOT

PACKAGES = Path(sysconfig.get_path("purelib"))


def _libraries_to_graft() -> list[Path]:
    """What the built library needs of the system, but for the runtimes that wheels count on."""
    built = next(Path(hrnet_native._core.__file__).parent.glob("libhrnet_native.so"))
    needed = re.findall(r"=> (/\S+)", subprocess.run(["ldd", built], capture_output=True, text=True, check=True).stdout)
    return [Path(path).resolve() for path in needed if not RUNTIMES.fullmatch(Path(path).name)]


def _as_grafted(library: Path) -> str:
    stem, _, suffix = library.name.partition(".")
    return f"hrnet_native.libs/{stem}-{hashlib.sha256(library.read_bytes()).hexdigest()[:8]}.{suffix}"


def _wheel(path: Path, notices: str, *libraries: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"hrnet_native-1.dist-info/licenses/{NAME}", notices)
        for library in (*libraries, "hrnet_native/libhrnet_native.so"):
            archive.writestr(library, b"")
    return path


def test_all_that_would_be_put_into_a_wheel_has_its_notice(tmp_path: Path) -> None:
    libraries = [_as_grafted(library) for library in _libraries_to_graft()]
    assert len(libraries) >= 5
    assert not [name for name in libraries if name.endswith(PADDLES)]
    notices = notices_of(libraries, PACKAGES)
    wheel = _wheel(tmp_path / "a.whl", notices, *libraries)
    assert grafted(wheel) == libraries
    assert without_notice(wheel) == []
    for holder in ("Thomas G. Lane", "Glenn Randers-Pehrson", "Google", "Jesse Beder", "OpenSSL Project Authors"):
        assert holder in notices
    for compiled_in in ("Niels Lohmann", "Wenzel Jakob", "PaddlePaddle Authors", "Princeton University"):
        assert compiled_in in notices


def test_a_library_without_a_notice_is_found(tmp_path: Path) -> None:
    first, second = (_as_grafted(library) for library in _libraries_to_graft()[:2])
    wheel = _wheel(tmp_path / "a.whl", notices_of([first], PACKAGES), first, second)
    assert without_notice(wheel) == [second]


def test_a_library_of_no_package_has_no_notice() -> None:
    (first, *_) = _libraries_to_graft()
    stem, _, suffix = first.name.partition(".")
    for name in (f"{stem}-00000000.{suffix}", "libnobody-00000000.so.1"):
        with pytest.raises(SystemExit, match=f"libs/{name} is no file of a Debian package"):
            notices_of([f"hrnet_native.libs/{name}"], PACKAGES)
    with pytest.raises(SystemExit, match="is not named as auditwheel names libraries"):
        notices_of([f"hrnet_native.libs/{first.name}"], PACKAGES)


def test_the_licence_is_apaches_own_and_installed() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text == Path("/usr/share/common-licenses/Apache-2.0").read_text()
    package = importlib.metadata.distribution("hrnet_native")
    assert package.metadata["License-Expression"] == "Apache-2.0"
    assert package.metadata.get_all("License-File") == ["LICENSE"]
    assert package.read_text("licenses/LICENSE") == text


def test_the_source_distribution_has_the_licences(tmp_path: Path) -> None:
    code = f"import scikit_build_core.build as b; b.build_sdist({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    (archive,) = tmp_path.iterdir()
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert {"LICENSE", "third_party/licenses/wordnet.txt", "third_party/licenses/paddleclas.txt"} <= names
