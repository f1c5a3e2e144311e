"""The first directory of a TIFF, read before any decoder sees it: its size, and whether it makes sense.

Tags after TIFF 6.0 (Adobe, 1992), section 8; BigTIFF after Aware Systems' description of 2007.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from kilpi.errors import PhotoTooLarge, PhotoTruncated

WIDTH, HEIGHT, BITS, SAMPLES, TILE_WIDTH, TILE_HEIGHT = 256, 257, 258, 277, 322, 323
COMPRESSION, ORIENTATION = 259, 274
OFFSETS, COUNTS, TILE_OFFSETS, TILE_COUNTS, ROWS = 273, 279, 324, 325, 278
LENGTHS = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
WHOLE = {1: "B", 3: "H", 4: "I", 16: "Q"}  # types whose values are whole numbers
MAX_TAGS = 1_000
MAX_PIECES = 200_000  # strips or tiles; a strip a row of the largest picture has 16,384


@dataclass(frozen=True, slots=True)
class TiffHeader:
    """`piece` is the bytes that the largest strip or tile takes unpacked, 0 where none is packed."""

    width: int
    height: int
    bits: int
    samples: int
    piece: int
    orientation: int  # 1 to 8; other values in the file mean 1


def tiff_header(data: bytes, name: str) -> TiffHeader:
    """Raises PhotoTruncated where the directory is cut, PhotoTooLarge where it lists too many pieces."""
    tags = read_directory(data, name)
    if any(tags.get(tag, (0, 0))[0] > MAX_PIECES for tag in (OFFSETS, COUNTS, TILE_OFFSETS, TILE_COUNTS)):
        raise PhotoTooLarge(f"{name}: more than {MAX_PIECES} strips or tiles; save a copy as JPEG")
    value = {tag: first for tag, (_, first) in tags.items()}
    width, height = value.get(WIDTH, 0), value.get(HEIGHT, 0)
    bits, samples = value.get(BITS, 1), value.get(SAMPLES, 1)
    if not width or not height:
        raise PhotoTruncated(f"{name}: the TIFF does not tell its size; send the file again")
    across = value.get(TILE_WIDTH, width)
    down = value.get(TILE_HEIGHT, min(value.get(ROWS, height), height))
    piece = across * down * samples * bits // 8 if value.get(COMPRESSION, 1) != 1 else 0
    orientation = value.get(ORIENTATION, 1)
    orientation = orientation if 1 <= orientation <= 8 else 1
    return TiffHeader(width, height, bits, samples, piece, orientation)


def read_directory(data: bytes, name: str) -> Mapping[int, tuple[int, int]]:
    """Tag -> (how many values, the first of them); tags whose values are no whole numbers count as 0."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    try:
        if big:
            (at,) = struct.unpack_from(order + "Q", data, 8)
            (count,) = struct.unpack_from(order + "Q", data, at)
            at, step, width = at + 8, 20, 8
        else:
            (at,) = struct.unpack_from(order + "I", data, 4)
            (count,) = struct.unpack_from(order + "H", data, at)
            at, step, width = at + 2, 12, 4
        entries = range(at, at + step * min(count, MAX_TAGS), step)
        return dict(read_entry(data, entry, order, width) for entry in entries)
    except (struct.error, OverflowError, IndexError):
        raise PhotoTruncated(
            f"{name}: damaged or cut off (no whole TIFF directory); send the file again"
        ) from None


def read_entry(data: bytes, at: int, order: str, width: int) -> tuple[int, tuple[int, int]]:
    """(tag, (count, first value)) of one directory entry; `width` is that of counts and offsets."""
    number = "Q" if width == 8 else "I"
    tag, kind, count = struct.unpack_from(order + "HH" + number, data, at)
    if kind not in WHOLE or not count:
        return tag, (count, 0)
    place = at + 4 + width
    if count * LENGTHS[kind] > width:
        (place,) = struct.unpack_from(order + number, data, place)
        if place + LENGTHS[kind] > len(data):
            return tag, (count, 0)
    return tag, (count, struct.unpack_from(order + WHOLE[kind], data, place)[0])
