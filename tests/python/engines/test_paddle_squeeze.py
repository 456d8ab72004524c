"""Networks with squeeze-and-excitation in Paddle's engine: its oneDNN passes must not change their answers.

Without `onednn_placement_pass`, which `nearest_interp` in a .json has to do without, what Paddle 3.3 fuses was wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

import hrnet_native
from hrnet_native.bundle.inference_yml import Preprocessing, write_inference_yml
from hrnet_native.bundle.probe import probe_input
from hrnet_native.export.calibrate import calibrate
from hrnet_native.models import create_model, hrnet
from support.paddle_models import save
from support.small_network import SMALL_NETWORK

SIZE = 64


@pytest.mark.parametrize(
    ("up_sampling", "model_format", "backend"),
    [("reshape", "json", "onednn"), ("nearest_interp", "json", "onednn"), ("nearest_interp", "pdmodel", "openvino")],
)
def test_answers_are_right(
    up_sampling: str, model_format: str, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if up_sampling == "nearest_interp":  # as PaddleClas writes it
        monkeypatch.setattr(hrnet, "upsample_nearest", lambda x, scale: F.upsample(x, scale_factor=scale))
    paddle.seed(3)
    model = create_model("SE_HRNet_W16_C", num_classes=6, **SMALL_NETWORK)
    calibrate(model, SIZE)
    classifier = nn.Sequential(model, nn.Softmax())
    save(classifier, tmp_path, SIZE, model_format)
    program = (tmp_path / f"inference.{model_format}").read_bytes()
    assert (b"nearest_interp" in program) == (up_sampling == "nearest_interp")
    preprocessing = Preprocessing(SIZE, SIZE, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    write_inference_yml(tmp_path, model_name="se", preprocessing=preprocessing, label_names=None, top_k=5, details={})
    inputs = probe_input(4, (3, 3, SIZE, SIZE))
    with paddle.no_grad():
        expected = classifier(paddle.to_tensor(inputs)).numpy()
    assert np.ptp(expected, axis=0).max() > 1e-3  # else any answer would do
    with hrnet_native.Predictor(tmp_path, backend=backend, max_batch_size=3) as predictor:
        for batch in (1, 3):
            np.testing.assert_allclose(predictor.infer(inputs[:batch]), expected[:batch], atol=1e-5)
