"""The networks that are compared: calibrated random weights, exported by this project, and what they should answer."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hrnet_native.bundle.probe import probe_input

_SEED = 7
_BENCHMARKS = Path(__file__).parent.parent


@dataclasses.dataclass(frozen=True)
class Network:
    """An architecture: its name, the side of its square input, and what replaces fields of its row."""

    arch: str
    input_size: int = 224
    overrides: dict[str, Any] = dataclasses.field(default_factory=dict)


NETWORKS = {
    "W18": Network("HRNet_W18_C"),
    "W32": Network("HRNet_W32_C"),
    "W48": Network("HRNet_W48_C"),
    "SE_W64": Network("SE_HRNet_W64_C"),
    # Not a network that anyone uses: it loads in a second, and shows that the benchmark works.
    "tiny": Network(
        "HRNet_W4_C",
        input_size=64,
        overrides={
            "num_modules": [1, 1, 1],
            "num_blocks": [1, 1, 1, 1],
            "stem_channels": 8,
            "head_channels": [4, 4, 8, 8],
            "last_channels": 16,
        },
    ),
}


def make_weights(network: Network, weights: Path) -> Path:
    """Writes the network's weights, if they are not there."""
    if not weights.is_file():
        # Paddle is slow to import, and only needed while something is made.
        import paddle

        from hrnet_native.export.calibrate import calibrate
        from hrnet_native.models import create_model
        from hrnet_native.weights.files import Weights, save_weights

        paddle.seed(_SEED)
        model = create_model(network.arch, **network.overrides)
        calibrate(model, network.input_size)
        tensors = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        metadata = {"arch": network.arch, "arch_overrides": network.overrides, "origin": "random"}
        weights.parent.mkdir(parents=True, exist_ok=True)
        save_weights(Weights(tensors, metadata), weights)
    return weights


def make_bundle(
    network: Network, weights: Path, bundle: Path, model_format: Literal["json", "pdmodel"] = "json"
) -> Path:
    """Exports the weights, if that was not done since they were made."""
    if not bundle.is_dir() or bundle.stat().st_mtime < weights.stat().st_mtime:
        from hrnet_native.export.exporter import ExportOptions, export

        shutil.rmtree(bundle, ignore_errors=True)
        options = ExportOptions(weights=weights, input_size=network.input_size, model_format=model_format)
        export(options, bundle)
    return bundle


def make_onnx(bundle: Path, folder: Path, python: Path) -> dict[str, Path]:
    """Converts the bundle with an environment's interpreter, if that was not done since it was made."""
    made = {form: folder / f"{form}.onnx" for form in ("reshape", "resize")}
    if not all(file.is_file() and file.stat().st_mtime >= bundle.stat().st_mtime for file in made.values()):
        with (folder / "onnx.log").open("w") as log:
            subprocess.run(
                [python, "-m", "engines.onnx_forms", bundle, folder],
                check=True,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(_BENCHMARKS)},
            )
    return made


def make_inputs(network: Network, batch: int) -> NDArray[np.float32]:
    """A batch of images in which no two are alike."""
    return probe_input(_SEED, (batch, 3, network.input_size, network.input_size))


def reference_logits(network: Network, weights: Path, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the network answers when it is computed in float64; kept beside the weights."""
    kept = weights.with_name(f"logits_{len(inputs)}.npy")
    if not kept.is_file() or kept.stat().st_mtime < weights.stat().st_mtime:
        import paddle

        from hrnet_native.models import create_model

        model = create_model(network.arch, weights, **network.overrides)
        model.to(dtype="float64")
        model.eval()
        with paddle.no_grad():
            np.save(kept, model(paddle.to_tensor(inputs.astype(np.float64))).numpy())
    logits: NDArray[np.float64] = np.load(kept)
    return logits
