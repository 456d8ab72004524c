"""The networks of the matrix: seeded weights, and the answers that every Paddle must give with them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from support.small_network import SMALL_NETWORK

NUM_CLASSES = 10
BATCH = 3
SEED = 11


@dataclasses.dataclass(frozen=True)
class Network:
    """A name for files and reports, an architecture, what replaces its fields, the side of its input."""

    name: str
    arch: str
    input_size: int
    overrides: dict[str, Any]


# Narrow, but with every kind of block and fusion that HRNet has; and the smallest real one.
SMALL = Network("small", "HRNet_W4_C", 64, SMALL_NETWORK)
# Squeeze-and-excitation has operators that no other network has.
SQUEEZE = Network("small SE", "SE_HRNet_W16_C", 64, SMALL_NETWORK)
W18 = Network("W18", "HRNet_W18_C", 224, {})
NETWORKS = {network.name: network for network in (SMALL, SQUEEZE, W18)}


def make_weights(network: Network, folder: Path) -> None:
    """Writes weights.safetensors, and the inputs and outputs that belong to them, computed outside Paddle Inference."""
    import paddle

    from hrnet_native.bundle.probe import probe_input
    from hrnet_native.export.calibrate import calibrate
    from hrnet_native.models import create_model
    from hrnet_native.weights.files import Weights, save_weights

    if (folder / "outputs.npy").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    paddle.seed(SEED)
    model = create_model(network.arch, num_classes=NUM_CLASSES, **network.overrides)
    calibrate(model, network.input_size)
    model.eval()
    inputs = probe_input(SEED, (BATCH, 3, network.input_size, network.input_size))
    with paddle.no_grad():
        outputs = paddle.nn.functional.softmax(model(paddle.to_tensor(inputs))).numpy()
    tensors = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    save_weights(Weights(tensors, {"arch": network.arch}), folder / "weights.safetensors")
    np.save(folder / "inputs.npy", inputs)
    np.save(folder / "outputs.npy", outputs)
