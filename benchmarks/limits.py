"""What hostile images cost: the time of each answer, and the memory that it took.

Every file is small and claims or does much; each must be answered with the error that names the cause, or the pictures'
size where it is within the limits. Usage: python benchmarks/limits.py [--rounds N]
"""

from __future__ import annotations

import argparse
import io
import resource
import statistics
import struct
import sys
import time
import zlib
from typing import NamedTuple

import numpy as np
from PIL import Image

from hrnet_native import InvalidImageError, imaging


class Bomb(NamedTuple):
    name: str
    encoded: bytes
    answer: str  # words of the error, or the shape of the picture
    limits: imaging.ImageLimits = imaging.ImageLimits()


def photograph(kind: str, side: int = 64, **options: object) -> bytes:
    stream = io.BytesIO()
    ramp = np.linspace(0, 255, side * side * 3).reshape(side, side, 3).astype(np.uint8)
    Image.fromarray(ramp).save(stream, kind, **options)
    return stream.getvalue()


def jpeg_of_size(height: int, width: int, *, progressive: bool) -> bytes:
    jpeg = bytearray(photograph("JPEG", progressive=progressive))
    frame = jpeg.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def jpeg_of_scans(scans: int, side: int) -> bytes:
    """A valid grey picture of so many scans, each of which changes nothing but has to be walked through.

    Layout: ITU-T T.81, annexes B and G.
    """

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    def scan(first: int, last: int, bits: int, data: int) -> bytes:
        return segment(0xDA, bytes([1, 1, 0, first, last, bits])) + bytes(data)

    blocks = (side // 8) ** 2
    jpeg = b"\xff\xd8" + segment(0xDB, bytes([0]) + bytes([1] * 64))
    jpeg += segment(0xC2, struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0))
    one_code = bytes([1]) + bytes(15)
    # The one code of DC says "no difference", that of AC "16,384 blocks end here" with fourteen bits more.
    jpeg += segment(0xC4, bytes([0x00]) + one_code + b"\0") + segment(0xC4, bytes([0x10]) + one_code + b"\xe0")
    jpeg += scan(0, 0, 0, blocks // 8)
    for i in range(scans - 1):
        refines = min(i // 63, 12)  # each coefficient comes without its last 12 bits first, then bit by bit
        bits = 12 if refines == 0 else (13 - refines) << 4 | 12 - refines
        jpeg += scan(i % 63 + 1, i % 63 + 1, bits, (blocks // 16384 * 15 + 7) // 8)
    return jpeg + b"\xff\xd9"


def png_with(name: bytes, body: bytes, *, length: int | None = None, times: int = 1) -> bytes:
    """A picture with a chunk behind its header, which may claim another length than it has."""
    png = photograph("PNG")
    chunk = struct.pack(">I", len(body) if length is None else length) + name + body
    return png[:33] + (chunk + struct.pack(">I", zlib.crc32(name + body))) * times + png[33:]


def png_of_size(height: int, width: int) -> bytes:
    png = photograph("PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def webp_of_size(side: int) -> bytes:
    webp = bytearray(photograph("WEBP", lossless=True))
    webp[21:25] = struct.pack("<I", side - 1 | side - 1 << 14)
    return bytes(webp)


def webp_of_code_tables(side: int) -> bytes:
    """A lossless picture with a set of prefix codes for each 4x4 pixels, which libwebp allocates at 20 KB each.

    Layout: RFC 9649, 3.4 to 3.7.
    """
    tiles = (side // 4) ** 2
    fields = [(0x2F, 8), (side - 1, 14), (side - 1, 14), (0, 4)]  # the header
    fields += [(0, 1), (1, 1), (11, 4), (1, 1), (0, 3)]  # no transform; 2**11 cached colours; codes for 4x4 pixels
    byte_code = [(0, 1), (8, 4), *[(0, 3)] * 11, (1, 3), (1, 1), (3, 3), (254, 8)]  # all bytes take eight bits
    only_zero = [(1, 1), (0, 3)]  # a code of no bits
    fields += [(0, 1), *byte_code * 2, *only_zero * 3]
    for tile in range(tiles):
        low, high = (int(f"{byte:08b}"[::-1], 2) for byte in (tile & 255, tile >> 8))
        fields += [(low, 8), (high, 8)]
    fields += only_zero * 5 * tiles
    bits = "".join(format(value, f"0{count}b")[::-1] for value, count in fields)
    data = np.packbits(np.frombuffer(bits.encode(), np.uint8) - ord("0"), bitorder="little").tobytes()
    data += bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(data) + 12) + b"WEBPVP8L" + struct.pack("<I", len(data)) + data


def bmp_of_size(height: int, width: int) -> bytes:
    bmp = bytearray(photograph("BMP"))
    bmp[18:26] = struct.pack("<ii", width, height)
    return bytes(bmp)


def bombs() -> list[Bomb]:
    text = b"key\0\0" + zlib.compress(bytes(8_000_000))
    patient = imaging.ImageLimits(max_scans=100, max_decode_ms=100)
    return [
        Bomb("JPEG of 4.3 billion pixels", jpeg_of_size(65500, 65500, progressive=False), "max_pixels allows"),
        Bomb("progressive JPEG of 4.3 billion", jpeg_of_size(65500, 65500, progressive=True), "max_pixels allows"),
        Bomb("JPEG of 100 million", jpeg_of_size(10000, 10000, progressive=False), "not a whole JPEG"),
        Bomb(
            "progressive JPEG of 100 million", jpeg_of_size(10000, 10000, progressive=True), "cannot hold 10000x10000"
        ),
        Bomb("JPEG of 500 scans", jpeg_of_scans(500, 2048), "max_scans allows 32"),
        Bomb("JPEG of 10,000 scans", jpeg_of_scans(10_000, 2048), "max_scans allows 32"),
        Bomb("JPEG of 32 scans, 67 million pixels", jpeg_of_scans(32, 8192), "(8192, 8192, 3)"),
        Bomb("JPEG of 100 scans, 67 million, allowed", jpeg_of_scans(100, 8192), "max_decode_ms, 100", patient),
        Bomb("PNG of 4.3 billion pixels", png_of_size(65500, 65500), "max_pixels allows"),
        Bomb("PNG with a chunk of 800 MB", png_with(b"eXIf", b"Exif", length=800_000_000), "the data ends too early"),
        Bomb("PNG with 1,000 texts of 8 MB", png_with(b"zTXt", text, times=1000), "(64, 64, 3)"),
        Bomb("WebP of 268 million pixels", webp_of_size(16383), "max_pixels allows"),
        Bomb("WebP of 65,536 sets of codes", webp_of_code_tables(1024), "(1024, 1024, 3)"),
        Bomb("BMP of 4.3 billion pixels", bmp_of_size(65500, 65500), "max_pixels allows"),
        Bomb("BMP of 100 million", bmp_of_size(10000, 10000), "the data end after 0 of 10000 rows"),
        Bomb("a byte more than is read", bytes(2**26 + 1), "max_encoded_bytes allows"),
    ]


def answer(bomb: Bomb) -> str:
    try:
        return str(imaging.decode(bomb.encoded, limits=bomb.limits).shape)
    except InvalidImageError as error:
        return str(error)


def peak_memory() -> int:
    """Of this process so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    print(f"{'image':38s} {'bytes':>10s} {'median':>9s} {'longest':>9s} {'memory':>8s}  answer")
    for bomb in bombs():
        milliseconds = []
        before = peak_memory()
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            said = answer(bomb)
            milliseconds.append((time.perf_counter() - start) * 1000)
            if bomb.answer not in said:
                sys.exit(f"{bomb.name}: expected {bomb.answer!r}, got {said!r}")
        print(
            f"{bomb.name:38s} {len(bomb.encoded):10,d} {statistics.median(milliseconds):6.1f} ms "
            f"{max(milliseconds):6.1f} ms {(peak_memory() - before) / 1024:4.0f} MiB  {said}"
        )


if __name__ == "__main__":
    main()
