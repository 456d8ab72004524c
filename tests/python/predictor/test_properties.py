"""What a predictor, its statistics and its answers say of themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hrnet_native import Classification, ImageLimits, Predictor, TensorRtOptions


def test_every_option_as_it_was_given(small_model: Path, tmp_path: Path) -> None:
    options = {
        "backend": "native", "precision": "fp32", "memory": "low", "num_threads": 1, "num_instances": 2,
        "strict_budget": False, "private_runtime": True,
        "max_batch_size": 3, "max_queue_size": 17, "max_queue_delay_us": 5, "top_k": 2, "verify": False,
        "exif": "ignore", "background": (1, 2, 3), "allow_truncated": True, "fast_decode": True, "device_id": 1,
        "gpu_memory_pool_mb": 7, "cache_dir": tmp_path,
    }  # fmt: skip
    limits = ImageLimits(max_side=100)
    tensorrt = TensorRtOptions(optimal_batch_size=2)
    with Predictor(small_model, "cpu", image_limits=limits, tensorrt=tensorrt, warmup=[2], **options) as predictor:
        assert {name: getattr(predictor, name) for name in options} == options
        assert predictor.device == "cpu"
        assert predictor.warmup_sizes == (2,)
        assert predictor.tensorrt == tensorrt
        assert repr(predictor.image_limits) == repr(limits)
        with predictor.clone() as clone:
            assert {name: getattr(clone, name) for name in options} == options


def test_defaults_are_resolved(small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", str(tmp_path))
    with Predictor(small_model) as predictor:
        assert (predictor.backend, predictor.max_queue_size, predictor.top_k) == ("native", 32, 5)
        assert predictor.num_threads >= 1
        assert predictor.background is None
        assert predictor.cache_dir == tmp_path


def test_reprs(small_model: Path) -> None:
    with Predictor(small_model, num_threads=1) as predictor:
        result = predictor.predict([np.zeros((64, 64, 3), np.uint8)])[0]
        text = (
            f"<Predictor '{predictor.model_name}': 4 classes, input 3x64x64, backend native, "
            "num_instances 1, num_threads 1>"
        )
        assert repr(predictor) == text
        stats = predictor.stats()
    assert repr(predictor) == text  # closed
    best = f"{result.class_ids[0]} {result.label_names[0]!r} {result.scores[0]:.4f}"
    assert repr(result).startswith(f"<Classification: {best}, ")
    assert repr(stats).startswith("Stats(inference_count=1, execution_count=1, mean_batch_size=1.0, batch_sizes=(1, 0,")
    assert f"total=StageStats(count=1, total_ns={stats.total.total_ns}, " in repr(stats)
    assert "rejected=RejectStats(queue_full=0, " in repr(stats)
    assert repr(ImageLimits(max_scans=5)).endswith("max_scans=5, max_decode_ms=10000)")


def test_repr_of_many_classes() -> None:
    scores = tuple(1 / (i + 2) for i in range(7))
    assert repr(Classification(tuple(range(7)), scores, (), truncated=True)) == (
        "<Classification: 0 0.5000, 1 0.3333, 2 0.2500, 3 0.2000, 4 0.1667 and 2 more; truncated>"
    )
