"""How well the default model does, measured through the core. Needs HRNET_NATIVE_TEST_DATA."""

from __future__ import annotations

from pathlib import Path

import hrnet_native
from hrnet_native.data.folder import list_labelled_images
from hrnet_native.evaluation.accuracy import evaluate


def test_cifar10s_test_images(default_predictor: hrnet_native.Predictor, test_data: Path) -> None:
    folder = next((test_data / "cifar10_jpeg").rglob("test"))
    samples = list_labelled_images(folder, list(default_predictor.label_names))
    assert len(samples) == 10_000
    assert evaluate(default_predictor, samples).top1 >= 0.78


def test_full_size_photographs(default_predictor: hrnet_native.Predictor, test_data: Path) -> None:
    samples = list_labelled_images(test_data / "cifar_class_photos", list(default_predictor.label_names))
    assert len(samples) == 42
    assert evaluate(default_predictor, samples).top1 >= 0.45
