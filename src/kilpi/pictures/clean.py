"""Whether a finished file is a picture and nothing else."""

from __future__ import annotations

from kilpi.errors import PublishError

# JPEG marker codes, ITU-T T.81 table B.1. Everything that is not needed to show the picture is refused.
EOI, SOS, APP0, APP14 = 0xD9, 0xDA, 0xE0, 0xEE
NEEDED = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD, SOS})  # frames, tables, restart interval, scans


def check_clean(jpeg: bytes, name: str) -> None:
    """Raise PublishError unless a JPEG is only an image: no EXIF, XMP, ICC, comment, thumbnail, tail."""
    if jpeg[:2] != b"\xff\xd8":
        raise PublishError(f"{name}: not a JPEG")
    at = 2
    while True:
        marker = jpeg[at + 1] if jpeg[at : at + 1] == b"\xff" and at + 1 < len(jpeg) else None
        if marker is None:
            raise PublishError(f"{name}: a damaged JPEG")
        if marker == EOI:
            break
        length = int.from_bytes(jpeg[at + 2 : at + 4])
        check_segment(marker, jpeg[at + 4 : at + 2 + length], name)
        at += 2 + length
        if marker == SOS:
            at = scan_end(jpeg, at)
    if at + 2 != len(jpeg):
        raise PublishError(f"{name}: holds bytes after the picture's end")


def check_segment(marker: int, body: bytes, name: str) -> None:
    """Raise PublishError for a segment that is not needed to show the picture."""
    bare_jfif = marker == APP0 and body[:5] == b"JFIF\0" and body[12:14] == b"\0\0"
    adobe = marker == APP14 and body[:5] == b"Adobe"
    if marker not in NEEDED and not bare_jfif and not adobe:
        raise PublishError(f"{name}: holds metadata (JPEG segment FF{marker:02X})")


def scan_end(jpeg: bytes, at: int) -> int:
    """The next marker after entropy-coded data: FF followed by neither 00 nor a restart marker."""
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 1 >= len(jpeg):
            return len(jpeg)
        if jpeg[at + 1] == 0 or 0xD0 <= jpeg[at + 1] <= 0xD7:
            at += 2
        else:
            return at
