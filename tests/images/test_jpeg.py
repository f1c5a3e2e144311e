"""JPEG: its headers, files without their end, notes that are damaged, and scans that never end."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image

from kilpi.errors import PhotoTooLarge, PhotoTruncated
from kilpi.images import decode_photo
from kilpi.images.decode import NO_END
from kilpi.images.jpeg import MARKER, SOS, jpeg_header, segments

Options = dict[str, object]
KINDS: list[Options] = [
    {},
    {"progressive": True},
    {"subsampling": 0},
    {"restart_marker_rows": 1},
    {"quality": 20},
]


def noise(size: tuple[int, int] = (330, 250), seed: int = 0) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size)


def saved(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def with_scans(count: int, size: tuple[int, int]) -> bytes:
    """A grey progressive JPEG with `count` scans of some bytes, which each pass over all blocks."""
    data = saved(Image.new("L", size, 128), progressive=True)
    first = data.index(b"\xff\xda")
    end = MARKER.search(data, first + 10)
    assert end is not None
    table = b"\xff\xc4" + struct.pack(">H", 20) + b"\x10" + bytes([1] + [0] * 15) + b"\xe0"  # one code: EOB14
    runs = -(-(-(-size[0] // 8) * -(-size[1] // 8)) // 32767)
    bits = "".join("0" + "1" * 14 for _ in range(runs))
    bits += "1" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    scan = b"\xff\xda" + struct.pack(">H", 8) + bytes([1, 1, 0, 1, 63, 0]) + body
    return data[: end.start()] + table + scan * count + b"\xff\xd9"


@pytest.mark.parametrize("options", KINDS)
def test_a_missing_end_marker_loses_nothing(options: Options) -> None:
    whole = saved(noise(), **options)
    for lost in (1, 2):
        photo = decode_photo(whole[:-lost], "cut.jpg")
        assert photo.note == NO_END
        assert np.array_equal(photo.pixels, decode_photo(whole, "whole.jpg").pixels)
    assert decode_photo(whole, "whole.jpg").note == ""


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}])
def test_missing_pixels_are_not_made_up(options: Options) -> None:
    whole = saved(noise(), **options)
    for part in (0.3, 0.7, 0.95, 0.99):
        with pytest.raises(PhotoTruncated, match="send the file again"):
            decode_photo(whole[: int(len(whole) * part)], "cut.jpg")
        with pytest.raises(PhotoTruncated):  # a broken transfer fills the rest with zeros
            decode_photo(whole[: int(len(whole) * part)].ljust(len(whole), b"\0"), "zeros.jpg")


def test_a_file_without_end_keeps_its_turn_and_time() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:05:04 03:02:01"
    photo = decode_photo(saved(noise(), exif=exif)[:-2], "cut.jpg")
    assert (photo.width, photo.height) == (250, 330) and photo.taken is not None


def test_a_tail_behind_the_end_is_no_trouble() -> None:
    whole = saved(noise())
    for tail in (
        bytes(5000),
        b"\0\0\0\x18ftypmp42" + bytes(900),
        b"SEFT",
    ):  # motion photos, Samsung's trailer
        assert decode_photo(whole + tail, "tail.jpg").note == ""


def test_a_damaged_note_about_the_picture_loses_no_pixel() -> None:
    whole = saved(noise(), comment=b"x" * 50)
    for marker in (b"\xe1", b"\xed"):
        bad = whole[:2] + b"\xff" + marker + b"\0\x10Photoshop 3.0\0" + whole[2:]
        assert np.array_equal(decode_photo(bad, "a.jpg").pixels, decode_photo(whole, "a.jpg").pixels)


def test_the_header_tells_size_samples_and_scans() -> None:
    plain = jpeg_header(saved(noise((331, 250)), subsampling=2))
    assert plain is not None
    assert (plain.width, plain.height, plain.scans, plain.coefficients) == (331, 250, 1, 0)
    several = jpeg_header(saved(noise(), progressive=True, subsampling=0))
    assert several is not None
    assert (
        several.samples == 3 * 330 * 250 and several.scans > 1 and several.coefficients == 2 * several.samples
    )
    many = jpeg_header(with_scans(70, (64, 64)))
    assert many is not None and many.scans == 71
    assert (
        jpeg_header(b"\xff\xd8\xff") is None
        and jpeg_header(b"\xff\xd8\xff\xc0\0\x03\x08" + bytes(40)) is None
    )
    assert [marker for marker, _, _ in segments(saved(noise()))][-1] == SOS


def test_scans_without_end_are_counted_before_they_are_decoded() -> None:
    assert decode_photo(with_scans(200, (160, 120)), "many.jpg").pixels.shape == (120, 160, 3)
    with pytest.raises(PhotoTooLarge, match="scans"):
        decode_photo(with_scans(2_000, (160, 120)), "endless.jpg")
    with pytest.raises(PhotoTooLarge, match="scans"):
        decode_photo(with_scans(200, (4000, 3000)), "endless.jpg")


def test_a_picture_of_several_scans_is_bounded_by_its_coefficients() -> None:
    header = saved(Image.new("RGB", (16, 16)), progressive=True, subsampling=0)
    at = header.index(b"\xff\xc2") + 5
    huge = header[:at] + struct.pack(">HH", 9000, 9000) + header[at + 4 :]
    with pytest.raises(PhotoTooLarge, match="memory"):
        decode_photo(huge, "huge.jpg")
