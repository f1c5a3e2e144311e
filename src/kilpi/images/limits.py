"""How large a file may be: by what decoding it needs in memory and time, known before it is decoded.

Python and the decoders themselves take about 110 MB, so that a photo alone stays below 450 MB; what the
networks hold comes on top. tests/images/test_limits.py measures what is stated here.
"""

from __future__ import annotations

from kilpi.errors import PhotoTooLarge

MAX_SIDE = 16_384  # pixels; the largest phone sensors of 2026 give 16,320 x 12,240
MAX_BYTES = 120_000_000  # of one file; a 200-megapixel JPEG has 40 to 80 MB, a 24-megapixel TIFF 72 MB
MAX_MEMORY = 310_000_000  # bytes that decoding one photo may take, the file itself included
MAX_SCANS = 1_000  # of a JPEG; cameras and web tools write 1 to 20
MAX_SCANNED = 1_500_000_000  # pixels times scans; about 5 ns each at worst

# Bytes a pixel that decoding holds at its peak beside the output array, each measured on 12 megapixels by the
# peak of a process's resident memory. For the formats that are not here it is what Pillow stores.
DECODING = {
    "HEIF": 5.7,
    "AVIF": 9.8,
    "WEBP": 16.6,
    "OPENCV": 4.2,  # WebP by OpenCV
    "JXL": 16.6,  # not measured: the most of the others
}
STORED = {"1": 1.1, "L": 1.1, "P": 1.1, "I;16": 2.1, "I;16B": 2.1}  # by Pillow's mode; the others take 4
COLOUR = 4.2
ARRAY = 3  # bytes a pixel of (h, w, 3) uint8


def check_size(width: int, height: int, name: str) -> None:
    """Raise PhotoTooLarge where a picture is beyond the stated sides."""
    if max(width, height) > MAX_SIDE:
        raise PhotoTooLarge(f"{name}: {width} x {height} pixels; the limit is {MAX_SIDE} a side; {SMALLER}")


def check_memory(needed: float, width: int, height: int, name: str) -> None:
    """Raise PhotoTooLarge where decoding takes more bytes than a photo may."""
    if needed > MAX_MEMORY:
        raise PhotoTooLarge(
            f"{name}: {width} x {height} pixels take {needed / 1e6:.0f} MB of memory to decode,"
            f" the limit is {MAX_MEMORY // 1_000_000} MB; {SMALLER}"
        )


def check_bytes(size: int, name: str) -> None:
    """Raise PhotoTooLarge where a file has more bytes than any photo."""
    if size > MAX_BYTES:
        raise PhotoTooLarge(
            f"{name}: {size / 1e6:.0f} MB, the limit is {MAX_BYTES // 1_000_000} MB; {SMALLER}"
        )


def check_scans(scans: int, pixels: int, name: str) -> None:
    """Raise PhotoTooLarge where a JPEG has more scans than can be decoded in seconds."""
    if scans > MAX_SCANS or (scans > 30 and scans * pixels > MAX_SCANNED):
        raise PhotoTooLarge(f"{name}: {scans} scans over the picture take too long to decode; {SMALLER}")


SMALLER = "save a smaller copy as JPEG"
