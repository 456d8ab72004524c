"""``hrnet-native doctor``: what it finds, and what it says about what is not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hrnet_native
from hrnet_native._core import instruction_set
from hrnet_native._system_libraries import find_paddle, missing_libraries, paddle_libraries, where_to_get
from hrnet_native.cli.main import main


def test_doctor_says_what_is_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", str(tmp_path))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "w").write_bytes(bytes(2_500_000))
    monkeypatch.setenv("HRNET_NATIVE_ISA", "scalar")
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["hrnet_native"] == hrnet_native.__version__
    assert found["paddlepaddle"] == "3.3.1"
    assert found["instruction set"] == "scalar (HRNET_NATIVE_ISA)"
    assert Path(found["Paddle"]).joinpath("base", "libpaddle.so").is_file()
    assert found["system libraries"] == "all that Paddle needs are there"
    assert found["cache"] == f"{tmp_path} (2.5 MB)"
    with hrnet_native.Predictor() as predictor:
        assert found[f"backend {predictor.backend}"].startswith("works")
    assert found["backend openvino"] == "works (a model of two layers)"
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:23].strip() for line in lines] == list(found)


def test_doctor_names_a_wrong_instruction_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRNET_NATIVE_ISA", "mmx")
    main(["doctor", "--json"])
    assert "not 'mmx'" in json.loads(capsys.readouterr().out)["instruction set"]
    monkeypatch.delenv("HRNET_NATIVE_ISA")
    assert instruction_set() in ("scalar", "avx2", "avx512", "neon")


def test_doctor_names_missing_system_libraries(tmp_path: Path) -> None:
    """A library of Paddle's name that needs one which is gone, through another of its own folder."""
    base, libs = tmp_path / "paddle" / "base", tmp_path / "paddle" / "libs"
    base.mkdir(parents=True)
    libs.mkdir()
    source = tmp_path / "empty.cc"
    source.write_text("")
    build = ["g++", "-shared", "-fPIC", "-Wl,--no-as-needed", str(source)]
    for path, needed in (
        (tmp_path / "libgone.so.1", []),
        (libs / "libphi.so", [tmp_path / "libgone.so.1"]),
        (base / "libpaddle.so", [libs / "libphi.so"]),
    ):
        own = ["-o", str(path), f"-Wl,-soname,{path.name}", f"-Wl,-rpath,{libs}", *map(str, needed)]
        subprocess.run([*build, *own], check=True)
    assert missing_libraries(paddle_libraries(base.parent)) == ["libgone.so.1"]
    environment = os.environ | {"HRNET_NATIVE_PADDLE_DIR": str(base.parent)}
    command = [sys.executable, "-m", "hrnet_native", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    found = json.loads(done.stdout)
    assert found["system libraries"] == "missing: libgone.so.1"
    assert found["Paddle"] == str(base.parent)
    assert "fails" in found["backend onednn"]
    assert done.returncode == (0 if "works" in done.stdout else 1)


def test_doctor_knows_the_packages_of_what_paddle_needs() -> None:
    assert where_to_get("libgomp.so.1") == "libgomp.so.1 (Debian: libgomp1, Fedora: libgomp)"
    assert where_to_get("libfoo.so") == "libfoo.so"
    paddle = find_paddle()
    assert paddle is not None
    own = paddle_libraries(paddle)
    listing = subprocess.run(["ldd", *own], capture_output=True, text=True, check=True).stdout
    needed = {line.split()[0] for line in listing.splitlines() if "=>" in line} - {path.name for path in own}
    # Everything that is neither Paddle's own nor the C library's has a package in the table, and in docs/install.md.
    c_library = {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0"}
    unnamed = {name for name in needed - c_library if where_to_get(name) == name}
    assert unnamed == set()
