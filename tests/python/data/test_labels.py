"""Files with the names of classes, one's own and PaddleClas's."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrnet_native import InvalidArgumentError, NotFoundError
from hrnet_native.data.labels import read_labels
from hrnet_native.family.published import MODELS, imagenet_labels, published_labels, resolve_architecture


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat\ndog\n", ["cat", "dog"]),
        ("cat \r\n dog\r\n\r\n", ["cat", "dog"]),
        ("\ufeffcat\ndog", ["cat", "dog"]),
        ("0 tench, Tinca tinca\n1\tgoldfish\n", ["tench, Tinca tinca", "goldfish"]),
        ("1 goldfish\n0 tench\n", ["tench", "goldfish"]),
        ("1 goldfish\n2 tench\n", ["1 goldfish", "2 tench"]),  # no classes' numbers: there is no 0
        ("0 tench\n0 goldfish\n", ["0 tench", "0 goldfish"]),
        ("0\n1\n", ["0", "1"]),
        ("0 tench\ngoldfish\n", ["0 tench", "goldfish"]),
    ],
)
def test_names_with_and_without_numbers(tmp_path: Path, text: str, names: list[str]) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(text.encode())
    assert read_labels(path) == names


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"cat\n\ndog\n", "line 2 of .* is blank"), (b"", "line 1 of .* is blank"), (b"\xff\xfe", "text in UTF-8")],
)
def test_what_is_no_list_of_names(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=words):
        read_labels(path)
    with pytest.raises(NotFoundError, match="no such labels file"):
        read_labels(tmp_path / "none.txt")


def test_paddleclass_own_list(tmp_path: Path) -> None:
    path = tmp_path / "imagenet1k_label_list.txt"
    path.write_text("".join(f"{i} {name}\n" for i, name in enumerate(imagenet_labels())), encoding="utf-8")
    assert tuple(read_labels(path)) == imagenet_labels()


def test_only_published_architectures_have_imagenets_names() -> None:
    for name, model in MODELS.items():
        expected = imagenet_labels() if model.num_classes == 1000 else None
        assert published_labels(*resolve_architecture(name)) == expected
    architecture, _ = resolve_architecture("HRNet_W18_C")
    assert published_labels(architecture, 999) is None
    assert published_labels(resolve_architecture("HRNet_W19_C")[0], 1000) is None
