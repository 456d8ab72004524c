"""PIL images are taken wherever arrays are, and give what their files give."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from hrnet_native import InvalidArgumentError, InvalidImageError, Predictor, imaging

WHITE = (255, 255, 255)


@pytest.fixture(scope="module")
def picture(cat: Path) -> Image.Image:
    return Image.open(cat).convert("RGB")


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def with_alpha(picture: Image.Image, mode: str) -> Image.Image:
    alpha = Image.linear_gradient("L").resize(picture.size)
    image = picture.convert(mode[:-1])
    image.putalpha(alpha)
    return image


def of_16_bits(picture: Image.Image) -> Image.Image:
    grey = np.asarray(picture.convert("L")).astype(np.uint16)
    return Image.fromarray(grey * 256 + 200)


def with_transparent_entry(picture: Image.Image) -> Image.Image:
    image = picture.quantize(16)
    image.info["transparency"] = bytes(range(0, 256, 16))
    return image


MODES = {
    "RGB": lambda p: p,
    "L": lambda p: p.convert("L"),
    "1": lambda p: p.convert("1"),
    "P": lambda p: p.quantize(64),
    "P with alpha": with_transparent_entry,
    "LA": lambda p: with_alpha(p, "LA"),
    "RGBA": lambda p: with_alpha(p, "RGBA"),
    "I;16": of_16_bits,
}


@pytest.mark.parametrize("background", [None, WHITE])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_what_its_file_gives(
    small_model: Path, picture: Image.Image, mode: str, background: tuple[int, int, int] | None
) -> None:
    image = MODES[mode](picture)
    with Predictor(small_model, background=background) as predictor:
        expected = predictor.preprocess(png(image))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow's, of transparent palettes
            np.testing.assert_array_equal(predictor.preprocess(image), expected)
        assert predictor.predict(image) == predictor.predict(png(image))


def test_wherever_arrays_are_taken(default_predictor: Predictor, picture: Image.Image) -> None:
    pixels = np.asarray(picture)
    expected = default_predictor.predict(pixels)
    assert default_predictor.predict(picture, color="bgr") == expected  # which is for arrays
    assert default_predictor.submit(picture).result(60) == expected
    together = default_predictor.predict([pixels] * 3)
    assert default_predictor.predict([picture, pixels, picture]) == together
    assert [r.class_ids for r in default_predictor.predict_iter([picture] * 3)] == [expected.class_ids] * 3
    np.testing.assert_array_equal(default_predictor.preprocess(picture), default_predictor.preprocess(pixels))
    np.testing.assert_array_equal(imaging.preprocess(picture), imaging.preprocess(pixels))


def test_an_opened_file_is_read_when_it_is_used(default_predictor: Predictor, cat: Path) -> None:
    assert default_predictor.predict(Image.open(cat)) == default_predictor.predict(np.asarray(Image.open(cat)))


def test_other_colours_are_converted(default_predictor: Predictor, picture: Image.Image) -> None:
    for mode in ("CMYK", "YCbCr", "HSV"):
        converted = picture.convert(mode)
        expected = default_predictor.preprocess(np.asarray(converted.convert("RGB")))
        np.testing.assert_array_equal(default_predictor.preprocess(converted), expected)


def test_orientation_is_the_caller_s(default_predictor: Predictor, picture: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    picture.save(stream, "PNG", exif=exif)
    opened = Image.open(stream)
    upright: NDArray[np.float32] = default_predictor.preprocess(stream.getvalue())
    np.testing.assert_array_equal(default_predictor.preprocess(opened), default_predictor.preprocess(picture))
    np.testing.assert_array_equal(default_predictor.preprocess(ImageOps.exif_transpose(opened)), upright)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_modes_without_colours_are_refused(default_predictor: Predictor, picture: Image.Image, mode: str) -> None:
    image = Image.new(mode, (8, 8))
    with pytest.raises(InvalidArgumentError, match=f"mode {mode}"):
        default_predictor.predict(image)
    results = default_predictor.predict([picture, image], on_error="return")
    assert isinstance(results[1], InvalidArgumentError)


def test_a_damaged_file_is_an_invalid_image(default_predictor: Predictor, cat: Path) -> None:
    whole = cat.read_bytes()
    with pytest.raises(InvalidImageError, match="PIL image cannot be read"):
        default_predictor.predict(Image.open(io.BytesIO(whole[: len(whole) // 2])))


def test_an_image_without_pixels_is_refused(default_predictor: Predictor) -> None:
    with pytest.raises(InvalidArgumentError, match="not \\(0, 0, 3\\)"):
        default_predictor.predict(Image.new("RGB", (0, 0)))
