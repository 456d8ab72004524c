"""Checks every backend and precision of a device against the plainest one of the CPU, and times them."""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hrnet_native import Error, Predictor, UnsupportedError
from hrnet_native.bundle.model_files import PROGRAM_FILES
from hrnet_native.bundle.probe import probe_input
from hrnet_native.default_model import DIRECTORY
from hrnet_native.errors import InvalidArgumentError

BATCH_SIZES: Final = (1, 4, 8)
CELLS: Final = {
    "cpu": (("native", "fp32"), ("onednn", "fp32"), ("openvino", "fp32"), ("cpu", "fp32")),
    "gpu": (("cuda", "fp32"), ("cuda", "fp16"), ("tensorrt", "fp32"), ("tensorrt", "fp16")),
}
# Paddle's passes for these know the older program format only.
_OLDER_FORMAT: Final = {"openvino", "tensorrt"}
# Of probabilities. On a GPU fp32 may mean TF32, whose products have 10 bits; half precision has as many throughout.
_TOLERANCE: Final = {("cpu", "fp32"): 1e-4, ("gpu", "fp32"): 5e-3, ("gpu", "fp16"): 2e-2}
_SECOND_START_S: Final = 30.0


@dataclasses.dataclass(frozen=True)
class Result:
    """What one backend at one precision did.

    Attributes:
        name: Backend and precision.
        status: ``"lacking"`` if this installation or model does not have it.
        message: What is lacking or failed, or the largest difference found.
        latency_ms: Median and 99th percentile for each of ``BATCH_SIZES``, in milliseconds.
    """

    name: str
    status: Literal["works", "lacking", "fails"]
    message: str
    latency_ms: tuple[tuple[float, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields, for JSON."""
        return dataclasses.asdict(self) | {"batch_sizes": list(BATCH_SIZES)}


def selftest(
    model: Path | None, device: Literal["cpu", "gpu"], runs: int, options: dict[str, Any] | None = None
) -> Iterator[Result]:
    """Tries the backends of a device one after the other.

    Args:
        model: Model directory; None takes the model of the package.
        device: Whose backends.
        runs: Timed runs for each batch size, at least 1.
        options: More arguments of ``Predictor`` for the device.

    Raises:
        InvalidArgumentError: ``runs`` is below 1.
        Error: No backend of the CPU runs the model, so there is nothing to compare with.
    """
    if runs < 1:
        raise InvalidArgumentError(f"runs must be at least 1, not {runs}")
    inputs, expected = _reference(model)
    for backend, precision in CELLS[device]:
        name = f"{backend} {precision}"
        arguments = dict(options or {}, device=device, backend=backend, precision=precision, max_batch_size=8)
        if lacking := _lacking_file(model or DIRECTORY, backend):
            yield Result(name, "lacking", lacking)
            continue
        try:
            with tempfile.TemporaryDirectory() as cache:
                arguments["cache_dir"] = Path(cache)
                if backend == "tensorrt":
                    _check_engine_cache(model, arguments, Path(cache) / "tensorrt")
                with Predictor(model, **arguments) as predictor:
                    difference = _check(predictor, inputs, expected, _TOLERANCE[device, precision])
                    latency = tuple(_time(predictor, inputs[:size], runs) for size in BATCH_SIZES)
        except UnsupportedError as error:
            yield Result(name, "lacking", str(error))
        except (Error, AssertionError) as error:
            yield Result(name, "fails", str(error))
        else:
            yield Result(name, "works", f"largest difference of a probability {difference:.1e}", latency)


def _lacking_file(model: Path, backend: str) -> str:
    """What the model does not have for a backend; the native engine's file is compiled where it is missing."""
    if backend == "native":
        return ""
    usable = PROGRAM_FILES[1:] if backend in _OLDER_FORMAT else PROGRAM_FILES
    if any((model / name).is_file() for name in usable):
        return ""
    return f"the model has no {' or '.join(usable)}; hrnet-native export writes one"


def _reference(model: Path | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inputs, and what the CPU makes of them one by one."""
    try:
        return _reference_of("cpu", model)  # Paddle's plainest kernels
    except Error as error:
        try:
            return _reference_of("native", model)  # a model without Paddle's files has the native engine
        except Error as second:
            raise type(second)(f"no backend of the CPU runs the model: cpu: {error}; native: {second}") from second


def _reference_of(
    backend: Literal["cpu", "native"], model: Path | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    with Predictor(model, backend=backend) as predictor:
        inputs = probe_input(1, (max(BATCH_SIZES), *predictor.input_shape))
        return inputs, np.concatenate([predictor.infer(one[None]) for one in inputs])


def _check(predictor: Predictor, inputs: NDArray[np.float32], expected: NDArray[np.float32], tolerance: float) -> float:
    """The largest difference at any batch size."""
    largest = 0.0
    for size in BATCH_SIZES:
        got = predictor.infer(inputs[:size])
        difference = float(np.abs(got - expected[:size]).max())
        if not difference <= tolerance:  # also where it is no number
            raise AssertionError(
                f"at batch {size} a probability differs by {difference:.1e} from the CPU's, "
                f"expected at most {tolerance:.0e}"
            )
        largest = max(largest, difference)
    return largest


def _time(predictor: Predictor, inputs: NDArray[np.float32], runs: int) -> tuple[float, float]:
    predictor.warmup([len(inputs)], 3)
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        predictor.infer(inputs)
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times), float(np.percentile(times, 99))


def _check_engine_cache(model: Path | None, arguments: dict[str, Any], folder: Path) -> None:
    """The engine is built once and found at the second start; a damaged one is refused, or built again."""
    found_only = arguments | {"tensorrt": dataclasses.replace(arguments["tensorrt"], build=False)}
    Predictor(model, **arguments).close()
    begin = time.perf_counter()
    Predictor(model, **found_only).close()
    seconds = time.perf_counter() - begin
    if seconds > _SECOND_START_S:
        raise AssertionError(f"the second start took {seconds:.1f} s: the engine was not taken from the cache")
    engine = max((path for path in folder.glob("*/*") if path.is_file()), key=lambda path: path.stat().st_size)
    engine.write_bytes(engine.read_bytes()[:-100])
    try:
        Predictor(model, **found_only).close()
    except UnsupportedError as error:
        if "damaged" not in str(error):
            raise AssertionError(f"a damaged engine is reported as: {error}") from error
    else:
        raise AssertionError("a damaged engine was accepted")
    Predictor(model, **arguments).close()
