"""Pixels to files."""

from __future__ import annotations

import io

from PIL import Image

from kilpi.images import encode_jpeg
from kilpi.types import Pixels


def test_written_jpegs_carry_no_metadata(gradient: Pixels) -> None:
    image = Image.open(io.BytesIO(encode_jpeg(gradient)))
    assert not image.getexif() and "icc_profile" not in image.info and "exif" not in image.info
