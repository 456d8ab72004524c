"""The published models as data: one row per set of weights, with the facts that its publisher gives.

Nothing here imports paddle. Sources: PaddleClas ``docs/zh_CN/models/ImageNet1k/model_list.md`` (accuracy, four digits),
its HRNet page ``HRNet.md`` (``page_*``), and ``ppcls/arch/backbone/legendary_models/hrnet.py`` (addresses).
"""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any, Final

from hrnet_native._suggest import did_you_mean
from hrnet_native.errors import InvalidArgumentError
from hrnet_native.family.table import Architecture, parse_name

# Where PaddleClas publishes; a mirror replaces this beginning and keeps the rest of the address.
PUBLISHER: Final = "https://paddle-imagenet-models-name.bj.bcebos.com/dygraph"


@dataclasses.dataclass(frozen=True)
class PublishedModel:
    """One published set of weights, at 224x224 with 1,000 classes unless the row says otherwise.

    Attributes:
        arch: Architecture name.
        num_parameters: Trainable parameters (batch-norm statistics not counted).
        gmacs: Multiply-accumulates of convolutions and fully connected layers, in 10^9; FLOPs are twice that.
        top1: Validation top-1, a fraction; ImageNet-1k unless ``dataset`` says otherwise. None: not published.
        top5: The same for top-5.
        page_top1: What the publisher's model page prints for top-1; it has fewer digits.
        page_top5: The same for top-5.
        page_flops: What the page prints under FLOPs, in 10^9, in the unit that ``notes`` names.
        input_size: Height and width in pixels.
        num_classes: Outputs.
        dataset: What the weights were trained and measured on.
        origin: Who made the weights, and how.
        license: Of the weights.
        weights_path: Address of the ``.pdparams`` file, below ``PUBLISHER``; None: there is none.
        inference_path: Address of the exported archive, likewise.
        notes: Contradictions between the sources, and what is held to be true.
        arch_overrides: Fields of ``Architecture`` that differ from the named architecture's.
    """

    arch: str
    num_parameters: int
    gmacs: float
    top1: float | None = None
    top5: float | None = None
    page_top1: float | None = None
    page_top5: float | None = None
    page_flops: float | None = None
    input_size: int = 224
    num_classes: int = 1000
    dataset: str = "ImageNet-1k"
    origin: str = "PaddleClas"
    license: str = "Apache-2.0 (PaddleClas's; nothing is said of the weights by themselves)"
    weights_path: str | None = None
    inference_path: str | None = None
    notes: tuple[str, ...] = ()
    arch_overrides: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def gflops(self) -> float:
        """Floating-point operations in 10^9: two per multiply-accumulate."""
        return 2 * self.gmacs


_SSLD: Final = "PaddleClas, distilled (SSLD) with 4 million more unlabelled images"
_PAGE_IS_FLOPS: Final = "the page's FLOPs are two per multiply-accumulate"


def _paddleclas(
    name: str,
    arch: str,
    size: tuple[int, float],
    accuracy: tuple[float, float],
    page: tuple[float, float, float],
    *notes: str,
    origin: str = "PaddleClas",
) -> tuple[str, PublishedModel]:
    """A row of PaddleClas's model page, whose addresses follow from the name."""
    return name, PublishedModel(
        arch,
        *size,
        *accuracy,
        *page,
        origin=origin,
        weights_path=f"legendary_models/{name}_pretrained.pdparams",
        inference_path=f"inference/{name}_infer.tar",
        notes=notes,
    )


_W18: Final = (21_295_164, 4.284)
_W48: Final = (77_466_024, 17.278)
_W18_UNIT: Final = "the page's FLOPs of the W18 rows are multiply-accumulates; all its other rows count two for one"

MODELS: Final[dict[str, PublishedModel]] = dict(
    [
        _paddleclas("HRNet_W18_C", "HRNet_W18_C", _W18, (0.7692, 0.9339), (0.769, 0.934, 4.14), _W18_UNIT),
        _paddleclas(
            "HRNet_W18_C_ssld",
            "HRNet_W18_C",
            _W18,
            (0.81162, 0.95804),
            (0.816, 0.958, 4.14),
            _W18_UNIT,
            "the page says top-1 0.816, the model list 0.81162, and timm measures 0.8111 with these weights: "
            "the page is held to be wrong",
            origin=_SSLD,
        ),
        _paddleclas(
            "HRNet_W30_C", "HRNet_W30_C", (37_708_380, 8.106), (0.7804, 0.9402), (0.780, 0.940, 16.23), _PAGE_IS_FLOPS
        ),
        _paddleclas(
            "HRNet_W32_C", "HRNet_W32_C", (41_228_840, 8.921), (0.7828, 0.9424), (0.783, 0.942, 17.86), _PAGE_IS_FLOPS
        ),
        _paddleclas(
            "HRNet_W40_C", "HRNet_W40_C", (57_553_320, 12.692), (0.7877, 0.9447), (0.788, 0.945, 25.41), _PAGE_IS_FLOPS
        ),
        _paddleclas(
            "HRNet_W44_C", "HRNet_W44_C", (67_061_144, 14.883), (0.7900, 0.9451), (0.790, 0.945, 29.79), _PAGE_IS_FLOPS
        ),
        _paddleclas(
            "HRNet_W48_C",
            "HRNet_W48_C",
            _W48,
            (0.7895, 0.9442),
            (0.790, 0.944, 34.58),
            _PAGE_IS_FLOPS,
            "less accurate than the smaller HRNet_W44_C; the publisher calls that normal fluctuation",
        ),
        _paddleclas(
            "HRNet_W48_C_ssld",
            "HRNet_W48_C",
            _W48,
            (0.8363, 0.9682),
            (0.836, 0.968, 34.58),
            _PAGE_IS_FLOPS,
            origin=_SSLD,
        ),
        (
            "HRNet_W60_C",
            PublishedModel(
                "HRNet_W60_C",
                114_063_000,
                25.685,
                origin="architecture only",
                license="none",
                notes=("PaddleClas names this architecture but publishes no weights for it",),
            ),
        ),
        _paddleclas(
            "HRNet_W64_C", "HRNet_W64_C", (128_056_104, 28.895), (0.7930, 0.9461), (0.793, 0.946, 57.83), _PAGE_IS_FLOPS
        ),
        _paddleclas(
            "SE_HRNet_W64_C_ssld",
            "SE_HRNet_W64_C",
            (128_991_264, 28.896),
            (0.8475, 0.9726),
            (0.847, 0.973, 57.83),
            _PAGE_IS_FLOPS,
            "the page says 128.97 million parameters: it leaves out the biases of squeeze-and-excitation",
            "PaddleClas's own code cannot build this network (it fails for want of an address)",
            origin=_SSLD,
        ),
        (
            "HRNet_W16_C_CIFAR10",
            PublishedModel(
                "HRNet_W16_C",
                1_465_978,
                0.025,
                0.806,
                0.988,
                input_size=64,
                num_classes=10,
                dataset="CIFAR-10",
                origin="trained with hrnet_native; ships with the package as its default model",
                license="as the package",
                notes=("a shortened HRNet; MODEL_CARD.md in the package describes it",),
                arch_overrides={
                    "num_modules": (1, 1, 1),
                    "num_blocks": (1, 1, 1, 1),
                    "stem_channels": 16,
                    "head_channels": (8, 16, 32, 64),
                    "last_channels": 256,
                },
            ),
        ),
    ]
)
# Ships with the package.
DEFAULT_MODEL: Final = "HRNet_W16_C_CIFAR10"


def list_models() -> list[str]:
    """Names of the published models, smallest architecture first, and of the default model last."""
    return list(MODELS)


def find_model(name: str) -> PublishedModel:
    """Returns the row of a published model.

    Raises:
        InvalidArgumentError: There is none of this name; the message suggests the nearest ones.
    """
    if name not in MODELS:
        raise InvalidArgumentError(
            f"unknown model {name!r}; expected one of {', '.join(MODELS)}{did_you_mean(name, MODELS)}"
        )
    return MODELS[name]


def resolve_architecture(name: str) -> tuple[Architecture, int]:
    """Returns the architecture, and the number of classes, of a published model or of an architecture's name.

    Raises:
        InvalidArgumentError: The name is neither.
    """
    model = MODELS.get(name)
    if model is None:
        return parse_name(name), 1000
    return dataclasses.replace(parse_name(model.arch), **model.arch_overrides), model.num_classes


def published_labels(architecture: Architecture, num_classes: int) -> tuple[str, ...] | None:
    """The class names of the published models of an architecture; None if none has as many classes.

    They are ImageNet-1k's. Weights of one's own with as many classes cannot be told from published ones.
    """
    is_published = any(
        (architecture, num_classes) == resolve_architecture(name)
        for name, model in MODELS.items()
        if model.dataset == "ImageNet-1k"
    )
    return imagenet_labels() if is_published else None


@cache
def imagenet_labels() -> tuple[str, ...]:
    """ImageNet-1k's 1,000 class names in the order of the published models' outputs.

    Origin: ``ppcls/utils/imagenet1k_label_list.txt`` of PaddleClas 2.6.0 (Apache-2.0), without its running numbers; the
    names are those of WordNet's synsets.
    """
    text = Path(__file__).with_name("imagenet_labels.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())
