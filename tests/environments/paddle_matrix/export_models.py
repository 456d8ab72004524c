"""Run with one of the Paddles: writes a network as that Paddle does, in the ways in which its users write it.

FLAGS_enable_pir_api chooses the format before paddle is imported. Arguments: NETWORK WEIGHTS FOLDER UP_SAMPLING FEED...
"""

from __future__ import annotations

import sys
from pathlib import Path

import paddle
from paddle.nn import functional as F

from environments.paddle_matrix.networks import NETWORKS, NUM_CLASSES, Network
from hrnet_native.bundle.inference_yml import Preprocessing, write_inference_yml
from hrnet_native.models import create_model, hrnet
from hrnet_native.models.load import load_into
from hrnet_native.weights.files import read_weights


class Classifier(paddle.nn.Layer):
    def __init__(self, model: paddle.nn.Layer) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return F.softmax(self.model(x))


def upsample_as_paddleclas(x: paddle.Tensor, scale: int) -> paddle.Tensor:
    return F.upsample(x, scale_factor=scale, mode="nearest")


# In every format; this project's export chooses one by the format.
UP_SAMPLINGS = {"reshape": hrnet.upsample_by_expanding, "nearest_interp": upsample_as_paddleclas}


def export(network: Network, weights: Path, folder: Path, up_sampling: str, feed: str) -> None:
    size = network.input_size
    hrnet.upsample_nearest = UP_SAMPLINGS[up_sampling]
    model = create_model(network.arch, num_classes=NUM_CLASSES, **network.overrides)
    load_into(model, read_weights(weights).tensors)
    classifier = Classifier(model)
    classifier.eval()
    spec = paddle.static.InputSpec([None, 3, size, size], "float32", feed)
    program = paddle.jit.to_static(classifier, input_spec=[spec], full_graph=True)
    paddle.jit.save(program, str(folder / "inference"))
    preprocessing = Preprocessing(size, size, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    write_inference_yml(
        folder, model_name=network.arch, preprocessing=preprocessing, label_names=None, top_k=5, details={}
    )


if __name__ == "__main__":
    name, weights, folder, up_sampling, *feeds = sys.argv[1:]
    for feed in feeds:
        target = Path(folder) / f"{up_sampling}-{feed}"
        export(NETWORKS[name], Path(weights), target, up_sampling, feed)
