"""Each container's own rule of which way up a picture is."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from kilpi.images import decode_photo, displayed_size
from kilpi.types import Pixels

STORED: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 3),
}


def saved(pixels: Pixels, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, kind, **options)
    return buffer.getvalue()


def exif_with(kind: int, count: int, value: bytes) -> bytes:
    """EXIF of a single tag, the orientation, of any type: as vendors' programs write it."""
    inline = value if len(value) <= 4 else struct.pack(">I", 26)
    entry = struct.pack(">HHI", ExifTags.Base.Orientation, kind, count) + inline.ljust(4, b"\0")
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4) + (value if len(value) > 4 else b"")


def is_upright(pixels: Pixels) -> bool:
    """Red grows to the right and green downwards, in the gradient of conftest."""
    wide = pixels.shape[1] > pixels.shape[0]
    red, green = pixels[..., 0], pixels[..., 1]
    turned = red[2, -3] > 200 > 60 > red[-3, 2] and green[-3, 2] > 200 > 60 > green[2, -3]
    return bool(wide and turned)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_where_the_tag_or_the_boxes_turn(
    gradient: Pixels, kind: str, orientation: int, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation  # Pillow writes it as irot and imir into an AVIF
    data = saved(STORED[orientation](gradient), kind, exif=exif)
    photo = decode_photo(data, "turned")
    assert (photo.width, photo.height) == (240, 160) and is_upright(photo.pixels)
    (tmp_path / "turned").write_bytes(data)
    assert displayed_size(tmp_path / "turned") == (240, 160)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "jpeg"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_is_turned_once(
    gradient: Pixels, compression: str | None, orientation: int, tmp_path: Path
) -> None:
    stored = STORED[orientation](gradient)
    data = saved(stored, "TIFF", compression=compression, tiffinfo={ExifTags.Base.Orientation: orientation})
    photo = decode_photo(data, "turned.tif")
    assert (photo.width, photo.height) == (240, 160) and is_upright(photo.pixels)
    (tmp_path / "turned.tif").write_bytes(data)
    assert displayed_size(tmp_path / "turned.tif") == (240, 160)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_by_its_boxes_and_the_tag_beside_counts_for_nothing(
    gradient: Pixels, orientation: int
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    turned = decode_photo(
        saved(STORED[orientation](gradient), "HEIF", exif=exif.tobytes(), quality=90), "turned.heic"
    )
    assert (turned.width, turned.height) == (240, 160) and is_upright(turned.pixels)


@pytest.mark.parametrize("value", [0, 9, 65537, 255])
def test_numbers_that_mean_nothing_turn_nothing(gradient: Pixels, value: int) -> None:
    exif = exif_with(4, 1, struct.pack(">I", value))  # LONG
    photo = decode_photo(saved(gradient, "JPEG", exif=exif), "odd.jpg")
    assert (photo.width, photo.height) == (240, 160) and is_upright(photo.pixels)


@pytest.mark.parametrize(
    ("kind", "count", "value"),
    [
        (2, 2, b"6\0"),  # ASCII
        (2, 10, b"Rotated 90"),
        (1, 1, b"\6"),  # BYTE
        (7, 4, b"\0\6\0\0"),  # UNDEFINED
        (5, 1, struct.pack(">II", 6, 1)),  # RATIONAL
        (12, 1, b"\x40\x18\0\0\0\0\0\0"),  # DOUBLE
        (99, 1, b"\0\6\0\0"),  # no type at all
        (3, 0xFFFFFFF, b"\0\0\xff\xff"),  # beyond the file
    ],
)
def test_a_tag_that_is_no_whole_number_is_ignored(
    gradient: Pixels, kind: int, count: int, value: bytes
) -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        photo = decode_photo(saved(gradient, form, exif=exif_with(kind, count, value)), "odd")
        assert (photo.width, photo.height) == (240, 160) and is_upright(photo.pixels)


def test_xmp_turns_nothing(gradient: Pixels) -> None:
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    for kind in ("JPEG", "WEBP", "AVIF"):
        photo = decode_photo(saved(gradient, kind, xmp=xmp), "xmp")
        assert (photo.width, photo.height) == (240, 160)


def test_damaged_exif_loses_no_photo(gradient: Pixels) -> None:
    rng = np.random.default_rng(5)
    for _ in range(40):
        exif = (
            b"Exif\0\0"
            + (b"MM\0*" if rng.random() < 0.5 else b"II*\0")
            + rng.bytes(int(rng.integers(0, 200)))
        )
        assert decode_photo(saved(gradient, "JPEG", exif=exif), "odd.jpg").pixels.size == gradient.size
