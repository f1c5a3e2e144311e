"""A PNG without what is not needed to show it.

Editors put megabytes of text and other programs' data into a PNG, which Pillow refuses, and a damaged note
about the camera says nothing about the pixels. Chunks after the PNG specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
SMALL = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"eXIf": 1_000_000, b"iCCP": 4_000_000}  # most bytes of each
MAX_PROFILE = 8_000_000  # bytes, unpacked; printers' profiles have up to 3 MB


def plain_png(data: bytes) -> bytes:
    """The same picture with only the chunks that show it; the file itself where there is nothing to drop.

    A file that breaks off after its pixels gets the end that it lacks.
    """
    chunks = list(walk(data))
    kept = [chunk for chunk in chunks if is_kept(data, *chunk)]
    whole = bool(chunks) and chunks[-1][0] == b"IEND"
    if whole and len(kept) == len(chunks):
        return data
    parts = [SIGNATURE]
    for kind, start, end in kept:
        body = data[start:end]
        parts += [len(body).to_bytes(4, "big"), kind, body, crc(kind, body)]
    if not whole:
        parts += [bytes(4), b"IEND", crc(b"IEND", b"")]
    return b"".join(parts)


def walk(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start, end) of every chunk's body, up to the end chunk; one that is cut ends with the file."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        yield kind, at + 8, min(at + 8 + size, len(data))
        if kind == b"IEND":
            return
        at += 12 + size


def is_kept(data: bytes, kind: bytes, start: int, end: int) -> bool:
    """Whether a chunk shows the picture; one of the others must be small and whole as well."""
    if kind in NEEDED:
        return True
    if end - start > SMALL.get(kind, -1) or data[end : end + 4] != crc(kind, data[start:end]):
        return False
    return kind != b"iCCP" or is_profile(data[start:end])


def is_profile(body: bytes) -> bool:
    """Whether a colour profile can be unpacked within its limit."""
    try:
        unpacker = zlib.decompressobj()
        unpacker.decompress(body.partition(b"\0")[2][1:], MAX_PROFILE)
    except zlib.error:
        return False
    return unpacker.eof


def crc(kind: bytes, body: bytes) -> bytes:
    """A chunk's checksum."""
    return zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big")
