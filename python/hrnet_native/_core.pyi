"""The C++ core. Import from ``hrnet_native`` and ``hrnet_native.imaging`` instead."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from hrnet_native.classification import Classification
from hrnet_native.tensorrt_options import TensorRtOptions

__version__: str

def instruction_set() -> str:
    """The instruction set of the kernels: the fastest for this CPU, or the one that ``HRNET_NATIVE_ISA`` names.

    Raises:
        InvalidArgumentError: ``HRNET_NATIVE_ISA`` is none.
        UnsupportedError: This CPU lacks it.
    """

class _PilImage(Protocol):
    """A ``PIL.Image.Image``, of which no type is needed where Pillow is not installed."""

    @property
    def mode(self) -> str: ...
    @property
    def size(self) -> tuple[int, int]: ...
    def getbands(self) -> tuple[str, ...]: ...

_Encoded: TypeAlias = bytes | bytearray | memoryview
_OneImage: TypeAlias = str | os.PathLike[str] | _Encoded | _PilImage  # whatever its type, unlike an array
_Image: TypeAlias = _OneImage | NDArray[np.uint8]
_Color: TypeAlias = Literal["rgb", "bgr"]
_Exif: TypeAlias = Literal["apply", "ignore"]
_Device: TypeAlias = Literal["cpu", "gpu"]
_Backend: TypeAlias = Literal["auto", "native", "onednn", "openvino", "cpu", "cuda", "tensorrt"]
_Precision: TypeAlias = Literal["fp32", "fp16", "bf16", "int8"]
_Memory: TypeAlias = Literal["normal", "low"]

class ImageLimits:
    """What an encoded image may cost. A header that claims more is refused before memory is taken for its pixels.

    Args:
        max_pixels: Height times width, as encoded. Decoding takes up to 3 bytes a pixel, 11 for a progressive JPEG
            (14 in CMYK), 7 for lossless WebP or with a background.
        max_side: Height and width, as encoded.
        max_encoded_bytes: Size of the encoded image, or of its file.
        max_scans: Of a JPEG; progressive ones of encoders have about ten.
        max_decode_ms: Wall-clock time of decoding, in milliseconds.
    """

    def __init__(
        self,
        *,
        max_pixels: int = 134217728,
        max_side: int = 65535,
        max_encoded_bytes: int = 67108864,
        max_scans: int = 32,
        max_decode_ms: int = 10000,
    ) -> None: ...
    @property
    def max_pixels(self) -> int:
        """Height times width, as encoded."""

    @property
    def max_side(self) -> int:
        """Height and width, as encoded."""

    @property
    def max_encoded_bytes(self) -> int:
        """Size of the encoded image, or of its file."""

    @property
    def max_scans(self) -> int:
        """Scans of a JPEG."""

    @property
    def max_decode_ms(self) -> int:
        """Milliseconds of decoding."""

def decode(
    encoded: _Encoded,
    *,
    exif: _Exif = "apply",
    background: Sequence[int] | None = None,
    min_size: tuple[int, int] = (0, 0),
    limits: ImageLimits | None = None,
) -> NDArray[np.uint8]:
    """Decodes a JPEG, PNG, WebP or BMP to an (H, W, 3) uint8 RGB array. Content tells the format.

    The pixels are those of OpenCV's ``imdecode``, but for CMYK without Adobe's marker, which follows Pillow. Grey is
    repeated, 16 bits are cut to 8, of an animation the first picture is taken (of an animated PNG that of IDAT).

    Args:
        encoded: The whole file.
        exif: Whether the orientation in the file turns the picture.
        background: (R, G, B) that transparent pixels are laid over; None drops alpha, as OpenCV does.
        min_size: (height, width). If positive, a JPEG is decoded at 1/2, 1/4 or 1/8 of its size as long as the upright
            picture stays at least this large: faster, but other pixels than shrinking the whole picture gives.
        limits: What the image may cost; None: the defaults of ``ImageLimits``.

    Raises:
        InvalidImageError: The bytes are not one whole image within the limits.
        InvalidArgumentError: An option is out of range.
    """

def decode_truncated(
    encoded: _Encoded,
    *,
    exif: _Exif = "apply",
    background: Sequence[int] | None = None,
    limits: ImageLimits | None = None,
) -> tuple[NDArray[np.uint8], bool]:
    """Decodes as ``decode`` does, but takes an image whose data end early.

    Returns:
        The pixels, mid-grey where the data do not tell them, and whether the data ended early.
    """

def preprocess(
    image: NDArray[np.uint8] | _PilImage,
    *,
    resize_short: int | None = 256,
    resize_size: tuple[int, int] | None = None,
    crop_size: tuple[int, int] = (224, 224),
    interpolation: Literal["nearest", "bilinear", "area", "bicubic", "lanczos", "box", "hamming"] = "bilinear",
    backend: Literal["cv2", "pil"] = "cv2",
    scale: float = 0.00392156862745098,
    mean: Sequence[float] = (0.485, 0.456, 0.406),
    std: Sequence[float] = (0.229, 0.224, 0.225),
    channel_num: int = 3,
    color: _Color = "rgb",
) -> NDArray[np.float32]:
    """Resizes, crops centrally and normalises: (H, W, 3) uint8 to (channel_num, h, w) float32.

    Args:
        image: An array with any strides, borrowed for the call, or a PIL image.
        resize_short: Length of the shorter side after resizing; None distorts to ``crop_size``.
        resize_size: (height, width) to resize to, whatever the aspect ratio; ``resize_short`` is then ignored.
        crop_size: (height, width) of the result.
        interpolation: In the words of PaddleClas. ``"area"`` is cv2's alone, ``"box"`` and ``"hamming"`` are Pillow's.
        backend: Whose resizing is followed: cv2's, which takes fixed neighbours, or Pillow's, which widens its filters
            when it shrinks. Pixels are the same but for cv2's bicubic and lanczos, where few differ by 1.
        scale: Factor of the 8-bit values, applied first; 1/255 if not given.
        mean: Subtracted next; R, G, B. Default ImageNet's.
        std: Divides last; R, G, B. Default ImageNet's.
        channel_num: 3, or 4 for a channel of zeros after the picture's.
        color: Channel order of ``image``; the result is always RGB.

    Raises:
        InvalidTypeError: The array is not uint8, or an argument has another type.
        InvalidArgumentError: The shape is not (H, W, 3), or an option is out of range.
        InvalidImageError: The resized image is smaller than the crop.
    """

class StageStats:
    """How long one stage took, over all answered images; quantiles are within 6.25 %."""

    @property
    def count(self) -> int:
        """Images."""

    @property
    def total_ns(self) -> int:
        """Sum over all images, in nanoseconds."""

    @property
    def p50_ns(self) -> int:
        """Median, in nanoseconds."""

    @property
    def p90_ns(self) -> int:
        """90 % took no longer, in nanoseconds."""

    @property
    def p99_ns(self) -> int:
        """99 % took no longer, in nanoseconds."""

class RejectStats:
    """Images that got no answer, by reason."""

    @property
    def queue_full(self) -> int:
        """Refused by ``submit`` because ``max_queue_size`` images waited."""

    @property
    def deadline_exceeded(self) -> int:
        """Their ``timeout`` passed."""

    @property
    def cancelled(self) -> int:
        """Given up by the caller."""

    @property
    def closed(self) -> int:
        """The predictor was closed."""

    @property
    def bad_input(self) -> int:
        """Not found, not an image, or not of the form that was asked for."""

    @property
    def internal(self) -> int:
        """The engine failed, or memory or threads ran out."""

class Stats:
    """A snapshot of what a predictor did. Warm-up runs do not count.

    The stages of an image follow each other without a gap: their sum is its total.
    """

    @property
    def inference_count(self) -> int:
        """Images that the engine ran."""

    @property
    def execution_count(self) -> int:
        """Runs of the engine."""

    @property
    def mean_batch_size(self) -> float:
        """``inference_count / execution_count``."""

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """Element i: runs of i + 1 images."""

    @property
    def decode(self) -> StageStats:
        """Reading the file and decoding; 0 for arrays."""

    @property
    def preprocess(self) -> StageStats:
        """Resizing, cropping, normalising."""

    @property
    def queue(self) -> StageStats:
        """Waiting for a thread that decodes, for room in the queue, and for an instance."""

    @property
    def infer(self) -> StageStats:
        """The run of the engine that the image was part of."""

    @property
    def postprocess(self) -> StageStats:
        """From the engine's end to the answer."""

    @property
    def total(self) -> StageStats:
        """From the call to the answer."""

    @property
    def rejected(self) -> RejectStats:
        """Images that got no answer."""

    @property
    def queue_size(self) -> int:
        """Images that wait now."""

    @property
    def file_bytes(self) -> int:
        """Size of the native engine's file, which weights are read from when they are packed."""

    @property
    def weights_bytes(self) -> int:
        """Bytes of weights of all instances together, those they share once."""

    @property
    def arena_bytes(self) -> int:
        """Bytes for intermediate values of all instances; 0 where the engine cannot tell."""

class Predictor:
    """One loaded model. Any number of threads may call any method at once.

    Callers decode and preprocess, with helpers where there are several images. The engine runs on threads of its own,
    one for each instance, which take together what waits together. The GIL is released while a call waits or computes.
    In a forked child, which has none of these threads, every method raises ``ForkedProcessError``, and
    futures that had no answer yet end with it: make predictors after the fork.

    Args:
        model: Model directory, or the name of a published model (``hrnet_native.models.list_models()``), which is
            fetched into the cache the first time; None takes the model that ships with the package. One of
            Paddle's files alone is compiled for the native engine when it is first used, which takes seconds and the
            paddle package, into the cache.
        device: ``"cpu"``, or ``"gpu"`` (docs/gpu.md says what ran on one).
        backend: ``"native"`` (this project's engine), ``"onednn"``, ``"openvino"`` or ``"cpu"`` (all Paddle Inference);
            on a GPU ``"cuda"`` or ``"tensorrt"``. ``"auto"`` takes the fastest that loads, runs and gives the outputs
            that the model records; what it took and what it passed over, and why, goes to the logger ``hrnet_native``.
        precision: ``"fp32"``; with ``"cuda"`` also ``"fp16"``, mixed; with ``"tensorrt"`` also ``"fp16"`` and
            ``"int8"``, the latter for quantised models.
        memory: ``"low"``: the native engine holds weights of at most 1.6 times their size in the file, whatever batch
            sizes are run, and may be slower. Paddle's engines take no notice.
        num_threads: Threads of one instance; 0: the CPUs of this process (affinity and cgroup quota) divided by
            ``num_instances``, at least 1. No more than that are used, and where more were asked for, or there are more
            instances than CPUs, the logger ``hrnet_native`` is told. The native engine takes so many CPUs for a run, or
            as many as the runs of other predictors leave free, and waits while they leave none.
        num_instances: Execution contexts of the model. With Paddle each loads weights of its own.
        strict_budget: ``num_threads * num_instances`` above the CPUs of this process is an error.
        private_runtime: Threads of its own for decoding and for the native engine, and all CPUs for itself, instead of
            those that all predictors of the process share. Its clones share them.
        max_batch_size: Most images a run; larger batches are run in pieces.
        max_queue_size: Images that may wait for an instance; 0: ``4 * num_instances * max_batch_size``; -1: no limit.
        max_queue_delay_us: How long an image may wait for others to share its run. 0: a run takes what waits already.
        top_k: Classes per answer; fewer where the model has fewer.
        warmup: Batch sizes to run once while loading, beside 1.
        verify: Compare the model's files with the hashes in ``inference.yml``, if it has any.
        exif: Whether the orientation in a file turns the picture.
        background: (R, G, B) that transparent pixels are laid over; None drops alpha, as OpenCV does.
        allow_truncated: Serve images whose data end early: what is missing is mid-grey, and ``truncated`` of the answer
            says so.
        fast_decode: Decode JPEGs at 1/2, 1/4 or 1/8 of their size where twice the size after resizing remains: faster
            for large pictures, but pixels and scores are a little different (docs/performance.md).
        image_limits: What an encoded image may cost; None: the defaults of ``ImageLimits``.
        device_id: GPU, as CUDA counts; ``CUDA_VISIBLE_DEVICES`` applies.
        gpu_memory_pool_mb: GPU memory in MiB that Paddle is told to take at once. Paddle 2.6 ignores it.
        tensorrt: How TensorRT's engine is built, and whether; None: the defaults.
        cache_dir: Root of the cache, where fetched and compiled models and TensorRT's engines are kept; None:
            ``HRNET_NATIVE_CACHE_DIR``, else ``hrnet_native`` in the user's cache directory.

    Raises:
        NotFoundError: There is no such directory, nor a published model of that name.
        DownloadError: The published model cannot be fetched.
        ModelLoadError: The directory is no usable model: a file missing or damaged, parts that do not fit together.
        InvalidArgumentError: An option is out of range.
        UnsupportedError: This build or machine lacks what was asked for.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        device: _Device = "cpu",
        *,
        backend: _Backend = "auto",
        precision: _Precision = "fp32",
        memory: _Memory = "normal",
        num_threads: int = 0,
        num_instances: int = 1,
        strict_budget: bool = False,
        private_runtime: bool = False,
        max_batch_size: int = 8,
        max_queue_size: int = 0,
        max_queue_delay_us: int = 0,
        top_k: int = 5,
        warmup: Sequence[int] = (),
        verify: bool = True,
        exif: _Exif = "apply",
        background: Sequence[int] | None = None,
        allow_truncated: bool = False,
        fast_decode: bool = False,
        image_limits: ImageLimits | None = None,
        device_id: int = 0,
        gpu_memory_pool_mb: int = 256,
        tensorrt: TensorRtOptions | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
    ) -> None: ...
    @staticmethod
    def from_bytes(
        program: bytes = b"", params: bytes = b"", config: bytes = b"", *, native: bytes = b"", **options: Any
    ) -> Predictor:
        """Loads a model from memory, for instance one that is kept encrypted: no byte of it is written to a disk.

        Args:
            program: ``inference.json`` or ``inference.pdmodel``; its content tells which.
            params: ``inference.pdiparams``.
            config: ``inference.yml``; without it PaddleClas's defaults hold.
            native: ``native.safetensors``. It or the first two may be missing, as in a directory.
            **options: As the constructor's.

        Raises:
            ModelLoadError, InvalidArgumentError, UnsupportedError: As the constructor.
        """

    @overload  # a str, which is a sequence of str, is one image
    def predict(  # type: ignore[overload-overlap]
        self,
        image: _OneImage,
        *,
        top_k: int | None = None,
        color: _Color = "rgb",
        on_error: Literal["raise", "return"] = "raise",
        timeout: float | None = None,
    ) -> Classification: ...
    @overload
    def predict(
        self,
        image: Sequence[_Image],
        *,
        top_k: int | None = None,
        color: _Color = "rgb",
        on_error: Literal["raise"] = "raise",
        timeout: float | None = None,
    ) -> list[Classification]: ...
    @overload
    def predict(
        self,
        image: Sequence[_Image],
        *,
        top_k: int | None = None,
        color: _Color = "rgb",
        on_error: Literal["return"],
        timeout: float | None = None,
    ) -> list[Classification | Exception]: ...
    @overload
    def predict(
        self,
        image: NDArray[np.uint8],
        *,
        top_k: int | None = None,
        color: _Color = "rgb",
        on_error: Literal["raise", "return"] = "raise",
        timeout: float | None = None,
    ) -> Classification | list[Classification | Exception]:
        """Classifies one image, or several.

        The argument decides: a list, a tuple, another sequence, or an (N, H, W, 3) array is several.

        Args:
            image: A file path; the bytes of a JPEG, PNG, WebP or BMP; an (H, W, 3) uint8 array with any strides; a PIL
                image; or several of these. Arrays are borrowed for the call and never written. One whose pixels or
                channels have gaps between them is copied; of a list, a few batches at a time. A PIL image is taken as
                it is (``PIL.ImageOps.exif_transpose`` turns that of a camera's file); its alpha and its 16-bit greys
                are treated as in files. Modes ``I`` and ``F``, which have no range of values, are refused.
            top_k: How many classes to return, 1 or more. Default: the constructor's.
            color: Channel order of arrays, ``"rgb"`` or ``"bgr"`` (frames of OpenCV). Encoded images ignore it.
            on_error: For several images. ``"return"``: the slot of an image that fails holds its error. ``"raise"``:
                the first error is raised after all images were tried; its attribute ``results`` has all of them.
            timeout: Seconds; what the engine has not begun to run by then fails. None waits.

        Returns:
            One ``Classification``, or a list in input order. Scores are probabilities in [0, 1], descending; ties go
            to the smaller class id.

        Raises:
            InvalidTypeError: The argument has another type, or an array is not uint8.
            InvalidArgumentError: An array's shape is not (H, W, 3), or an option is out of range.
            InvalidImageError: Bytes or a file are not one whole image.
            NotFoundError: There is no such file.
            DeadlineExceededError: ``timeout`` passed.
            ClosedError: ``close`` was called.
        """

    def submit(
        self, image: _Image, *, top_k: int | None = None, color: _Color = "rgb", timeout: float | None = None
    ) -> Future[Classification]:
        """Queues one image and returns at once; ``asyncio.wrap_future`` makes the result awaitable.

        An array is copied, encoded bytes are kept by reference and must not change. ``cancel`` of the future frees its
        place in the queue if the engine has not begun to run it, and drops the answer otherwise.

        Callbacks of futures run on one thread of the predictor, which answers all of its futures. There ``result`` and
        ``exception`` of a future without an answer, ``predict_iter`` and ``close`` raise ``InvalidArgumentError``, for
        they would wait for that thread; ``concurrent.futures.wait`` must not be called there. ``predict`` may be.

        Raises:
            QueueFullError: ``max_queue_size`` images wait already.
            ResourceExhaustedError: The thread that answers futures could not be started.
            InvalidTypeError, InvalidArgumentError, ClosedError: As ``predict``; all other errors are the future's.
        """

    @overload
    def predict_iter(
        self,
        images: Iterable[_Image],
        *,
        batch_size: int | None = None,
        top_k: int | None = None,
        color: _Color = "rgb",
        on_error: Literal["raise"] = "raise",
    ) -> Iterator[Classification]: ...
    @overload
    def predict_iter(
        self,
        images: Iterable[_Image],
        *,
        batch_size: int | None = None,
        top_k: int | None = None,
        color: _Color = "rgb",
        on_error: Literal["return"],
    ) -> Iterator[Classification | Exception]:
        """Classifies an endless or a long series: answers come in order while the next images are decoded.

        What is answered is given before another image is taken. Images are taken on the thread that asks for answers:
        from a source that is slower than the engine an answer comes when the next image has come; for one that waits
        for the answer to its last image there is ``predict``. Where the source raises, the answers to all that it gave
        come first, then its exception.

        Args:
            images: As for ``predict``. Taken as needed: up to ``batch_size`` for each instance and one batch more.
            batch_size: Default ``max_batch_size``.
            top_k: As ``predict``.
            color: As ``predict``.
            on_error: ``"raise"`` ends the series at the first bad image; ``"return"`` gives its error in its place.
        """

    def preprocess(self, image: _Image, *, color: _Color = "rgb") -> NDArray[np.float32]:
        """Decodes, where needed, and preprocesses one image as ``predict`` does.

        Returns:
            An array of ``input_shape``: one element of the batch that ``infer`` takes.
        """

    def infer(
        self, inputs: NDArray[np.float32], *, out: NDArray[np.float32] | None = None, timeout: float | None = None
    ) -> NDArray[np.float32]:
        """Runs the network: (N, C, H, W) float32, normalised, to (N, num_classes) probabilities.

        Args:
            inputs: Borrowed for the call; copied once if not C-contiguous.
            out: C-contiguous array for the result, which is then returned. If the call fails it may be half written.
            timeout: As ``predict``.

        Raises:
            InvalidTypeError: An array is not float32.
            InvalidArgumentError: The shape is not (N, *input_shape) with N at least 1, or that of ``out`` does not fit.
            DeadlineExceededError: ``timeout`` passed.
            ClosedError: ``close`` was called.
        """

    def warmup(self, batch_sizes: Sequence[int] = [1], iterations: int = 3) -> None:
        """Runs every instance ``iterations`` times on each batch size, without counting it in the statistics.

        Raises:
            InvalidArgumentError: A size is not 1 to ``max_batch_size``, or ``iterations`` is below 1.
            ClosedError: ``close`` was called.
        """

    def clone(self) -> Predictor:
        """Returns another predictor of the same model and options, with its own instances, queue and statistics."""

    def stats(self) -> Stats:
        """Returns what was counted since the start or ``reset_stats``."""

    def reset_stats(self) -> None:
        """Counts from 0 again."""

    def close(self) -> None:
        """Ends the predictor and joins its threads. May be called again.

        What runs is finished; what waits, and later calls, raise ``ClosedError``.
        """

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...
    @property
    def device(self) -> _Device:
        """Where the engine runs."""

    @property
    def backend(self) -> _Backend:
        """The backend in use, never ``"auto"``."""

    @property
    def precision(self) -> _Precision:
        """The precision that was asked for."""

    @property
    def memory(self) -> _Memory:
        """Whether the native engine saves memory."""

    @property
    def num_threads(self) -> int:
        """Threads of one instance, never 0, and no more than there are CPUs for each."""

    @property
    def num_instances(self) -> int:
        """Execution contexts."""

    @property
    def strict_budget(self) -> bool:
        """Whether more threads than CPUs were to be an error."""

    @property
    def private_runtime(self) -> bool:
        """Whether it shares threads and CPUs with its clones only."""

    @property
    def max_batch_size(self) -> int:
        """Most images a run."""

    @property
    def max_queue_size(self) -> int:
        """Images that may wait, never 0; -1: any number."""

    @property
    def max_queue_delay_us(self) -> int:
        """How long an image may wait for others to share its run, in microseconds."""

    @property
    def top_k(self) -> int:
        """Classes per answer where a call does not say."""

    @property
    def warmup_sizes(self) -> tuple[int, ...]:
        """The constructor's ``warmup``."""

    @property
    def verify(self) -> bool:
        """Whether the model's files were compared with their hashes."""

    @property
    def exif(self) -> _Exif:
        """Whether the orientation in a file turns the picture."""

    @property
    def background(self) -> tuple[int, int, int] | None:
        """(R, G, B) that transparent pixels are laid over; None: alpha is dropped."""

    @property
    def allow_truncated(self) -> bool:
        """Whether images whose data end early are served."""

    @property
    def fast_decode(self) -> bool:
        """Whether large JPEGs are decoded at a part of their size."""

    @property
    def image_limits(self) -> ImageLimits:
        """What an encoded image may cost."""

    @property
    def device_id(self) -> int:
        """GPU, as CUDA counts."""

    @property
    def gpu_memory_pool_mb(self) -> int:
        """GPU memory in MiB that Paddle is told to take at once."""

    @property
    def tensorrt(self) -> TensorRtOptions:
        """How TensorRT's engine is built, and whether."""

    @property
    def cache_dir(self) -> Path:
        """Root of the cache, never empty."""

    @property
    def model_name(self) -> str:
        """The model's name; empty if its configuration says none."""

    @property
    def num_classes(self) -> int:
        """Outputs of the model."""

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the classes, or an empty tuple."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one input."""
