"""A C++ program on the installed CMake package gives Python's answer; a wheel works outside the source tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pybind11
import pytest
import tomllib

import hrnet_native
from hrnet_native.bundle.probe import probe_input
from support.consumer import TOOLS, build_consumer, build_folder, definitions, run
from support.damage import recompute_hashes
from support.paths import ROOT

pytestmark = pytest.mark.slow  # most need the library built once more, or a wheel


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example program, built against an installed copy of the library."""
    return build_consumer(tmp_path_factory.mktemp("consumer"))


@pytest.fixture(scope="module")
def installed_static(consumer: Path) -> Path:
    """The program with the library in it, installed into the library's prefix, where it finds the plugin."""
    programs = consumer.parents[1] / "prefix" / "bin"
    programs.mkdir()
    return Path(shutil.copy2(consumer.with_name("classify_static"), programs))


@pytest.fixture(params=["shared", "static"])
def program(request: pytest.FixtureRequest, consumer: Path, installed_static: Path) -> Path:
    return consumer if request.param == "shared" else installed_static


@pytest.mark.parametrize("engine", ["native", "onednn"])
def test_cpp_and_python_scores_are_the_same_bits(
    engine: str,
    consumer: Path,
    program: Path,
    paddle_directory: Path,
    default_directory: Path,
    default_paddle_model: Path,
    photographs: list[Path],
) -> None:
    """The program takes the engine that the model's files are for, and finds Paddle only if it is that.

    Both libraries decode by the same objects: of the static one two images tell enough.
    """
    model = default_directory if engine == "native" else default_paddle_model
    environment = {} if engine == "native" else {"HRNET_NATIVE_PADDLE_DIR": str(paddle_directory)}
    with hrnet_native.Predictor(model, backend=engine) as predictor:
        for path in photographs[: 8 if program == consumer else 2]:
            expected = predictor.predict(path)
            output = run(program, model, path, **environment)
            rows = [line.split() for line in output.splitlines()]
            assert tuple(int(row[0]) for row in rows) == expected.class_ids
            assert tuple(float(np.float32(row[1])) for row in rows) == expected.scores
            assert tuple(row[2] for row in rows) == expected.label_names


def classify(program: Path, model: Path, image: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Called by its name alone, as a shell calls what it finds in PATH."""
    command, variables = [program.name, str(model), str(image)], os.environ | environment
    return subprocess.run(
        command, executable=program, capture_output=True, text=True, check=False, env=variables, timeout=120
    )


def test_an_error_of_the_paddle_engine_is_the_librarys(
    program: Path, paddle_directory: Path, default_paddle_model: Path, tmp_path: Path, cat: Path
) -> None:
    """The library goes on to the next backend, and the program catches nothing but the library's class."""
    damaged = Path(shutil.copytree(default_paddle_model, tmp_path / "damaged"))
    for name in ("inference.json", "inference.pdiparams"):
        (damaged / name).write_bytes((damaged / name).read_bytes()[:1000])
    recompute_hashes(damaged)  # so that Paddle sees it
    done = classify(program, damaged, cat, HRNET_NATIVE_PADDLE_DIR=str(paddle_directory))
    assert done.returncode == 1
    assert done.stderr.startswith("classify: Paddle does not load")


def test_a_program_with_the_library_in_it_says_where_it_looked_for_the_plugin(
    consumer: Path, paddle_directory: Path, default_paddle_model: Path, cat: Path
) -> None:
    """Where it was built there is none; a variable names the one that is installed, whatever the library is part of."""
    program = consumer.with_name("classify_static")
    name = "libhrnet_native_paddle.so"
    paddle = {"HRNET_NATIVE_PADDLE_DIR": str(paddle_directory)}
    done = classify(program, default_paddle_model, cat, **paddle)
    assert done.returncode == 1
    for place in (program.parent / name, program.parents[1] / "lib" / name):
        assert str(place) in done.stderr
    installed = consumer.parents[1] / "prefix" / "lib" / name
    done = classify(program, default_paddle_model, cat, HRNET_NATIVE_PADDLE_PLUGIN=str(installed), **paddle)
    assert done.stdout.split()[2] == "cat"
    for linked in (program, consumer):
        done = classify(linked, default_paddle_model, cat, HRNET_NATIVE_PADDLE_PLUGIN="/no/such.so", **paddle)
        assert done.returncode == 1
        assert "HRNET_NATIVE_PADDLE_PLUGIN=/no/such.so is no file" in done.stderr


def test_the_plugin_is_beside_a_library_with_a_relative_path(
    consumer: Path, paddle_directory: Path, default_paddle_model: Path, cat: Path
) -> None:
    prefix = consumer.parents[1] / "prefix"
    environment = os.environ | {"HRNET_NATIVE_PADDLE_DIR": str(paddle_directory), "LD_LIBRARY_PATH": "lib"}
    command = (consumer, default_paddle_model, cat)
    done = subprocess.run(command, cwd=prefix, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split()[2] == "cat"


def test_only_the_static_library_needs_the_image_libraries(consumer: Path, tmp_path: Path) -> None:
    """Where CMake finds no libjpeg, the shared library is found, and why the other is not is said."""
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES CXX)\n"
        "foreach(component IN ITEMS static other shared)\n"
        "  find_package(hrnet_native COMPONENTS ${component})\n"
        '  message(STATUS "${component}: ${hrnet_native_FOUND} ${hrnet_native_PADDLE_PLUGIN}")\n'
        "endforeach()\n"
        "get_target_property(file hrnet_native::hrnet_native LOCATION)\n"
        'message(STATUS "library: ${file}")\n'
    )
    prefix = consumer.parents[1] / "prefix"
    options = (f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_DISABLE_FIND_PACKAGE_JPEG=ON")
    done = subprocess.run(
        [TOOLS / "cmake", "-S", tmp_path, "-B", tmp_path / "build", *options],
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    plugin = prefix / "lib" / "libhrnet_native_paddle.so"
    assert f"-- static: 0 {plugin}" in said
    assert f"-- other: 0 {plugin}" in said
    assert f"-- shared: 1 {plugin}" in said
    assert f"-- library: {prefix / 'lib' / 'libhrnet_native.so'}" in said
    assert "the component static needs, and did not find: JPEG" in done.stderr


def test_the_program_of_the_cold_start_benchmark_answers(
    consumer: Path, paddle_directory: Path, default_paddle_model: Path, tmp_path: Path
) -> None:
    prefix = f"-DCMAKE_PREFIX_PATH={consumer.parents[1] / 'prefix'}"
    run("cmake", "-S", ROOT / "benchmarks" / "cold_start", "-B", tmp_path / "build", "-G", "Ninja", prefix)
    run("cmake", "--build", tmp_path / "build")
    program = tmp_path / "build" / "hrnet_native_first_answer"
    files = tmp_path / "input.f32", tmp_path / "output.f32"
    with hrnet_native.Predictor(default_paddle_model, backend="onednn") as predictor:
        image = probe_input(1, (1, *predictor.input_shape))
        image.tofile(files[0])
        said = run(program, default_paddle_model, *files, "onednn", HRNET_NATIVE_PADDLE_DIR=str(paddle_directory))
        assert said == "answered\n"
        np.testing.assert_array_equal(np.fromfile(files[1], np.float32), predictor.infer(image)[0])


def test_the_programs_of_the_overhead_benchmark_give_the_same_bits(
    consumer: Path, paddle_directory: Path, small_model: Path, tmp_path: Path
) -> None:
    """`Predictor::Infer`, and Paddle alone with the settings that the engine is said to have."""
    sources = ROOT / "benchmarks" / "paddle_overhead"
    prefix = f"-DCMAKE_PREFIX_PATH={consumer.parents[1] / 'prefix'}"
    run("cmake", "-S", sources, "-B", tmp_path, "-G", "Ninja", prefix, f"-DPython_EXECUTABLE={sys.executable}")
    run("cmake", "--build", tmp_path)
    image = tmp_path / "input.f32"
    probe_input(1, (2, 3, 64, 64)).tofile(image)
    answers = []
    for program in ("bare_paddle_runs", "predictor_runs"):
        answer = tmp_path / f"{program}.f32"
        done = subprocess.run(
            [str(part) for part in (tmp_path / program, small_model, image, answer, 2, 1)],
            input="run 1\ncount 2\n",
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"HRNET_NATIVE_PADDLE_DIR": str(paddle_directory)},
        )
        *replies, last = done.stdout.splitlines()
        assert last == "answered"
        assert [len(json.loads(reply).get("ms", [])) for reply in replies] == [0, 1, 2]
        answers.append(answer.read_bytes())
    assert answers[0] == answers[1]


def test_cpp_errors_are_messages(program: Path, default_directory: Path, paddle_directory: Path) -> None:
    for arguments, words in (
        ((default_directory, "/no/such.jpg"), "no such file"),
        (("/no/such/model", "/no/such.jpg"), "no such model directory"),
    ):
        environment = os.environ | {"HRNET_NATIVE_PADDLE_DIR": str(paddle_directory)}
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 1
        assert words in done.stderr


def test_without_paddle_the_error_says_what_is_needed(program: Path, default_paddle_model: Path, cat: Path) -> None:
    done = subprocess.run([program, default_paddle_model, cat], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "paddlepaddle==3.3.1" in done.stderr


def test_a_wheel_works_outside_the_source_tree(tmp_path: Path, cat: Path) -> None:
    """Builds from the sources with isolation, as `pip install .` does, into an environment of its own."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    # The headers that isolation installs are these, in a folder of another name each time, which ccache never met.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert f"pybind11=={pybind11.__version__}" in project["build-system"]["requires"]
    defined = definitions() | {"pybind11_DIR": pybind11.get_cmake_dir()}
    with build_folder() as build:
        settings = {"build-dir": build, "cmake.build-type": defined.pop("CMAKE_BUILD_TYPE")}
        settings |= {f"cmake.define.{name}": value for name, value in defined.items()}
        options = [f"--config-settings={name}={value}" for name, value in settings.items()]
        # Paddle is unpacked twice: neither copy is worth compiling. "0" is how pip spells --no-compile in a variable.
        run(python, "-m", "pip", "install", "-q", *options, f"{ROOT}[paddle]", PIP_NO_COMPILE="0")
    answer = run(environment / "bin" / "hrnet-native", "predict", cat, "--json", "--top-k", 1)
    assert '"label_names": ["cat"]' in answer
    run(
        python,
        "-c",
        "import hrnet_native, pathlib as p; assert (p.Path(hrnet_native.__file__).parent / 'py.typed').exists()",
    )


def test_another_paddle_is_refused_with_both_versions(default_paddle_model: Path, tmp_path: Path) -> None:
    """The plugin meets a library of Paddle's name that says it is another version; nothing else of it is called."""
    base = tmp_path / "paddle" / "base"
    base.mkdir(parents=True)
    source = tmp_path / "paddle.cc"
    source.write_text(
        "#include <string>\n"
        "namespace paddle_infer { std::string GetVersion(); }\n"
        'std::string paddle_infer::GetVersion() { return "version: 2.6.2\\n"; }\n'
    )
    run("g++", "-shared", "-fPIC", "-Wl,-soname,libpaddle.so", "-o", base / "libpaddle.so", source)
    code = f"import hrnet_native; hrnet_native.Predictor({str(default_paddle_model)!r}, backend='onednn')"
    environment = os.environ | {"HRNET_NATIVE_PADDLE_DIR": str(base.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert "UnsupportedError: the Paddle engine was built for Paddle 3.3.1 but found version: 2.6.2" in done.stderr


def test_another_paddle_that_does_not_load_is_named(default_paddle_model: Path, tmp_path: Path) -> None:
    """Paddle 2.6's libraries and a plugin for 3.3 do not even load together: the package's own word is read."""
    version = tmp_path / "paddle" / "version"
    version.mkdir(parents=True)
    (version / "__init__.py").write_text("full_version    = '2.6.2'\nmajor           = '2'\n")
    code = f"import hrnet_native; hrnet_native.Predictor({str(default_paddle_model)!r}, backend='cpu')"
    environment = os.environ | {"HRNET_NATIVE_PADDLE_DIR": str(version.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert "UnsupportedError: the Paddle engine was built for Paddle 3.3.1 but found version: 2.6.2" in done.stderr


_PLUGIN_OF_0_0_9 = (
    'extern "C" const char* hrnet_native_paddle_plugin_version() { return "0.0.9"; }\n'
    'extern "C" void hrnet_native_load_paddle_model() {}\n'
)


@pytest.mark.parametrize(
    ("symbols", "words"),
    [
        (_PLUGIN_OF_0_0_9, f"is of version 0.0.9; expected {hrnet_native.__version__}"),
        ("", "is not the Paddle engine"),
    ],
)
def test_a_plugin_of_another_version_is_not_called(
    symbols: str, words: str, default_paddle_model: Path, tmp_path: Path
) -> None:
    source, plugin = tmp_path / "plugin.cc", tmp_path / "plugin.so"
    source.write_text(symbols)
    run("g++", "-shared", "-fPIC", "-o", plugin, source)
    code = f"import hrnet_native; hrnet_native.Predictor({str(default_paddle_model)!r}, backend='onednn')"
    environment = os.environ | {"HRNET_NATIVE_PADDLE_PLUGIN": str(plugin)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert f'UnsupportedError: "{plugin}" {words}' in done.stderr


def test_a_wrong_paddle_directory_is_named(default_paddle_model: Path) -> None:
    code = f"import hrnet_native; hrnet_native.Predictor({str(default_paddle_model)!r}, backend='onednn')"
    environment = os.environ | {"HRNET_NATIVE_PADDLE_DIR": "/no/such/paddle"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert "UnsupportedError: HRNET_NATIVE_PADDLE_DIR=/no/such/paddle holds no usable Paddle" in done.stderr
