"""Pixels to files: no metadata is ever written."""

from __future__ import annotations

import io

from PIL import Image

from kilpi.images.warp import shrink_fast_to
from kilpi.types import MEDIUM_SIDE, SMALL_SIDE, Pixels

SMALL_QUALITY = 78  # JPEG, of a picture's small copy
MEDIUM_QUALITY = 80  # of its medium copy


def encode_jpeg(pixels: Pixels, quality: int = 88) -> bytes:
    """(h, w, 3) uint8 RGB -> an sRGB JPEG without any metadata.

    Neither progressive nor with Huffman tables of its own: 173 KB in 8.3 ms with such, 177 KB in 2.5 ms
    without (40 photos of 1100 pixels).
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def small_jpeg(pixels: Pixels) -> bytes:
    """(h, w, 3) uint8 RGB -> its small copy as a JPEG, the longer side at most SMALL_SIDE pixels."""
    return encode_jpeg(shrink_fast_to(pixels, SMALL_SIDE), SMALL_QUALITY)


def medium_jpeg(pixels: Pixels) -> bytes:
    """(h, w, 3) uint8 RGB -> its medium copy as a JPEG, the longer side at most MEDIUM_SIDE pixels."""
    return encode_jpeg(shrink_fast_to(pixels, MEDIUM_SIDE), MEDIUM_QUALITY)


def encode_png(pixels: Pixels) -> bytes:
    """(h, w, 3) uint8 RGB -> PNG without metadata."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
