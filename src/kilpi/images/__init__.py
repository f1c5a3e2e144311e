"""The only place where image files are decoded and encoded: formats, limits, orientation and colour, once.

Everywhere else an image is (h, w, 3) uint8 RGB, origin top left, as a person would see it.
"""

from __future__ import annotations

from kilpi.images.decode import TARGET_SIDE, at_least, decode_photo, native, open_photo
from kilpi.images.encode import encode_jpeg, encode_png, medium_jpeg, small_jpeg
from kilpi.images.formats import SUFFIXES, kind_of
from kilpi.images.graphic import logo_png
from kilpi.images.header import displayed, displayed_size
from kilpi.images.limits import MAX_BYTES, MAX_SIDE, check_size
from kilpi.images.warp import (
    shrink_fast,
    shrink_fast_to,
    shrink_faster,
    shrink_to,
    turned_left,
    warp,
    warp_pixels,
)

__all__ = [
    "MAX_BYTES",
    "MAX_SIDE",
    "SUFFIXES",
    "TARGET_SIDE",
    "at_least",
    "check_size",
    "decode_photo",
    "displayed",
    "displayed_size",
    "encode_jpeg",
    "encode_png",
    "kind_of",
    "logo_png",
    "medium_jpeg",
    "native",
    "open_photo",
    "shrink_fast",
    "shrink_fast_to",
    "shrink_faster",
    "shrink_to",
    "small_jpeg",
    "turned_left",
    "warp",
    "warp_pixels",
]
