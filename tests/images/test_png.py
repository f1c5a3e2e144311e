"""PNG: what is not needed to show it decides nothing."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from kilpi.errors import PhotoTruncated
from kilpi.images import decode_photo
from kilpi.images.png import SIGNATURE, crc, plain_png, walk
from kilpi.types import Pixels


def saved(pixels: Pixels, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + crc(kind, body)


def insert(data: bytes, *chunks: bytes) -> bytes:
    """Chunks behind the header."""
    return data[:33] + b"".join(chunks) + data[33:]


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tEXt", b"XML:com.adobe.xmp\0" + b"x" * 3_000_000),
        chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(30_000_000))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(30_000_000))),
        chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(30_000_000))),
        chunk(b"iCCP", b"profile\0\0no zlib at all"),
        chunk(b"prVW", bytes(2_000_000)),  # Fireworks' own preview
        chunk(b"eXIf", b"nonsense"),
        b"\0\0\0\4tEXtnote\0\0\0\0",  # its checksum is wrong
    ],
)
def test_notes_in_a_png_lose_no_photo(gradient: Pixels, extra: bytes) -> None:
    data = insert(saved(gradient), extra)
    assert np.array_equal(decode_photo(data, "a.png").pixels, gradient)


def test_many_texts_lose_no_photo(gradient: Pixels) -> None:
    notes = PngImagePlugin.PngInfo()
    for i in range(60):
        notes.add_text(f"note {i}", "x" * 900_000, zip=True)
    assert np.array_equal(decode_photo(saved(gradient, pnginfo=notes), "a.png").pixels, gradient)


def test_a_large_profile_that_is_one_is_kept(gradient: Pixels) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().ljust(2_000_000, b"\0")
    data = saved(gradient, icc_profile=profile)
    assert b"iCCP" in plain_png(data)
    assert decode_photo(data, "a.png").pixels.shape == gradient.shape


def test_a_plain_file_is_left_as_it_is(gradient: Pixels) -> None:
    data = saved(gradient)
    assert plain_png(data) is data


def test_a_missing_end_loses_nothing_but_missing_pixels_are_told(gradient: Pixels) -> None:
    data = saved(gradient)
    for lost in (1, 4, 12):  # within the end chunk, or all of it
        assert np.array_equal(decode_photo(data[:-lost], "cut.png").pixels, gradient)
    for part in (0.2, 0.6, 0.9):
        with pytest.raises(PhotoTruncated):
            decode_photo(data[: int(len(data) * part)], "cut.png")


def test_chunks_are_walked_to_the_end(gradient: Pixels) -> None:
    kinds = [kind for kind, _, _ in walk(saved(gradient))]
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND"
    assert list(walk(SIGNATURE)) == [] and list(walk(SIGNATURE + b"\xff\xff\xff\xffIDAT")) == [
        (b"IDAT", 16, 16)
    ]


def test_the_first_picture_of_a_moving_one_is_shown(gradient: Pixels) -> None:
    data = saved(gradient, save_all=True, append_images=[Image.new("RGB", (240, 160))])
    assert np.array_equal(decode_photo(data, "moving.png").pixels, gradient)
