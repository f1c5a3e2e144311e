"""TIFF: what its directory tells before it is decoded."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kilpi.errors import PhotoError, PhotoTooLarge, PhotoTruncated
from kilpi.images import decode_photo
from kilpi.images.tiff import tiff_header


def saved(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "options", [{}, {"compression": "tiff_lzw"}, {"big_tiff": True}, {"compression": "jpeg"}]
)
def test_the_header_tells_the_size(options: dict[str, object]) -> None:
    header = tiff_header(saved(Image.new("RGB", (300, 200)), tiffinfo={274: 6}, **options), "a.tif")
    assert (header.width, header.height, header.bits, header.samples) == (300, 200, 8, 3)
    assert header.orientation == 6 and (header.piece > 0) == ("compression" in options)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "LAB"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "packbits"])
def test_every_mode_is_read_or_refused_by_name(mode: str, compression: str | None) -> None:
    source = Image.new("RGB", (60, 40), (10, 200, 90))
    image = Image.new(mode, (60, 40)) if mode in {"I;16", "F", "LAB"} else source.convert(mode)
    try:
        assert decode_photo(saved(image, compression=compression), "a.tif").pixels.shape == (40, 60, 3)
    except PhotoError as error:
        assert mode == "LAB" and "a.tif" in str(error)


def test_pages_strips_and_fax_of_scanners() -> None:
    page = Image.new("1", (400, 300), 1)
    fax = saved(page, compression="group4", save_all=True, append_images=[Image.new("1", (10, 10))])
    assert decode_photo(fax, "fax.tif").pixels.min() == 255
    strips = saved(Image.new("RGB", (40, 3000)), strip_size=120)
    assert decode_photo(strips, "strips.tif").height == 3000


def test_a_little_file_that_unpacks_to_gigabytes_is_refused() -> None:
    tall = io.BytesIO()
    Image.new("L", (64, 64)).save(tall, "TIFF", compression="tiff_adobe_deflate")
    data = tall.getvalue()
    order = "<" if data[:2] == b"II" else ">"
    for tag, value in ((256, 16_000), (257, 16_000)):
        data = patch(data, order, tag, value)
    data = patch(data, order, 258, 32)
    with pytest.raises(PhotoTooLarge, match="memory"):
        decode_photo(data, "bomb.tif")


def patch(data: bytes, order: str, tag: int, value: int) -> bytes:
    """The file with the first value of one tag in its first directory exchanged."""
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        found, kind = struct.unpack_from(order + "HH", data, entry)
        if found == tag:
            body = struct.pack(order + ("H" if kind == 3 else "I"), value)
            return data[: entry + 8] + body + data[entry + 8 + len(body) :]
    raise AssertionError(tag)


def test_more_strips_than_any_picture_has_are_refused() -> None:
    data = bytearray(saved(Image.new("L", (64, 64))))
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        if struct.unpack_from(order + "H", data, entry)[0] == 273:
            struct.pack_into(order + "I", data, entry + 4, 30_000_000)
    with pytest.raises(PhotoTooLarge, match="strips"):
        decode_photo(bytes(data), "strips.tif")


@pytest.mark.parametrize(
    "data", [b"II*\0", b"MM\0*\0\0\0\x08", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\0\0" + bytes(9)]
)
def test_a_directory_that_is_cut_is_named(data: bytes) -> None:
    with pytest.raises(PhotoTruncated, match=r"a\.tif"):
        decode_photo(data, "a.tif")


def test_sixteen_bits_in_colour(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16)[None, :].repeat(8, axis=0)
    cv2.imwrite(str(tmp_path / "a.tiff"), np.stack([ramp, ramp, ramp], axis=-1))
    pixels = decode_photo((tmp_path / "a.tiff").read_bytes(), "a.tiff").pixels
    assert np.allclose(pixels[0, :, 0], ramp[0] / 257, atol=1)
