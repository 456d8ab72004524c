"""A model's files are data: verified, confined to their directory, from memory, and harmless when damaged."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import hrnet_native
from hrnet_native import ModelLoadError, Predictor
from hrnet_native.bundle.inference_yml import dump_inference_yml
from support.damage import damaged, recompute_hashes

FILES = ["inference.json", "inference.pdiparams", "native.safetensors", "inference.yml"]
BACKENDS = {"inference.json": "onednn", "inference.pdiparams": "onednn", "native.safetensors": "native"}


@pytest.fixture
def bundle(small_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_model, tmp_path / "bundle"))


def test_the_bundle_has_these_files(small_model: Path, small_pdmodel: Path) -> None:
    assert sorted(p.name for p in small_model.iterdir()) == sorted(FILES)
    assert (small_pdmodel / "inference.pdmodel").is_file()


@pytest.mark.parametrize("name", FILES)
def test_damage_is_found_by_the_hashes(bundle: Path, name: str) -> None:
    whole = (bundle / name).read_bytes()
    for seed in range(25):
        (bundle / name).write_bytes(damaged(whole, seed))
        with pytest.raises(ModelLoadError):
            Predictor(bundle, backend=BACKENDS.get(name, "native"))


def test_the_message_has_both_hashes(bundle: Path) -> None:
    expected = yaml.safe_load((bundle / "inference.yml").read_text())["hrnet_native"]["sha256"]["native.safetensors"]
    with (bundle / "native.safetensors").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(
        ModelLoadError, match=rf"native\.safetensors.* SHA-256 is [0-9a-f]{{64}}, .* expects {expected}"
    ):
        Predictor(bundle)


def test_a_file_that_no_hash_vouches_for(bundle: Path) -> None:
    path = bundle / "inference.yml"
    config = yaml.safe_load(path.read_text())
    del config["hrnet_native"]["sha256"]["native.safetensors"]
    dump_inference_yml(config, path)
    with pytest.raises(ModelLoadError, match=r'none of "native\.safetensors"'):
        Predictor(bundle)
    Predictor(bundle, backend="onednn").close()  # which does not read it


def test_a_configuration_that_was_changed(bundle: Path) -> None:
    path = bundle / "inference.yml"
    whole = path.read_text()
    path.write_text(whole.replace("red", "rad"))
    with pytest.raises(ModelLoadError, match=r"inference\.yml.*not what was exported.*first line"):
        Predictor(bundle)
    path.write_text(whole.split("\n", 1)[1])
    with pytest.raises(ModelLoadError, match="first line"):
        Predictor(bundle)
    config = yaml.safe_load(whole)
    del config["hrnet_native"]["sha256"]  # the way that the message tells
    path.write_text(yaml.safe_dump(config))
    Predictor(bundle).close()


def test_verification_can_be_left_out(bundle: Path) -> None:
    path = bundle / "inference.yml"
    path.write_text(path.read_text().replace("red", "rad"))
    with Predictor(bundle, verify=False) as predictor:
        assert predictor.label_names[0] == "rad"


@pytest.mark.parametrize("name", ["../inference.json", "/etc/passwd", "..", "a/b", "a\\b", "C:b", ""])
def test_hashes_name_files_of_the_bundle_only(bundle: Path, name: str) -> None:
    path = bundle / "inference.yml"
    config = yaml.safe_load(path.read_text())
    config["hrnet_native"]["sha256"][name] = "0" * 64
    dump_inference_yml(config, path)
    with pytest.raises(ModelLoadError, match="must name files in the model directory") as raised:
        Predictor(bundle)
    assert repr(name).replace("\\\\", "\\") in str(raised.value)


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64, ["0" * 64]])
def test_hashes_have_a_form(bundle: Path, digest: object) -> None:
    path = bundle / "inference.yml"
    config = yaml.safe_load(path.read_text())
    config["hrnet_native"]["sha256"]["native.safetensors"] = digest
    dump_inference_yml(config, path)
    with pytest.raises(ModelLoadError, match=r"the hash of native\.safetensors must be 64"):
        Predictor(bundle)


@pytest.mark.parametrize("name", FILES)
def test_links_are_refused(bundle: Path, name: str) -> None:
    (bundle / name).rename(bundle / "elsewhere")
    (bundle / name).symlink_to("elsewhere")
    with pytest.raises(ModelLoadError, match=f'{name}" is a link'):
        Predictor(bundle)


@pytest.mark.parametrize("model_format", ["json", "pdmodel", "native"])
def test_from_bytes(model_format: str, small_model: Path, small_pdmodel: Path, cat: Path) -> None:
    directory = small_pdmodel if model_format == "pdmodel" else small_model
    files = {p.name: p.read_bytes() for p in directory.iterdir()}
    backend = "native" if model_format == "native" else "onednn"
    with Predictor(directory, backend=backend) as predictor:
        expected = predictor.predict(cat)
    names = {"program": f"inference.{model_format}", "params": "inference.pdiparams", "config": "inference.yml"}
    if model_format == "native":
        names = {"config": "inference.yml", "native": "native.safetensors"}
    loaded = Predictor.from_bytes(
        **{argument: files[name] for argument, name in names.items()}, backend=backend, top_k=2
    )
    with loaded, loaded.clone() as clone:
        assert loaded.predict(cat).scores == expected.scores[:2]
        assert clone.predict(cat).label_names == expected.label_names[:2]


def test_from_bytes_refuses(small_model: Path) -> None:
    files = {p.name: p.read_bytes() for p in small_model.iterdir()}
    with pytest.raises(ModelLoadError, match="lacks inference"):
        Predictor.from_bytes()
    with pytest.raises(ModelLoadError, match="SHA-256"):
        Predictor.from_bytes(config=files["inference.yml"], native=files["native.safetensors"] + b"\0")
    with pytest.raises(ValueError, match="top_k"):
        Predictor.from_bytes(config=files["inference.yml"], native=files["native.safetensors"], top_k=0)


@pytest.mark.parametrize("ending", ["p.close(); del p", "os._exit(0)"])
@pytest.mark.parametrize("backend", ["native", "onednn"])
def test_from_bytes_leaves_nothing_behind(small_model: Path, tmp_path: Path, backend: str, ending: str) -> None:
    script = (
        "import os, pathlib, hrnet_native, sys\n"
        f"f = {{p.name: p.read_bytes() for p in pathlib.Path({str(small_model)!r}).iterdir()}}\n"
        "before = len(os.listdir('/proc/self/fd'))\n"
        "p = hrnet_native.Predictor.from_bytes(f['inference.json'], f['inference.pdiparams'], f['inference.yml'],\n"
        f"                                      native=f['native.safetensors'], backend={backend!r})\n"
        f"assert not os.listdir({str(tmp_path)!r})\n"
        "assert len(os.listdir('/proc/self/fd')) == before or p.backend != 'native'  # Paddle opens files of its own\n"
        f"{ending}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())


def test_from_bytes_without_descriptors(small_model: Path, tmp_path: Path) -> None:
    script = (
        "import os, pathlib, hrnet_native, resource, sys\n"
        f"f = {{p.name: p.read_bytes() for p in pathlib.Path({str(small_model)!r}).iterdir()}}\n"
        "native = {'config': f['inference.yml'], 'native': f['native.safetensors']}\n"
        "paddle = {'program': f['inference.json'], 'params': f['inference.pdiparams'], 'backend': 'onednn'}\n"
        "hrnet_native.Predictor.from_bytes(**paddle, config=f['inference.yml']).close()  # its libraries are open now\n"
        "used = len(os.listdir('/proc/self/fd'))\n"
        "hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "for spare in range(8):\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (used + spare - 1, hard))\n"
        "    try:\n"
        "        hrnet_native.Predictor.from_bytes(**paddle, config=f['inference.yml']).close()\n"
        "    except hrnet_native.Error as error:\n"
        "        print(type(error).__name__)\n"
        "hrnet_native.Predictor.from_bytes(**native).close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("UnsupportedError\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{}", None])
def test_a_file_that_is_changed_in_place_is_an_error_and_not_an_answer(bundle: Path, content: bytes | None) -> None:
    path = bundle / "native.safetensors"
    whole = path.read_bytes()
    with Predictor(bundle, backend="native", max_batch_size=8) as predictor:
        inputs = np.zeros((8, *predictor.input_shape), np.float32)
        answer = predictor.infer(inputs[:1])
        path.write_bytes(bytes(len(whole)) if content is None else content)
        with pytest.raises(hrnet_native.InferenceError, match="replaced by renaming"):
            predictor.infer(inputs)
        np.testing.assert_array_equal(predictor.infer(inputs[:1]), answer)  # packed already
    path.write_bytes(whole)
    with Predictor(bundle, backend="native", max_batch_size=8) as predictor:
        (bundle / "other").write_bytes(b"another model")
        (bundle / "other").replace(path)
        np.testing.assert_allclose(predictor.infer(inputs), np.repeat(answer, 8, axis=0), atol=1e-5)


@pytest.mark.parametrize("name", ["native.safetensors", "inference.yml"])
def test_damage_with_hashes_recomputed_is_an_error_or_an_answer(bundle: Path, cat: Path, name: str) -> None:
    whole = (bundle / name).read_bytes()
    sealed = (bundle / "inference.yml").read_bytes()
    outcomes = set()
    for seed in range(60):
        (bundle / "inference.yml").write_bytes(sealed)
        (bundle / name).write_bytes(damaged(whole, seed))
        recompute_hashes(bundle)
        try:
            with Predictor(bundle, backend="native", top_k=4) as predictor:
                assert len(predictor.predict(cat).scores) == predictor.num_classes == 4
                outcomes.add("answer")
        except (ModelLoadError, hrnet_native.UnsupportedError, hrnet_native.InvalidImageError):
            outcomes.add("error")
    assert "error" in outcomes


def test_no_pickle_is_read_at_prediction(small_model: Path, cat: Path) -> None:
    """Every unpickler that finds a class raises an audit event; the others of Python are made to fail."""
    script = (
        "import pickle, _pickle, sys, numpy, hrnet_native\n"
        "def refuse(*_, **__): raise SystemExit('a pickle was read')\n"
        "sys.addaudithook(lambda event, _: refuse() if event.startswith('pickle.') else None)\n"
        "for module in (pickle, _pickle):\n"
        "    for name in ('load', 'loads', 'Unpickler'): setattr(module, name, refuse)\n"
        "pickle._Unpickler = numpy.load = refuse\n"
        "for backend in ('native', 'onednn'):\n"
        f"    with hrnet_native.Predictor({str(small_model)!r}, backend=backend) as p: p.predict({str(cat)!r})\n"
        "ours = [m for n, m in sys.modules.items() if n.startswith('hrnet_native')]\n"
        "assert not [m for m in ours for v in vars(m).values() if v is pickle]\n"
        "assert not [n for n in sys.modules if n.startswith('hrnet_native.weights')]\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
