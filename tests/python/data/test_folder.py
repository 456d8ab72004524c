"""Folders of images: which files are images, in what order, and of which class."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrnet_native import InvalidArgumentError
from hrnet_native.data.folder import LabelledImage, class_folders, list_images, list_labelled_images


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_images_are_listed_below_a_folder_in_a_fixed_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.PNG", "a.jpg", "notes.txt", "b/d.bmp", "b/c/e.webp", "a/z.jpeg", "b/c/jpg")
    names = [str(path.relative_to(tmp_path)) for path in list_images(tmp_path)]
    assert names == ["a.jpg", "b.PNG", "a/z.jpeg", "b/d.bmp", "b/c/e.webp"]
    assert list_images(tmp_path / "nowhere") == []


def test_each_folder_is_a_class(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="has no subdirectories"):
        class_folders(tmp_path)
    touch(tmp_path, "dog/2.jpg", "cat/1.jpg", "cat/0.jpg", "a file")
    assert class_folders(tmp_path) == ["cat", "dog"]
    with pytest.raises(InvalidArgumentError, match="a file' is not a directory"):
        class_folders(tmp_path / "a file")
    assert list_labelled_images(tmp_path, ["dog", "emu", "cat"]) == [
        LabelledImage(tmp_path / "cat" / "0.jpg", 2),
        LabelledImage(tmp_path / "cat" / "1.jpg", 2),
        LabelledImage(tmp_path / "dog" / "2.jpg", 0),
    ]


def test_folders_without_an_image_are_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "cat/readme.txt")
    with pytest.raises(InvalidArgumentError, match=r"no image with one of the suffixes \.bmp, \.jpeg"):
        list_labelled_images(tmp_path, ["cat"])


@pytest.mark.parametrize(("classes", "shown"), [(2, "c0, c1"), (10, "c8, c9"), (11, "c8, c9, ...")])
def test_a_folder_that_is_no_class_is_named_beside_ten_that_are(tmp_path: Path, classes: int, shown: str) -> None:
    touch(tmp_path, "emu/0.jpg")
    with pytest.raises(InvalidArgumentError, match=f"folder 'emu' in .* one of the {classes} classes: c0") as caught:
        list_labelled_images(tmp_path, [f"c{i}" for i in range(classes)])
    assert str(caught.value).endswith(shown)
