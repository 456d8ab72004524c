"""Every mode of every format decodes to OpenCV's pixels, or Pillow's where OpenCV is not followed."""

from __future__ import annotations

import io
import os
import struct
import tarfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import hrnet_native
from hrnet_native import imaging

HEIGHT, WIDTH = 37, 53


def opencv_decode(encoded: bytes) -> NDArray[np.uint8] | None:
    try:
        decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if decoded is None else decoded[:, :, ::-1]


def same_as_opencv(encoded: bytes) -> None:
    theirs = opencv_decode(encoded)
    assert theirs is not None
    np.testing.assert_array_equal(imaging.decode(encoded), theirs)


def picture(mode: str, seed: int = 0) -> Image.Image:
    """Noise over a gradient, so that lossy formats have something to keep."""
    rng = np.random.default_rng(seed)
    channels = {"L": 1, "LA": 2, "P": 3, "1": 3, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    ramp = np.linspace(0, 200, HEIGHT * WIDTH * channels).reshape(HEIGHT, WIDTH, channels)
    pixels = (ramp + rng.integers(0, 56, ramp.shape)).astype(np.uint8)
    if mode == "CMYK":
        return Image.frombytes("CMYK", (WIDTH, HEIGHT), pixels.tobytes())
    image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    return image.convert(mode) if mode in ("P", "1") else image


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def without_adobe_marker(jpeg: bytes) -> bytes:
    start = jpeg.index(b"\xff\xee")
    return jpeg[:start] + jpeg[start + 2 + struct.unpack(">H", jpeg[start + 2 : start + 4])[0] :]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_png_modes(mode: str) -> None:
    same_as_opencv(encode(picture(mode), "PNG"))


def test_png_palette_with_transparency() -> None:
    same_as_opencv(encode(picture("P"), "PNG", transparency=3))
    same_as_opencv(encode(picture("RGB"), "PNG", transparency=(1, 2, 3)))


PNG_BITS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # by color type


@pytest.mark.parametrize(("color_type", "bits"), [(color, bits) for color in PNG_BITS for bits in PNG_BITS[color]])
@pytest.mark.parametrize("interlaced", [0, 1])
def test_png_color_types(color_type: int, bits: int, interlaced: int) -> None:
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    rng = np.random.default_rng(bits)

    def rows(height: int, width: int) -> bytes:
        return b"".join(b"\0" + rng.bytes((width * samples * bits + 7) // 8) for _ in range(height) if width)

    adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    passes = adam7 if interlaced else [(0, 0, 1, 1)]
    data = b"".join(rows(-((y - HEIGHT) // dy), -((x - WIDTH) // dx)) for y, x, dy, dx in passes)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, color_type, 0, 0, interlaced))
    palette = chunk(b"PLTE", rng.bytes(3 << bits)) if color_type == 3 else b""
    same_as_opencv(b"\x89PNG\r\n\x1a\n" + header + palette + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"quality": 30}, {"quality": 90}, {"lossless": True, "exact": True}]
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_webp(options: dict[str, Any], mode: str) -> None:
    same_as_opencv(encode(picture(mode), "WEBP", **options))


def test_the_first_picture_of_an_animation() -> None:
    for kind in ("WEBP", "PNG"):
        same_as_opencv(encode(picture("RGB"), kind, save_all=True, append_images=[picture("RGB", 1)]))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_bmp_modes(mode: str) -> None:
    same_as_opencv(encode(picture(mode), "BMP"))


def bmp(
    bits: int, compression: int, data: bytes, *, masks: tuple[int, ...] = (), header: int = 40, height: int = 4
) -> bytes:
    """A bitmap five pixels wide, with a random palette where it has one."""
    palette = np.random.default_rng(bits).bytes(4 << bits) if bits <= 8 else b""
    tail = struct.pack(f"<{len(masks)}I", *masks)
    tail += bytes(max(header - 40 - len(tail), 0))
    fields = (header, 5, height, 1, bits, compression, len(data), 2835, 2835, 0, 0)
    body = struct.pack("<IiiHHIIiiII", *fields) + tail + palette
    return b"BM" + struct.pack("<IHHI", 14 + len(body) + len(data), 0, 0, 14 + len(body)) + body + data


BITMAPS = {
    "1 bit": (1, 0, 16, {}),
    "4 bits": (4, 0, 16, {}),
    "8 bits": (8, 0, 32, {}),
    "8 bits, top down": (8, 0, 32, {"height": -4}),
    "15 bits": (16, 0, 48, {}),
    "15 bits by masks": (16, 3, 48, {"masks": (0x7C00, 0x3E0, 0x1F)}),
    "16 bits": (16, 3, 48, {"masks": (0xF800, 0x7E0, 0x1F)}),
    "24 bits": (24, 0, 64, {}),
    "32 bits": (32, 0, 80, {}),
    "32 bits, masks after the header": (32, 3, 80, {"masks": (0xFF, 0xFF00, 0xFF0000)}),
    "32 bits, masks in the header": (32, 3, 80, {"masks": (0xFF, 0xFF00, 0xFF0000, 0), "header": 108}),
    "10 bits a channel": (32, 3, 80, {"masks": (0x3FF00000, 0xFFC00, 0x3FF, 0), "header": 124}),
}


@pytest.mark.parametrize("name", BITMAPS)
def test_bmp_layouts(name: str) -> None:
    bits, compression, size, options = BITMAPS[name]
    same_as_opencv(bmp(bits, compression, np.random.default_rng(3).bytes(size), **options))


@pytest.mark.parametrize(
    "data",
    [
        bytes([5, 7, 0, 0, 5, 8, 0, 0, 0, 3, 1, 2, 3, 0, 2, 9, 0, 0, 5, 1, 0, 1]),  # runs and literals
        bytes([3, 7, 0, 2, 1, 1, 1, 9, 0, 0, 5, 200, 0, 0, 2, 3, 0, 0, 0, 1]),  # a jump, an end before the row's
        bytes([3, 7, 0, 2, 0, 3, 2, 4, 0, 1]),  # a jump over rows
    ],
)
def test_bmp_run_lengths(data: bytes) -> None:
    same_as_opencv(bmp(8, 1, data))


@pytest.mark.parametrize("end", [b"\0\1", b"\0\0\0\1"])
def test_bmp_run_lengths_that_end_before_the_last_row(end: bytes) -> None:
    encoded = bmp(8, 1, bytes([5, 7]) + end)  # OpenCV fills three of four rows with the palette's first colour
    with pytest.raises(hrnet_native.InvalidImageError, match="the data end after 1 of 4 rows"):
        imaging.decode(encoded)
    assert imaging.decode_truncated(encoded)[1]


def test_bmp_run_lengths_of_four_bits() -> None:
    indices = [[0] * 5, [0] * 5, [3, 4, 5, 6, 6], [1, 2, 1, 2, 1]]
    encoded = bmp(4, 2, bytes([5, 0x12, 0, 0, 0, 3, 0x34, 0x50, 2, 0x66, 0, 0, 5, 0, 0, 0, 5, 0, 0, 1]))
    palette = np.frombuffer(encoded, np.uint8)[54 : 54 + 64].reshape(16, 4)[:, 2::-1]
    np.testing.assert_array_equal(imaging.decode(encoded), palette[indices])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_every_format(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = picture("RGB")
    options = {"lossless": True} if kind == "WEBP" else {}
    encoded = encode(image, kind, exif=exif, **options)
    same_as_opencv(encoded)
    np.testing.assert_array_equal(
        imaging.decode(encoded, exif="ignore"), imaging.decode(encode(image, kind, **options))
    )


def test_alpha_over_a_background() -> None:
    image = picture("RGBA")
    pixels = np.asarray(image).astype(int)
    color, alpha = pixels[:, :, :3], pixels[:, :, 3:]
    expected = (color * alpha + np.array([10, 200, 90]) * (255 - alpha) + 127) // 255
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True})):
        laid = imaging.decode(encode(image, kind, **options), background=(10, 200, 90))
        np.testing.assert_array_equal(laid, expected)
    masks = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    data = np.random.default_rng(3).bytes(80)
    rgba = np.frombuffer(data, np.uint8).reshape(4, 5, 4)[::-1].astype(int)
    expected = (rgba[:, :, :3] * rgba[:, :, 3:] + np.array([10, 200, 90]) * (255 - rgba[:, :, 3:]) + 127) // 255
    laid = imaging.decode(bmp(32, 3, data, masks=masks, header=108), background=(10, 200, 90))
    np.testing.assert_array_equal(laid, expected)
    opaque = encode(picture("RGB"), "PNG")
    np.testing.assert_array_equal(imaging.decode(opaque, background=(1, 2, 3)), imaging.decode(opaque))


@pytest.mark.parametrize("progressive", [False, True])
def test_cmyk_jpeg(progressive: bool) -> None:
    encoded = encode(picture("CMYK"), "JPEG", quality=95, progressive=progressive)
    same_as_opencv(encoded)
    for unmarked in (encoded, without_adobe_marker(encoded)):
        pillows = np.asarray(Image.open(io.BytesIO(unmarked)).convert("RGB")).astype(int)
        # Pillow's own for files without the marker; with it OpenCV's, which rounds the product of inks differently.
        tolerance = 0 if unmarked is not encoded else 1
        assert np.abs(imaging.decode(unmarked) - pillows).max() <= tolerance


def test_ycck_jpeg() -> None:
    """The Adobe marker's last byte says YCCK: the same bytes then mean other colours."""
    encoded = bytearray(encode(picture("CMYK"), "JPEG", quality=95))
    marker = encoded.index(b"Adobe")
    encoded[marker + 11] = 2
    same_as_opencv(bytes(encoded))


@pytest.mark.parametrize(
    "options", [{"restart_marker_blocks": 3}, {"restart_marker_rows": 1}, {"optimize": True}, {"keep_rgb": True}]
)
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_kinds(options: dict[str, Any], progressive: bool, mode: str) -> None:
    same_as_opencv(encode(picture(mode), "JPEG", progressive=progressive, **options))


def test_twelve_bits_are_refused_by_name() -> None:
    encoded = bytearray(encode(picture("RGB"), "JPEG"))
    frame = encoded.index(b"\xff\xc0")
    encoded[frame + 1 : frame + 5] = b"\xc1" + encoded[frame + 2 : frame + 4] + b"\x0c"
    with pytest.raises(hrnet_native.InvalidImageError, match="12"):
        imaging.decode(bytes(encoded))


# libjpeg-turbo 3 gives other pixels than 2.1 for coefficients beyond what an encoder can write; these files of the
# corpus have such. All are 348 bytes or less.
FILES_OF_ANOTHER_LIBJPEG = 28


def test_every_fuzz_file_decodes_or_errs(fuzz_seeds: Path) -> None:
    files = sorted(path for path in fuzz_seeds.rglob("*") if path.is_file())
    assert len(files) == 3871
    decoded = different = 0
    for path in files:
        encoded = path.read_bytes()
        try:
            ours = imaging.decode(encoded)
        except hrnet_native.InvalidImageError:
            continue
        decoded += 1
        theirs = opencv_decode(encoded)
        if theirs is not None and not np.array_equal(ours, theirs):
            assert len(encoded) <= 348, path
            different += 1
    assert decoded > 300
    assert different <= FILES_OF_ANOTHER_LIBJPEG


PILLOW_ARCHIVE = os.environ.get("HRNET_NATIVE_PILLOW_ARCHIVE", "")


@pytest.mark.skipif(not PILLOW_ARCHIVE, reason="HRNET_NATIVE_PILLOW_ARCHIVE does not name Pillow's source archive")
def test_pillows_test_images() -> None:
    compared = 0
    with tarfile.open(PILLOW_ARCHIVE) as tar:
        for member in tar:
            # Of an animated PNG OpenCV takes the first frame, we the picture that every viewer shows.
            if not member.isfile() or "/Tests/images/" not in member.name or "/apng/" in member.name:
                continue
            stream = tar.extractfile(member)
            assert stream is not None
            encoded = stream.read()
            try:
                ours = imaging.decode(encoded)
            except hrnet_native.InvalidImageError:
                continue
            theirs = opencv_decode(encoded)
            if theirs is not None:
                np.testing.assert_array_equal(ours, theirs, member.name)
                compared += 1
    assert compared > 300
