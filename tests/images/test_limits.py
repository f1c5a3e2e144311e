"""How much memory a file may take: said before it is taken, and not taken."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import PhotoTooLarge
from kilpi.images import decode_photo, native
from kilpi.images.decode import LAST
from kilpi.images.limits import ARRAY, COLOUR, DECODING
from kilpi.images.png import SIGNATURE, crc

MEASURE = """
import sys
from pathlib import Path
from kilpi.images import decode_photo
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
before = peak()
for name in sys.argv[1:]:
    decode_photo(Path(name).read_bytes(), name)
    print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process's peak of memory")
def test_decoding_takes_no_more_than_the_stated_bytes_a_pixel(tmp_path: Path) -> None:
    Image.new("RGB", (6_000, 4_000)).save(tmp_path / "1.jpg", quality=10)
    Image.new("I;16", (4_000, 3_000)).save(tmp_path / "2.png", compress_level=1)
    Image.new("RGB", (4_000, 3_000)).save(tmp_path / "3.png", compress_level=1)
    Image.new("F", (4_000, 3_000)).save(tmp_path / "4.tif", compression="packbits", tiffinfo={274: 6})
    Image.new("RGB", (4_000, 3_000)).save(tmp_path / "5.webp", method=0)
    files = sorted(map(str, tmp_path.iterdir()))
    found = subprocess.run(
        [sys.executable, "-c", MEASURE, *files], capture_output=True, check=True, text=True
    )
    room = 25_000_000  # what Python itself comes to hold
    stated = [COLOUR + ARRAY, 2.1 + ARRAY, COLOUR + ARRAY, 2 * COLOUR + ARRAY, DECODING["WEBP"]]
    for line, each in zip(found.stdout.splitlines(), stated, strict=True):
        assert int(line) < 12_000_000 * each + room


@pytest.mark.parametrize(("bits", "colours"), [(8, 2), (16, 0), (8, 6), (16, 4)])
def test_a_png_is_refused_by_its_header_alone(bits: int, colours: int) -> None:
    body = struct.pack(">IIBBBBB", 16_000, 16_000, bits, colours, 0, 0, 0)
    chunks = [(b"IHDR", body), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    data = SIGNATURE + b"".join(len(b).to_bytes(4, "big") + k + b + crc(k, b) for k, b in chunks)
    with pytest.raises(PhotoTooLarge, match=r"16000 x 16000 pixels take .* MB of memory"):
        decode_photo(data, "flat.png")


def test_a_huge_jpeg_is_decoded_small_and_natively_as_far_as_memory_goes(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (12_000, 9_000), (200, 10, 10)).save(buffer, "JPEG", quality=10)
    photo = decode_photo(buffer.getvalue(), "large.jpg")
    assert (photo.width, photo.height, photo.reduction) == (12_000, 9_000, 4)
    assert native(photo).reduction == 2  # in full it would take 780 MB


def test_other_large_formats_are_held_reduced() -> None:
    ramp = np.linspace(0, 255, 8000, dtype=np.uint8)[None, :].repeat(5001, axis=0)
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG", compress_level=1)
    photo = decode_photo(buffer.getvalue(), "large.png")
    assert (photo.width, photo.height, photo.reduction) == (8000, 5001, 2)
    assert photo.pixels.shape == (2501, 4000, 3)
    assert np.abs(photo.pixels[0, :, 0].astype(int) - ramp[0, ::2]).max() <= 1
    assert photo.pixels[-1, -1].min() == 255  # the odd last row is all there


def test_the_message_says_what_to_do(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (9000, 9000)).save(buffer, "TIFF", compression="packbits")
    with pytest.raises(
        PhotoTooLarge, match=r"9000 x 9000 pixels take .* MB of memory .* smaller copy as JPEG"
    ):
        decode_photo(buffer.getvalue(), "large.png")


def test_much_memory_is_had_by_giving_up_the_last_photos_native_pixels() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (3_300, 200)).save(buffer, "JPEG")
    native(decode_photo(buffer.getvalue(), "small.jpg"))
    assert LAST.photo is not None
    buffer = io.BytesIO()
    Image.new("L", (5_000, 5_000)).save(buffer, "TIFF", compression="packbits")
    decode_photo(buffer.getvalue(), "large.tif")
    assert LAST.photo is None
