"""What a JPEG's markers tell without decoding it, and whether one without its end is all there.

Markers after ITU-T T.81, table B.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
ALONE = frozenset({0x00, 0x01, *range(0xD0, SOS)})  # markers without a body
FEW_SCANS = 30  # what no encoder exceeds by itself
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOF0 to SOF15 without DHT, JPG and DAC
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
END = bytes((0xFF, EOI))
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # inside a scan: neither a stuffed FF nor a restart


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """`samples` are all components' together; `scans` is 1 where the first holds all, else their number."""

    width: int
    height: int
    samples: int
    scans: int = 1

    @property
    def coefficients(self) -> int:
        """Bytes that libjpeg keeps for a picture of several scans: two a sample."""
        return 2 * self.samples if self.scans > 1 else 0


def jpeg_header(data: bytes) -> JpegHeader | None:
    """The first frame's header and the number of scans, or None where there is no whole one."""
    frame, components, progressive = None, 0, False
    for marker, start, end in segments(data):
        if marker in FRAMES and frame is None:
            body = data[start:end]
            frame, components, progressive = (
                read_frame(body),
                body[5] if len(body) > 5 else 0,
                marker in PROGRESSIVE,
            )
        elif marker == SOS and frame is not None:
            several = progressive or data[start] < components
            return JpegHeader(*frame, count_scans(data, start - 4) if several else 1)
    return None


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of every segment's body up to the first scan's header, which is the last."""
    at = 2
    while at + 4 < len(data):
        marker = data[at + 1]
        if data[at] != 0xFF:  # bytes between segments, which libjpeg skips as well
            found = MARKER.search(data, at)
            if found is None:
                return
            at = found.start()
        elif marker == 0xFF:  # a fill byte
            at += 1
        elif marker in ALONE:
            at += 2
        else:
            size = max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
            yield marker, at + 4, min(at + 2 + size, len(data))
            if marker == SOS:
                return
            at += 2 + size


def count_scans(data: bytes, at: int) -> int:
    """How many scans a picture has whose first begins at `at`; few are only counted by their marker."""
    if data.count(b"\xff\xda", at) <= FEW_SCANS:
        return max(2, data.count(b"\xff\xda", at))
    scans = 0
    while at + 4 <= len(data) and data[at + 1] != EOI:
        scans += data[at + 1] == SOS
        found = MARKER.search(data, at + 2 + int.from_bytes(data[at + 2 : at + 4], "big"))
        at = found.start() if found else len(data)
    return max(2, scans)


def read_frame(body: bytes) -> tuple[int, int, int] | None:
    """(width, height, samples) of a frame header's body, or None where it is cut or senseless."""
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    factors = [(body[i] >> 4, body[i] & 15) for i in range(7, 7 + 3 * body[5], 3)]
    if not factors or not all(h and v for h, v in factors):
        return None
    most = max(h for h, _ in factors) * max(v for _, v in factors)
    return width, height, round(width * height * sum(h * v for h, v in factors) / most)


def with_end(data: bytes, filler: bytes) -> bytes:
    """The file with `filler` where its last scan breaks off, and an end marker.

    Where all of its pixels are there, no filler changes any; where some are missing, two fillers give two
    pictures. A tail of zeros, which a broken transfer leaves, is no part of the scan.
    """
    bare = data.rstrip(b"\0")
    whole = data if len(data) - len(bare) < ZEROS else bare
    return whole.rstrip(b"\xff") + filler + END


def without_notes(data: bytes) -> bytes:
    """The file without the segments that only tell about the picture; one of them may be damaged."""
    parts, end = [data[:2]], 2
    for marker, start, stop in segments(data):
        if marker not in NOTES:
            parts.append(b"\xff" + bytes([marker]) + data[start - 2 : stop])
        end = stop
    return b"".join(parts) + data[end:]


ZEROS = 16  # zeros in a row that no scan holds
NOTES = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})  # APP1 to APP15 without Adobe's APP14, and comments
FILLERS = (bytes(256), b"\xa5\x5a\xc3" * 4096)
