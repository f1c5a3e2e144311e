"""A picture's size and turn from its header alone, for those who need no pixel."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from kilpi.errors import PhotoError, PhotoMissing, PhotoNotAnImage, PhotoTruncated
from kilpi.images.decode import primary_heif, reason_of
from kilpi.images.formats import HEAD, READ, kind_of
from kilpi.images.limits import check_bytes, check_size
from kilpi.images.orientation import SWAPS, exif_of, orientation_of
from kilpi.images.tiff import tiff_header
from kilpi.text import shown


def displayed_size(path: Path) -> tuple[int, int]:
    """(width, height) as displayed. Raises a PhotoError naming the file."""
    return displayed(path)[0]


def displayed(path: Path) -> tuple[tuple[int, int], int]:
    """`displayed_size`, and the orientation (1 to 8) that a viewer obeys to get there.

    1 for HEIF, whose tag no viewer obeys. Raises a PhotoError naming the file.
    """
    name = shown(str(path))
    try:
        check_bytes(path.stat().st_size, name)
        data = path.read_bytes()
        kind = kind_of(data[:HEAD])
        if kind is None:
            raise PhotoNotAnImage(f"{name}: not an image ({READ})")
        (width, height), orientation = facts(kind, data, path, name)
    except PhotoError:
        raise
    except FileNotFoundError:
        raise PhotoMissing(f"{name}: no such file") from None
    except Exception as error:  # as in `decode_photo`
        raise PhotoTruncated(
            f"{name}: damaged or cut off ({reason_of(error)}); send the file again"
        ) from None
    check_size(width, height, name)
    return (width, height), orientation


def facts(kind: str, data: bytes, path: Path, name: str) -> tuple[tuple[int, int], int]:
    """The displayed size and the orientation of one format's file."""
    if kind == "HEIF":
        return primary_heif(data).size, 1
    if kind == "TIFF":
        header = tiff_header(data, name)
        size, orientation = (header.width, header.height), header.orientation
    else:
        with Image.open(path, formats=[kind]) as image:
            size, orientation = image.size, orientation_of(image, exif_of(image))
    return (size[::-1] if orientation in SWAPS else size), orientation
