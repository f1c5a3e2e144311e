"""Pixels to files: no metadata is ever written."""

from __future__ import annotations

import io

from PIL import Image

from kilpi.types import Pixels


def encode_jpeg(pixels: Pixels, quality: int = 88) -> bytes:
    """(h, w, 3) uint8 RGB -> a progressive sRGB JPEG without any metadata."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()


def encode_png(pixels: Pixels) -> bytes:
    """(h, w, 3) uint8 RGB -> PNG without metadata."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
