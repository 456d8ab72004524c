"""A build against the official C++ library of Paddle Inference: a folder laid out like its archive.

The archive is in no package index, so the libraries are those of Paddle's wheel, but for one thing: the wheel's main
library is a Python module, and so libpython stands among the third-party libraries here.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import hrnet_native
from support.consumer import TOOLS, build_consumer, configure, run

pytestmark = pytest.mark.slow  # the library is built once more

# What the archive has in paddle/lib; all other libraries of the wheel are third_party/install's there.
PADDLES_OWN = ("libcommon.so", "libphi.so", "libphi_core.so")
VERSION = "Paddle version: 3.3.1\nGIT COMMIT ID: 0\nWITH_MKL: ON\nWITH_ONEDNN: ON\nWITH_GPU: OFF\n"


@pytest.fixture(scope="module")
def archive(paddle_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "paddle_inference"
    own, third_party = folder / "paddle" / "lib", folder / "third_party" / "install"
    own.mkdir(parents=True)
    (folder / "version.txt").write_text(VERSION)
    (folder / "paddle" / "include").symlink_to(paddle_directory / "include")
    for library in (paddle_directory / "libs").iterdir():
        place = own if library.name in PADDLES_OWN else third_party / library.name.split(".")[0] / "lib"
        place.mkdir(parents=True, exist_ok=True)
        (place / library.name).symlink_to(library)
    main = own / "libpaddle_inference.so"
    shutil.copy(paddle_directory / "base" / "libpaddle.so", main)
    subprocess.run([TOOLS / "patchelf", "--set-soname", main.name, "--remove-rpath", main], check=True)
    python = third_party / "python" / "lib"
    python.mkdir(parents=True)
    name = sysconfig.get_config_var("INSTSONAME")
    (python / name).symlink_to(Path(sysconfig.get_config_var("LIBDIR"), name))
    return folder


@pytest.fixture(scope="module")
def program(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_consumer(tmp_path_factory.mktemp("program"), f"-DPADDLE_INFERENCE_DIR={archive}")


def test_the_program_predicts_with_the_archives_libraries(
    program: Path, archive: Path, default_paddle_model: Path, photographs: list[Path]
) -> None:
    """It finds them where they lie: neither HRNET_NATIVE_PADDLE_DIR nor LD_LIBRARY_PATH is set."""
    environment = {"LD_DEBUG": "libs", "LD_DEBUG_OUTPUT": str(program.parent / "loaded")}
    with hrnet_native.Predictor(default_paddle_model, backend="onednn") as predictor:
        for path in photographs[:2]:
            rows = [line.split() for line in run(program, default_paddle_model, path, **environment).splitlines()]
            expected = predictor.predict(path)
            assert tuple(int(row[0]) for row in rows) == expected.class_ids
            assert tuple(float(np.float32(row[1])) for row in rows) == expected.scores
    loaded = "".join(file.read_text() for file in program.parent.glob("loaded.*"))
    assert f"calling init: {archive / 'paddle' / 'lib' / 'libpaddle_inference.so'}" in loaded
    assert "libpaddle.so" not in loaded


def test_an_archive_without_its_version_is_refused(archive: Path, tmp_path: Path) -> None:
    copy = Path(
        shutil.copytree(archive, tmp_path / "archive", symlinks=True, ignore=shutil.ignore_patterns("third_party"))
    )
    (copy / "version.txt").write_text("GIT COMMIT ID: 0\n")
    with pytest.raises(AssertionError, match=r'version.txt\s+with "Paddle version: "'):
        configure(tmp_path / "build", f"-DPADDLE_INFERENCE_DIR={copy}")
