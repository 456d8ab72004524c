"""From weights to a model bundle that the core reads, checked before it counts."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import nn
from paddle.nn import functional as F

import hrnet_native
from hrnet_native.bundle.inference_yml import IMAGENET_PREPROCESSING, Preprocessing, write_inference_yml
from hrnet_native.bundle.model_files import PARAMETERS_FILE
from hrnet_native.bundle.probe import probe_input
from hrnet_native.bundle.storage import Storage
from hrnet_native.bundle.whole_file import naming
from hrnet_native.compiler.compile_model import compile_model
from hrnet_native.errors import InferenceError, InvalidArgumentError
from hrnet_native.export.calibrate import calibrate
from hrnet_native.family.published import published_labels
from hrnet_native.family.table import SIZE_MULTIPLE
from hrnet_native.models.hrnet import HRNet
from hrnet_native.models.load import load_into
from hrnet_native.weights.files import Weights, read_weights
from hrnet_native.weights.identity import Identity, identify

Format = Literal["json", "pdmodel"]
LabelSource = Literal["given", "weights file", "ImageNet-1k", "none"]

_BATCH_SIZES: Final = (1, 2, 5)
# Largest difference of a probability between the Python model and the core; float32's rounding is about 1e-6.
_TOLERANCE: Final[dict[Storage, float]] = {"fp32": 1e-4, "fp16": 1e-2}
_PROBE_SEED: Final = 20191
# Of the largest expected output: what another engine's rounding may add up to, and other weights exceed.
_PROBE_TOLERANCE: Final[dict[Storage, float]] = {"fp32": 1e-3, "fp16": 2e-2}


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """What to export, and how.

    Options you omit are read from the weights file's metadata, where present; else they are as PaddleClas's ImageNet
    models have them.

    Attributes:
        arch: Architecture name.
        arch_overrides: Fields of ``Architecture`` that replace the row's.
        weights: Weights file; None with ``allow_random``.
        allow_random: Export calibrated random weights instead.
        model_format: Format of the program: ``json`` (Paddle 3) or ``pdmodel`` (readable by all versions). They differ
            in the operators of nearest up-sampling: what each format runs.
        num_classes: Outputs.
        input_size: Height and width of the input, a multiple of 32.
        label_names: Names of the classes. Where neither these nor the file name any, weights of a published
            architecture with 1,000 classes get ImageNet-1k's.
        native: Also write ``native.safetensors``, which the native engine reads.
        storage: ``fp16`` stores the weights of ``native.safetensors`` in half precision; Paddle's file stays ``fp32``.
    """

    arch: str | None = None
    arch_overrides: dict[str, Any] = dataclasses.field(default_factory=dict)
    weights: Path | None = None
    allow_random: bool = False
    model_format: Format = "json"
    num_classes: int | None = None
    input_size: int | None = None
    label_names: list[str] | None = None
    native: bool = True
    storage: Storage = "fp32"


@dataclasses.dataclass(frozen=True)
class ExportReport:
    """What the check after an export found.

    Attributes:
        largest_difference: Of a probability, between the Python model and the core, over all inputs and batch sizes.
        num_classes: Outputs of the model.
        input_size: Height and width of the input.
        storage_difference: Largest change of a weight by half precision, relative to its tensor's largest value.
        labels: Where the names of the classes come from.
    """

    largest_difference: float
    num_classes: int
    input_size: int
    storage_difference: float
    labels: LabelSource


def export(options: ExportOptions, directory: Path) -> ExportReport:
    """Writes a bundle to ``directory``, which must not exist or be empty; on any failure nothing is left behind.

    Raises:
        InvalidArgumentError: The options do not fit together, or the weights do not fit the architecture.
        InferenceError: The exported model does not give the Python model's outputs.
        OSError: The directory cannot be written.
    """
    directory = directory.resolve()
    if options.allow_random == (options.weights is not None):
        raise InvalidArgumentError("export takes either weights or allow_random=True (random weights, for tests)")
    if options.storage != "fp32" and not options.native:
        raise InvalidArgumentError(f"storage={options.storage!r} is for native.safetensors, but native is False")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InvalidArgumentError(f"{str(directory)!r} exists already; expected a new or an empty directory")
    weights = read_weights(options.weights) if options.weights else Weights({})
    network = _resolve(options, weights)
    model, preprocessing = network.model, network.preprocessing
    classifier = _Classifier(model)
    classifier.eval()
    with naming(directory), _whole_directory(directory) as partial:
        _save_program(model, partial, options.model_format, preprocessing.crop_size)
        compiled = compile_model(partial, storage=options.storage) if options.native else None
        write_inference_yml(
            partial,
            model_name=network.name,
            preprocessing=preprocessing,
            label_names=network.label_names,
            top_k=min(5, model.num_classes),
            details={
                "architecture": _plain(dataclasses.asdict(model.architecture)),
                "weights": {"origin": "random" if options.allow_random else weights.metadata.get("origin", "unknown")},
                "paddle_version": paddle.__version__,
                "probe": _probe(classifier, preprocessing.crop_size, _PROBE_TOLERANCE[options.storage]),
            },
        )
        difference = _compare_with_core(classifier, partial, _TOLERANCE[options.storage])
    storage_difference = compiled.storage_difference if compiled else 0.0
    return ExportReport(difference, model.num_classes, preprocessing.crop_size, storage_difference, network.labels)


@contextlib.contextmanager
def _whole_directory(directory: Path) -> Iterator[Path]:
    """Gives a new directory, which becomes ``directory`` at the end and vanishes on any failure."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        yield partial
        partial.chmod(0o755)  # mkdtemp's is private
        partial.replace(directory)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


class _Classifier(nn.Layer):
    """The exported network: probabilities, as PaddleClas's exports give them."""

    def __init__(self, model: HRNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return F.softmax(self.model(x), axis=-1)


@dataclasses.dataclass(frozen=True)
class _Network:
    """What is exported."""

    name: str
    model: HRNet
    preprocessing: Preprocessing
    label_names: list[str] | None
    labels: LabelSource


def _resolve(options: ExportOptions, weights: Weights) -> _Network:
    """Puts together the network, its preprocessing and its labels from the options and the weights' metadata."""
    metadata = weights.metadata
    num_classes = options.num_classes
    if options.allow_random and num_classes is None and options.label_names:
        num_classes = len(options.label_names)
    identity = identify(weights, options.arch, options.arch_overrides, num_classes)
    label_names, labels = _find_labels(options, weights, identity)
    if label_names is not None and len(label_names) != identity.num_classes:
        raise InvalidArgumentError(
            f"there are {len(label_names)} labels, but the model has {identity.num_classes} classes (labels: {labels})"
        )
    input_size = metadata.get("input_size", 224) if options.input_size is None else options.input_size
    if input_size < 1 or input_size % SIZE_MULTIPLE:
        raise InvalidArgumentError(f"input_size must be a positive multiple of {SIZE_MULTIPLE}, not {input_size}")

    if options.allow_random:
        paddle.seed(0)  # the same random model every time
    model = HRNet(identity.architecture, num_classes=identity.num_classes)
    if options.allow_random:
        calibrate(model, input_size)
    else:
        load_into(model, weights.tensors)
    preprocessing = Preprocessing(
        resize_short=_resize_short(input_size, metadata),
        crop_size=input_size,
        mean=tuple(metadata.get("mean", IMAGENET_PREPROCESSING.mean)),
        std=tuple(metadata.get("std", IMAGENET_PREPROCESSING.std)),
    )
    return _Network(identity.name, model, preprocessing, label_names, labels)


def _find_labels(options: ExportOptions, weights: Weights, identity: Identity) -> tuple[list[str] | None, LabelSource]:
    if options.label_names is not None:
        return options.label_names, "given"
    if "class_names" in weights.metadata:
        return weights.metadata["class_names"], "weights file"
    published = None if options.allow_random else published_labels(identity.architecture, identity.num_classes)
    return (list(published), "ImageNet-1k") if published else (None, "none")


def _resize_short(input_size: int, metadata: dict[str, Any]) -> int:
    """Keeps the proportion of the resized side to the crop that the weights were trained or published with."""
    trained_short: int = metadata.get("resize_short", 256)
    trained_size: int = metadata.get("input_size", 224)
    return round(input_size * trained_short / trained_size)


def _save_program(model: HRNet, directory: Path, model_format: Format, input_size: int) -> None:
    classifier = _Classifier(model)  # to_static replaces its forward; what the program is compared with keeps Python's
    classifier.eval()
    spec = paddle.static.InputSpec([None, model.in_channels, input_size, input_size], "float32", "x")
    with _program_format(model_format):
        static = paddle.jit.to_static(classifier, input_spec=[spec], full_graph=True)
        paddle.jit.save(static, str(directory / "inference"))
    _check_written(directory / PARAMETERS_FILE, sum(_num_bytes(value) for value in classifier.state_dict().values()))
    for extra in directory.glob("*.info"):
        extra.unlink()


def _num_bytes(tensor: paddle.Tensor) -> int:
    return int(tensor.size) * int(tensor.element_size())


def _check_written(parameters: Path, num_bytes: int) -> None:
    """Paddle does not notice a full disk. To write what is missing is to learn the reason."""
    missing = num_bytes - parameters.stat().st_size
    if missing > 0:
        with parameters.open("ab") as file:
            file.write(bytes(missing))
        raise OSError(f"Paddle wrote {num_bytes - missing} of at least {num_bytes} bytes of {parameters.name}")


@contextlib.contextmanager
def _program_format(model_format: Format) -> Iterator[None]:
    """Paddle 3 writes ``.json``; its older representation, on request, ``.pdmodel``."""
    if model_format == "json":
        yield
    else:
        with paddle.pir_utils.OldIrGuard():
            yield


def _probe(classifier: _Classifier, input_size: int, tolerance: float) -> dict[str, Any]:
    inputs = probe_input(_PROBE_SEED, (1, classifier.model.in_channels, input_size, input_size))
    return {
        "generator": "splitmix64",
        "seed": _PROBE_SEED,
        "outputs": [float(v) for v in _run(classifier, inputs)[0]],
        "tolerance": tolerance,
    }


def _compare_with_core(classifier: _Classifier, directory: Path, tolerance: float) -> float:
    with hrnet_native.Predictor(directory) as predictor:
        shape = predictor.input_shape
        largest = 0.0
        for batch_size in _BATCH_SIZES:
            inputs = probe_input(batch_size, (batch_size, *shape))
            difference = np.abs(predictor.infer(inputs) - _run(classifier, inputs)).max()
            largest = max(largest, float(difference))
    if not largest <= tolerance:
        raise InferenceError(
            f"the exported model differs from the Python model by {largest:.2e}, expected at most {tolerance:.0e}"
        )
    return largest


def _run(classifier: _Classifier, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    with paddle.no_grad():
        outputs: NDArray[np.float32] = classifier(paddle.to_tensor(inputs)).numpy()
    return outputs


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Tuples as lists, which YAML has."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
