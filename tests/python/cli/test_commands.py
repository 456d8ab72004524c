"""The command, as a user runs it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from hrnet_native import InvalidArgumentError, NotFoundError, Predictor, TensorRtOptions
from hrnet_native.cli import options
from hrnet_native.cli.main import build_parser, main
from hrnet_native.evaluation.accuracy import evaluate
from hrnet_native.models import list_models


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str], str]:
    """Exit code, lines of stdout, and stderr."""
    code = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return code, captured.out.splitlines(), captured.err


def test_the_installed_command_answers_in_json(cat: Path) -> None:
    command = Path(sys.executable).with_name("hrnet-native")
    done = subprocess.run([command, "predict", cat, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert set(answer) == {"filename", "class_ids", "scores", "label_names"}
    assert answer["filename"] == str(cat)
    assert answer["label_names"][0] == "cat"
    assert len(answer["scores"]) == 5
    assert done.stderr == ""


def test_text_names_the_classes(capsys: pytest.CaptureFixture[str], cat: Path) -> None:
    code, lines, _ = run(capsys, "predict", cat, "--top-k", 2)
    assert code == 0
    assert lines[0] == str(cat)
    assert lines[1].split()[-1] == "cat"
    assert len(lines) == 3


def test_every_input_gets_a_line(capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "deep" / "deeper").mkdir(parents=True)
    shutil.copy(cat, tree / "deep" / "deeper" / "a.JPG")
    (tree / "b.png").write_text("a text file")
    (tree / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    missing = tmp_path / "missing.jpg"
    code, lines, _ = run(capsys, "predict", tree, tmp_path / "empty", missing, cat, "--json")
    assert code == 1
    answers = {answer["filename"]: answer for answer in map(json.loads, lines)}
    assert len(lines) == len(answers) == 5
    assert answers[str(tree / "b.png")]["error"]["type"] == "InvalidImageError"
    assert "suffixes" in answers[str(tmp_path / "empty")]["error"]["message"]
    assert answers[str(missing)]["error"]["type"] == "NotFoundError"
    for served in (tree / "deep" / "deeper" / "a.JPG", cat):
        assert answers[str(served)]["label_names"][0] == "cat"


def test_errors_go_to_stderr_in_text(capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path) -> None:
    code, lines, err = run(capsys, "predict", tmp_path / "missing.jpg", cat)
    assert code == 1
    assert lines[0] == str(cat)
    assert "missing.jpg: NotFoundError" in err


def test_file_names_are_bytes(cat: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xe7\xff caf\xc3\xa9.jpg")
    shutil.copy(cat, tmp_path / name)
    command = Path(sys.executable).with_name("hrnet-native")
    text = subprocess.run([command, "predict", tmp_path / name], capture_output=True, check=True)
    assert os.fsencode(tmp_path / name) in text.stdout
    answer = subprocess.run([command, "predict", tmp_path, "--json"], capture_output=True, check=True)
    assert json.loads(answer.stdout)["filename"] == str(tmp_path / name)


def test_a_directory_stands_for_images_of_all_formats(
    capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path
) -> None:
    pixels = cv2.imread(str(cat))
    names = ["a.webp", "b.BMP", "c.png", "d.jpeg"]
    for name in names:
        assert cv2.imwrite(str(tmp_path / name.lower()), pixels)
        (tmp_path / name.lower()).rename(tmp_path / name)
    code, lines, _ = run(capsys, "predict", tmp_path, "--json")
    assert code == 0
    answers = [json.loads(line) for line in lines]
    assert [Path(answer["filename"]).name for answer in answers] == names
    assert {answer["label_names"][0] for answer in answers} == {"cat"}


def test_a_backend_is_told_when_it_is_not_the_usual_one(
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    cat: Path,
    small_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(capsys, "predict", cat)[2] == ""
    assert caplog.text == ""
    assert run(capsys, "predict", cat, "--verbose")[0] == 0
    assert "backend native was chosen: the fastest that runs this model" in caplog.text

    (tmp_path / "cache").touch()  # where a compiled model would be kept
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", str(tmp_path / "cache"))
    theirs = shutil.copytree(small_model, tmp_path / "m", ignore=shutil.ignore_patterns("native.safetensors"))
    assert run(capsys, "predict", cat, "--model", theirs)[2] == "hrnet-native: backend onednn was chosen\n"
    assert run(capsys, "predict", cat, "--model", theirs, "--backend", "onednn")[2] == ""


@pytest.mark.parametrize("command", ["predict", "eval"])
def test_the_options_of_a_predictor_reach_it(
    command: str, capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}

    def predictor(model: Path | None, device: str, **arguments: object) -> None:
        given.update(arguments, model=model, device=device)
        raise NotFoundError("seen")

    monkeypatch.setattr(options, "Predictor", predictor)
    where = [cat] if command == "predict" else ["--data", tmp_path]
    chosen = ["--device", "gpu", "--precision", "fp16", "--exif", "ignore", "--fast-decode", "--device-id", 3]
    assert (
        run(capsys, command, *where, *chosen, "--workspace-mb", 77, "--cache-dir", tmp_path, "--strict-budget")[0] == 1
    )
    assert given | {"tensorrt": None} == {
        "model": None,
        "device": "gpu",
        "backend": "auto",
        "precision": "fp16",
        "exif": "ignore",
        "fast_decode": True,
        "memory": "normal",
        "num_threads": 0,
        "num_instances": 1,
        "strict_budget": True,
        "max_batch_size": 8,
        "device_id": 3,
        "gpu_memory_pool_mb": 256,
        "tensorrt": None,
        "cache_dir": tmp_path,
    }
    assert given["tensorrt"] == TensorRtOptions(workspace_mb=77)


def test_a_picture_is_turned_unless_exif_is_ignored(
    capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path
) -> None:
    """The photograph with an EXIF block that says: turned by a quarter."""
    tiff = b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    block = b"Exif\x00\x00" + tiff
    turned = tmp_path / "turned.jpg"
    turned.write_bytes(b"\xff\xd8\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + cat.read_bytes()[2:])
    answers = [json.loads(run(capsys, "predict", turned, *more, "--json")[1][0]) for more in ([], ["--exif", "ignore"])]
    plain = json.loads(run(capsys, "predict", cat, "--json")[1][0])
    assert answers[1]["scores"] == plain["scores"]
    assert answers[0]["scores"] != plain["scores"]


def test_another_model(capsys: pytest.CaptureFixture[str], cat: Path, small_model: Path) -> None:
    code, lines, _ = run(capsys, "predict", cat, "--model", small_model, "--backend", "cpu", "--json")
    assert code == 0
    assert sorted(json.loads(lines[0])["label_names"]) == ["blue", "green", "grey", "red"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["predict", "x.jpg", "--model", "/no/such/model"], "no such model directory"),
        (["predict", "x.jpg", "--backend", "tensorrt"], "tensorrt does not run on device cpu"),
        (["predict", "x.jpg", "--top-k", "0"], "top_k must be at least 1"),
        (["predict", "x.jpg", "--precision", "fp16"], "precision"),
        (["predict", "x.jpg", "--device", "gpu"], "CUDA"),
        (["selftest", "--runs", "0"], "runs must be at least 1, not 0"),
        (["export", "--arch", "HRNet_W18_C", "--allow-random", "-O", "num_blocks=5", "-o", "out"], "integers, not 5"),
        (["export", "--arch", "HRNet_W18_C", "--allow-random", "-O", "num_modules=3", "-o", "out"], "integers, not 3"),
        (["export", "--arch", "HRNet_W18_C", "--allow-random", "-O", "has_se=3", "-o", "out"], "true or false, not 3"),
        (["eval", "--data", "/no/such/data"], "is not a directory"),
        (["export", "--weights", "w.safetensors", "-o", "out"], "no such weights file"),
        (
            ["export", "--arch", "HRNet_W18_C", "--allow-random", "--labels", "x.txt", "-o", "out"],
            "no such labels file",
        ),
        (["train", "-c", "/no/such/recipe.yaml"], "/no/such/recipe.yaml"),
        (["export", "--arch", "HRNet_W18", "--allow-random", "-o", "out"], "did you mean HRNet_W18_C"),
        (["export", "--arch", "HRNet_W18_C", "--allow-random", "-O", "width", "-o", "out"], "key=value"),
    ],
)
def test_what_is_wrong_is_said(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    code, lines, err = run(capsys, *arguments)
    assert code == 1
    assert lines == []
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["predict"], "PATH"),
        (["classify"], "'classify'"),
        (["export", "--arch", "HRNet_W18_C", "-o", "d"], "--weights --allow-random"),
        (["build-engine"], "--model"),  # that of the package is in no format for TensorRT
        (["predict", "x.jpg", "--top-k", "99999999999"], "--top-k: 99999999999 is not between"),
        (["predict", "x.jpg", "--max-batch-size", "3000000000"], "--max-batch-size: 3000000000 is not between"),
        (["selftest", "--runs", "many"], "--runs: invalid integer value: 'many'"),
    ],
)
def test_wrong_usage_exits_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


def subparsers() -> dict[str, argparse.ArgumentParser]:
    (commands,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(commands.choices)


def test_short_options_mean_the_same_everywhere() -> None:
    meanings: dict[str, set[str]] = {}
    for command, parser in subparsers().items():
        for action in parser._actions:
            for option in action.option_strings:
                if not option.startswith("--") and (command, option) != ("train", "-o"):  # there as in PaddleClas
                    meanings.setdefault(option, set()).add(action.dest)
    assert meanings == {
        "-h": {"help"},
        "-v": {"verbose"},
        "-o": {"output"},
        "-O": {"override"},
        "-c": {"config"},
    }


@pytest.mark.parametrize("command", list(subparsers()))
def test_every_option_says_what_it_does_and_what_it_does_by_default(command: str) -> None:
    for action in subparsers()[command]._actions:
        assert action.help, action
        if action.option_strings and action.nargs != 0 and not action.required and not isinstance(action.default, list):
            in_exclusive_group = action.dest == "weights"
            assert "(default: " in action.help or in_exclusive_group, action


def test_eval_counts_through_the_core(
    capsys: pytest.CaptureFixture[str], cat: Path, small_model: Path, tmp_path: Path
) -> None:
    _, lines, _ = run(capsys, "predict", cat, "--model", small_model, "--json", "--top-k", 1)
    right = json.loads(lines[0])["label_names"][0]
    wrong = next(name for name in ("red", "green") if name != right)
    for folder, copies in ((right, 3), (wrong, 1)):
        (tmp_path / folder).mkdir()
        for i in range(copies):
            shutil.copy(cat, tmp_path / folder / f"{i}.jpg")
    code, lines, _ = run(capsys, "eval", "--data", tmp_path, "--model", small_model, "--json")
    assert code == 0
    assert json.loads(lines[0]) == {
        "num_images": 4,
        "num_failures": 0,
        "top1": 0.75,
        "top5": 1.0,
        "mean_class_top1": 0.5,
        "class_top1": {right: 1.0, wrong: 0.0},
    }
    (tmp_path / right / "broken.jpg").write_text("text")
    code, lines, err = run(capsys, "eval", "--data", tmp_path, "--model", small_model)
    assert code == 1
    assert "broken.jpg" in err
    assert any(line.split() == ["top-1", "0.6000"] for line in lines)


def test_eval_needs_images(default_predictor: Predictor) -> None:
    with pytest.raises(InvalidArgumentError, match="no samples to evaluate"):
        evaluate(default_predictor, [])


def test_eval_refuses_an_unknown_class(capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path) -> None:
    (tmp_path / "zebra").mkdir()
    shutil.copy(cat, tmp_path / "zebra")
    code, _, err = run(capsys, "eval", "--data", tmp_path)
    assert code == 1
    assert "'zebra'" in err
    assert "airplane" in err


def test_models_lists_what_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(capsys, "models")
    assert code == 0
    assert "FLOPs (10^9)" in lines[0]
    assert "MACs (10^9)" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == list_models()
    _, lines, _ = run(capsys, "models", "--json")
    first, second = json.loads(lines[0]), json.loads(lines[1])
    assert first["name"] == "HRNet_W18_C"
    assert first["gflops"] == pytest.approx(8.568)
    assert first["weights_url"].endswith("/dygraph/legendary_models/HRNet_W18_C_pretrained.pdparams")
    assert second["inference_url"].endswith("/dygraph/inference/HRNet_W18_C_ssld_infer.tar")
    assert (second["top1"], second["page_top1"]) == (0.81162, 0.816)


def test_export_then_predict(capsys: pytest.CaptureFixture[str], cat: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("left\nright\n", encoding="utf-8")
    narrow = ["-O", "num_modules=[1,1,1]", "-O", "num_blocks=[1,1,1,1]", "-O", "head_channels=[4,4,8,8]"]
    options = ["--arch", "HRNet_W4_C", "--allow-random", "--input-size", 32, "--labels", labels, *narrow]
    code, lines, err = run(capsys, "export", *options, "--num-classes", 2, "-o", tmp_path / "model")
    assert code == 0, err
    assert "2 classes, input 32x32" in lines[0]
    code, lines, _ = run(capsys, "predict", cat, "--model", tmp_path / "model", "--json")
    assert code == 0
    assert sorted(json.loads(lines[0])["label_names"]) == ["left", "right"]
