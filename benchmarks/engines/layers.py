"""Where this project's native engine spends its time: each kind of layer, beside what the CPU can multiply at most."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from engines.models import Network, make_bundle, make_inputs, make_weights, reference_logits
from engines.rounds import LARGEST_ERROR, relative_error

_ROOT = Path(__file__).parents[2]
_RUNS = 21


def show_layers(network: Network, batch: int, threads: int, isa: str | None, cache: Path) -> None:
    """Prints the layers of a network, the kinds that take longest first."""
    folder = cache / "models" / network.arch
    weights = make_weights(network, folder / "weights.safetensors")
    bundle = make_bundle(network, weights, folder / "bundle")
    inputs = make_inputs(network, batch)
    images = folder / f"images_{batch}.f32"
    inputs.tofile(images)
    program = build(cache / "layers")
    command = [program, bundle / "native.safetensors", images, str(threads), str(batch), str(_RUNS)]
    environment = {**os.environ, **({"HRNET_NATIVE_ISA": isa} if isa else {})}
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    profile = json.loads(ran.stdout)
    outputs = np.array(profile["output"], np.float32).reshape(batch, -1)
    error = relative_error(outputs, reference_logits(network, weights, inputs))
    if error > LARGEST_ERROR:
        sys.exit(f"the answer is wrong: its error is {error:.1e} of the largest logit")
    _print(profile, threads)


def build(folder: Path) -> Path:
    """Builds the program that takes the times; returns it."""
    tools = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DHRNET_NATIVE_BENCHMARKS=ON", "-DHRNET_NATIVE_PADDLE=OFF"]
    for command in (
        ["cmake", "-G", "Ninja", *options, "-S", _ROOT, "-B", folder],
        ["cmake", "--build", folder, "--target", "hrnet_native_layers"],
    ):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=tools)
    return folder / "benchmarks" / "layers" / "hrnet_native_layers"


def _kind(layer: dict[str, Any]) -> str:
    channels = f"{layer['in_channels']} to {layer['out_channels']}, {layer['size']}x{layer['size']}"
    if layer["op"] != "conv":
        return f"{layer['op']} {channels}"
    return f"conv {layer['kernel']}x{layer['kernel']} stride {layer['stride']} {channels}, {layer['form']}"


def _print(profile: dict[str, Any], threads: int) -> None:
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for layer in profile["layers"]:
        kinds[_kind(layer)].append(layer)
    peak = profile["peak_flops_per_second"]
    total = sum(layer["seconds"] for layer in profile["layers"])
    print(
        f"{total * 1e3:.2f} ms in {len(profile['layers'])} layers; {threads} threads multiply {peak / 1e9:.0f} GFLOPS"
    )
    print(f"{'':62s}  layers       ms   share   of peak, as multiplied   as defined")
    for kind, layers in sorted(kinds.items(), key=lambda item: -sum(layer["seconds"] for layer in item[1])):
        seconds = sum(layer["seconds"] for layer in layers)
        line = f"{kind:62s} {len(layers):7d} {seconds * 1e3:8.3f} {seconds / total:7.1%}"
        if "flops" in layers[0]:
            rates = [sum(layer[name] for layer in layers) / seconds / peak for name in ("multiplied_flops", "flops")]
            line += f"   {rates[0]:24.0%} {rates[1]:12.0%}"
        print(line)
