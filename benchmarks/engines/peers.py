"""Who is compared: what each engine needs to run, and the settings that live outside its worker."""

from __future__ import annotations

import dataclasses
from typing import Literal

# How a model is handed over: this project's bundle with a program in one of Paddle's formats, or ONNX with one of two
# forms of nearest up-sampling.
Form = Literal["bundle", "pdmodel", "reshape", "resize"]


@dataclasses.dataclass(frozen=True)
class Environment:
    """A virtual environment: requirements, and those whose own dependencies are not wanted."""

    name: str
    requirements: tuple[str, ...]
    without_dependencies: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Engine:
    """An engine, run by a module of `engines.workers`.

    Attributes:
        name: As on the command line.
        environment: Where it runs; None: where this program runs.
        forms: What it reads; with several, the fastest counts.
        isa_variable: Environment variable that caps its instruction set, for who runs where this program runs. From all
            others AVX-512 is hidden.
        isa_words: That variable's words for ours.
        module: Which runs it, if that has not its name.
        variables: What its process finds in its environment.
    """

    name: str
    environment: Environment | None
    forms: tuple[Form, ...]
    isa_variable: str | None = None
    isa_words: dict[str, str] = dataclasses.field(default_factory=dict)
    module: str = ""
    variables: dict[str, str] = dataclasses.field(default_factory=dict)


_ONEDNN = ("ONEDNN_MAX_CPU_ISA", {"avx2": "AVX2", "avx512": "AVX512_CORE"})

# paddle2onnx wants the last three without saying so; it would fetch the last two itself, in whatever version.
PADDLE = Environment(
    "paddle",
    (
        "paddlepaddle==3.3.1",
        "paddle2onnx==2.1.0",
        "packaging==26.3",
        "onnxruntime==1.32.0",
        "onnx_graphsurgeon==0.6.1",
    ),
)

NATIVE = Engine("native", None, ("bundle",), "HRNET_NATIVE_ISA", {"avx2": "avx2", "avx512": "avx512"})
BACKEND = "HRNET_NATIVE_BENCHMARK_BACKEND"  # for the worker of this project


def ours(backend: str) -> Engine:
    """This project with one of its backends."""
    return dataclasses.replace(NATIVE, variables={BACKEND: backend})


def _through_paddle(backend: str, form: Form) -> Engine:
    name = backend if form == "bundle" else f"{backend}-{form}"
    return Engine(name, None, (form,), *_ONEDNN, module=NATIVE.name, variables={BACKEND: backend})


# This project with Paddle's backends, the reference first. With .json OpenVINO takes no part; plain .pdmodel is slow.
PADDLE_BACKENDS = tuple(
    _through_paddle(backend, form)
    for backend, form in (("onednn", "bundle"), ("onednn", "pdmodel"), ("openvino", "pdmodel"), ("cpu", "bundle"))
)

PEERS = (
    Engine("openvino", Environment("openvino", ("openvino==2026.4.1", "numpy==2.4.6")), ("reshape", "resize")),
    Engine("onnxruntime", Environment("onnxruntime", ("onnxruntime==1.32.0", "numpy==2.4.6")), ("reshape", "resize")),
    # ncnn's tensors have four dimensions at most, one-image ones three: it cannot split two axes at once.
    # pnnx depends on a GPU build of PyTorch that its converter, a program, does not use.
    Engine("ncnn", Environment("ncnn", ("ncnn==1.0.20261020", "numpy==2.4.6"), ("pnnx==20261020",)), ("resize",)),
    Engine("mnn", Environment("mnn", ("mnn==3.6.1", "numpy==2.4.6")), ("reshape", "resize")),
    # With .json models Paddle 3.3's oneDNN does not run the interpolation operator.
    Engine("paddle", PADDLE, ("bundle",)),
    Engine("torch", Environment("torch", ("torch==2.13.0", "onnx==1.23.2", "numpy==2.4.6")), ("reshape", "resize")),
)
