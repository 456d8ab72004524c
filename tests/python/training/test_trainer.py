"""The trainer learns, resumes exactly, and its result exports."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

import hrnet_native
from hrnet_native.errors import InvalidArgumentError
from hrnet_native.training.augment import augment
from hrnet_native.training.config import TrainConfig, load_config
from support.small_network import SMALL_NETWORK

RECIPE = {
    "arch": "HRNet_W4_C",
    "arch_overrides": SMALL_NETWORK,
    "input_size": 32,
    "epochs": 4,
    "batch_size": 16,
    "learning_rate": 0.05,
    "ema_decay": 0.9,
    "crop_area": [0.6, 1.0],
    "jitter": 0.1,
    "degrade": 0.1,
    "seed": 3,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes that colour tells apart."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for split, count in (("train", 48), ("test", 16)):
        for name, channel in (("blue", 0), ("red", 2)):
            (folder / split / name).mkdir(parents=True)
            for i in range(count):
                image = rng.integers(60, 120, (24, 40, 3), dtype=np.uint8)
                image[:, :, channel] += 100
                cv2.imwrite(str(folder / split / name / f"{i:03d}.jpg"), image)
    return folder


def train(folder: Path, data: Path, **changes: object) -> Path:
    """Runs the command in a process of its own, as training does, and returns the output directory."""
    folder.mkdir(exist_ok=True)
    recipe = folder / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE | {"data": str(data), "output_dir": str(folder / "out")} | changes))
    command = [sys.executable, "-m", "hrnet_native.cli.main", "train", "-c", str(recipe)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert "images/s" in done.stderr
    return folder / "out"


def test_it_learns_and_its_result_exports(data: Path, tmp_path: Path) -> None:
    from hrnet_native.data.folder import list_labelled_images
    from hrnet_native.evaluation.accuracy import evaluate
    from hrnet_native.export.exporter import ExportOptions, export

    weights = train(tmp_path / "run", data) / "weights.safetensors"
    export(ExportOptions(weights=weights), tmp_path / "bundle")
    with hrnet_native.Predictor(tmp_path / "bundle") as predictor:
        assert predictor.label_names == ("blue", "red")
        samples = list_labelled_images(data / "test", list(predictor.label_names))
        assert evaluate(predictor, samples).top1 > 0.9


def test_resuming_gives_the_weights_of_an_unbroken_run(data: Path, tmp_path: Path) -> None:
    whole = load_file(train(tmp_path / "whole", data) / "weights.safetensors")
    # Stopped after every epoch by a first command that wants no more; the schedule is that of the whole run.
    script = (
        "import sys, pathlib\n"
        "from hrnet_native.training import trainer\n"
        "from hrnet_native.training.config import load_config\n"
        "save = trainer.save_checkpoint\n"
        "def save_and_stop(*args, **kwargs):\n"
        "    save(*args, **kwargs)\n"
        "    sys.exit(9)\n"
        "trainer.save_checkpoint = save_and_stop\n"
        "trainer.train(load_config(pathlib.Path(sys.argv[1])))\n"
    )
    broken = tmp_path / "broken"
    broken.mkdir()
    recipe = broken / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE | {"data": str(data), "output_dir": str(broken / "out")}))
    for _ in range(2):
        stopped = subprocess.run(
            [sys.executable, "-c", script, str(recipe)],
            capture_output=True,
            check=False,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        assert stopped.returncode == 9, stopped.stderr
    resumed = load_file(train(broken, data) / "weights.safetensors")
    assert resumed.keys() == whole.keys()
    for name, tensor in whole.items():
        np.testing.assert_array_equal(resumed[name], tensor, name)


# Each process keeps the state of its model after the epoch.
TWO_PROCESSES = """
import sys
from pathlib import Path

import numpy as np
import paddle
import paddle.distributed as dist
from hrnet_native.training import trainer
from hrnet_native.training.config import load_config

run_parallel, averaged_model = trainer._run_parallel, trainer._averaged_model

def keep_state(model, ema, config):
    tensors = [paddle.full([2, 3], 1.0 + dist.get_rank()), paddle.full([1], 10.0 * dist.get_rank())]
    trainer.average_over_processes(tensors)
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    np.savez(config.output_dir / f"{dist.get_rank()}.npz", mean0=tensors[0], mean1=tensors[1], **state)
    return averaged_model(model, ema, config)

def run(config):
    trainer._averaged_model = keep_state
    run_parallel(config)

if __name__ == "__main__":
    trainer._run_parallel = run
    trainer.train(load_config(Path(sys.argv[1])))
"""


def test_two_processes_train_one_model(data: Path, tmp_path: Path) -> None:
    """Each sees other images: without an exchange of gradients they would end with different weights."""
    script, recipe = tmp_path / "two.py", tmp_path / "recipe.yaml"
    script.write_text(TWO_PROCESSES)
    changes = {"data": str(data), "output_dir": str(tmp_path / "out"), "num_processes": 2, "epochs": 1}
    recipe.write_text(yaml.safe_dump(RECIPE | changes))
    subprocess.run([sys.executable, script, recipe], capture_output=True, check=True)
    first, second = (np.load(tmp_path / "out" / f"{rank}.npz") for rank in range(2))
    assert set(first) == set(second)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], name)
    np.testing.assert_array_equal(first["mean0"], np.full((2, 3), 1.5, np.float32))
    np.testing.assert_array_equal(first["mean1"], [5.0])


def test_augmentation_is_reproducible_and_of_the_right_form() -> None:
    config = TrainConfig(arch="HRNet_W18_C", data=Path(), output_dir=Path(), input_size=64, jitter=0.3, degrade=1.0)
    image = np.random.default_rng(1).integers(256, size=(33, 47, 3), dtype=np.uint8)
    seen = set()
    for seed in range(20):
        first = augment(image, config, np.random.default_rng(seed))
        assert first.shape == (64, 64, 3)
        assert first.dtype == np.uint8
        np.testing.assert_array_equal(first, augment(image, config, np.random.default_rng(seed)))
        seen.add(first.tobytes())
    assert len(seen) == 20


def test_each_augmentation_does_what_its_option_says() -> None:
    config = TrainConfig(arch="HRNet_W18_C", data=Path(), output_dir=Path(), input_size=64, crop_area=(0.3, 0.5))
    y, x = np.mgrid[:240, :200]
    places = np.stack([x, y, np.full_like(x, 100)], axis=2).astype(np.uint8)  # each pixel tells where it was
    flipped, shares, ratios = 0, [], []
    for seed in range(200):
        out = augment(places, config, np.random.default_rng(seed)).astype(int)
        assert (out[:, :, 2] == 100).all()  # no other colours without jitter or degrading
        flipped += out[0, 0, 0] > out[0, -1, 0]
        height, width = (np.ptp(out[:, :, channel]) + 1 for channel in (1, 0))
        shares.append(height * width / x.size)
        ratios.append(width / height)
    assert 80 < flipped < 120
    assert 0.26 < min(shares) < 0.32
    assert 0.48 < max(shares) < 0.54
    assert 0.72 < min(ratios) < 0.8
    assert 1.25 < max(ratios) < 1.37
    for change in ({"jitter": 0.5}, {"degrade": 1.0}):
        changed = augment(places, dataclasses.replace(config, **change), np.random.default_rng(0))  # type: ignore[arg-type]
        assert (changed[:, :, 2] != 100).any()


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("epoch=3", "unknown key 'epoch'.*did you mean epochs"),
        ("input_size=100", "multiple of 32, not 100"),
        ("num_processes=3", "must be a multiple of num_processes"),
        ("crop_area=[0.5, 2]", "crop_area"),
        ("epochs", "key=value"),
    ],
)
def test_wrong_recipes_are_named(tmp_path: Path, override: str, words: str) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE | {"data": ".", "output_dir": "."}))
    with pytest.raises(InvalidArgumentError, match=words):
        load_config(recipe, [override])


def test_a_recipe_must_be_complete(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("arch: [unclosed\n")
    with pytest.raises(InvalidArgumentError, match="not valid YAML"):
        load_config(recipe)
    recipe.write_text("arch: HRNet_W18_C\n")
    with pytest.raises(InvalidArgumentError, match="lacks data, output_dir"):
        load_config(recipe)


def test_data_that_cannot_be_trained_on_is_named(data: Path, tmp_path: Path) -> None:
    from hrnet_native.training.trainer import train as run

    config = TrainConfig(arch="HRNet_W4_C", data=tmp_path / "nowhere", output_dir=tmp_path, input_size=32)
    with pytest.raises(InvalidArgumentError, match=r"nowhere.* is not a directory"):
        run(config)
    config = TrainConfig(arch="HRNet_W4_C", data=data, output_dir=tmp_path, input_size=32, batch_size=500)
    with pytest.raises(InvalidArgumentError, match="96 training images are less than one batch of 500"):
        run(config)
