"""How a stored picture is turned upright: each container has its own rule.

JPEG, PNG and WebP are turned by the EXIF tag. HEIF and AVIF are turned by their boxes irot and imir, and an
EXIF tag beside them counts for nothing (ISO/IEC 23008-12, 6.5.10): pi-heif obeys the boxes itself, Pillow
hands their turn on as if it were the tag. TIFF has the tag in its own directory, and Pillow obeys it. XMP
turns nothing, in browsers neither.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
from PIL import ExifTags, Image

from kilpi.types import Pixels

BY_EXIF = frozenset({"JPEG", "MPO", "PNG", "WEBP", "AVIF"})
SWAPS = frozenset({5, 6, 7, 8})  # orientations that exchange width and height

# EXIF orientation (TIFF tag 274) -> what turns the stored pixels upright.
UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 3),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


def turned_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Stored pixels as a person would see them, (h, w, 3)."""
    if orientation not in UPRIGHT:
        return pixels
    return np.ascontiguousarray(UPRIGHT[orientation](pixels))


def exif_of(image: Image.Image) -> Image.Exif:
    """The picture's EXIF; empty where it has none or it cannot be read, for no pixel depends on it."""
    if image.format != "TIFF":
        return read_exif(image.info.get("exif"))  # not getexif(), which also obeys XMP
    try:
        return image.getexif()
    except Exception:  # a damaged tag raises whatever its parser meets
        return Image.Exif()


def read_exif(data: bytes | None) -> Image.Exif:
    """The same from bytes as they stand in the file."""
    exif = Image.Exif()
    try:
        if data:
            exif.load(data)
        exif.get(ExifTags.Base.Orientation)
    except Exception:  # as above
        return Image.Exif()
    return exif


def orientation_of(image: Image.Image, exif: Image.Exif) -> int:
    """1 to 8: what is left to be turned once Pillow has decoded the picture; other values mean 1.

    Only a whole number counts: some programs write the tag as text or bytes, others 0, 9 or 65537.
    """
    if image.format not in BY_EXIF:
        return 1
    try:
        value = exif.get(ExifTags.Base.Orientation)
    except Exception:
        return 1
    return value if isinstance(value, int) and value in UPRIGHT else 1


def taken_at(exif: Image.Exif) -> datetime | None:
    """EXIF DateTimeOriginal, or None where it is absent or nonsense."""
    try:
        value = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        return datetime.strptime(str(value).strip("\0 "), "%Y:%m:%d %H:%M:%S") if value else None
    except Exception:  # as above
        return None
