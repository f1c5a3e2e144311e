"""Any of Pillow's colour models to sRGB, a band of rows at a time: a second whole copy is never needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from kilpi.types import Pixels

BAND = 500_000  # pixels converted at once
WHOLE = 4_000_000  # pixels of RGB that are handed over in one piece, which is faster up to there
GREY = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
CLEAR = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
MAX_PROFILE = 8_000_000  # bytes


def to_rgb(image: Image.Image, reduction: int = 1) -> Pixels:
    """A decoded picture -> (h, w, 3) uint8 sRGB, at 1/`reduction` (means of squares; odd sides rounded up).

    Transparency is laid over white; 16 bits and floats are scaled to 8.
    """
    width, height = image.size
    profile = image.info.get("icc_profile")
    plain = image.mode == "RGB" and not profile and "transparency" not in image.info
    if plain and reduction == 1 and width * height <= WHOLE:
        return np.asarray(image, dtype=np.uint8)
    full = full_scale(image) if image.mode in GREY else 0.0

    def band(top: int, bottom: int) -> Image.Image:
        part = image.crop((0, top, width, bottom))
        return grey_to_rgb(part, full) if full else colour_to_rgb(part, profile)

    return assemble(width, height, reduction, band)


def array_to_rgb(values: Pixels, mode: str, profile: bytes | None, reduction: int = 1) -> Pixels:
    """`to_rgb` for a decoder that gives (h, w) or (h, w, n) uint8 of one of Pillow's modes."""

    def band(top: int, bottom: int) -> Image.Image:
        part = np.ascontiguousarray(values[top:bottom])
        size = part.shape[1], part.shape[0]
        return colour_to_rgb(Image.frombuffer(mode, size, part, "raw", mode, 0, 1), profile)

    return assemble(values.shape[1], values.shape[0], reduction, band)


def assemble(width: int, height: int, reduction: int, band: Callable[[int, int], Image.Image]) -> Pixels:
    """Bands in RGB, from the top, put together at 1/`reduction`; `band` is asked for rows [top, bottom)."""
    out = np.empty((-(-height // reduction), -(-width // reduction), 3), dtype=np.uint8)
    step = max(1, BAND // (width * reduction)) * reduction
    for top in range(0, height, step):
        rgb = band(top, min(height, top + step))
        rgb = rgb.reduce(reduction) if reduction > 1 else rgb
        first = top // reduction
        out[first : first + rgb.height] = np.asarray(rgb, dtype=np.uint8)
    return out


def colour_to_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """One band in RGB."""
    if image.mode in CLEAR or "transparency" in image.info:
        try:
            rgba = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
        except (ValueError, TypeError):  # a transparent colour that its mode cannot have
            image = image.convert("RGB")
    if profile and image.mode in {"RGB", "CMYK"}:
        transform = srgb_transform(profile, image.mode)
        image = image if transform is None else ImageCms.applyTransform(image, transform) or image
    return image if image.mode == "RGB" else image.convert("RGB")


def full_scale(image: Image.Image) -> float:
    """What is white in 16-bit integers or floats: 0..1, 0..255 and 0..65535 as such, else by the maximum."""
    width, height = image.size
    step = max(1, BAND // width)
    tops = [finite(image.crop((0, y, width, min(height, y + step)))).max() for y in range(0, height, step)]
    top = float(max(tops))
    return 1.0 if top <= 1 else 255.0 if top <= 255 else 65535.0 if top <= 65535 else top


def grey_to_rgb(image: Image.Image, full: float) -> Image.Image:
    """One band of 16-bit integers or floats in RGB."""
    grey = np.clip(finite(image) * (255 / full), 0, 255).astype(np.uint8)
    return Image.fromarray(np.repeat(grey[:, :, None], 3, axis=2))


def finite(image: Image.Image) -> NDArray[np.float64]:
    """One band's values, (h, w); what is no number counts as 0."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.asarray(image).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


@lru_cache(maxsize=8)
def srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None where the profile is sRGB already, damaged or beyond any real one's size: it is left aside."""
    if len(profile) > MAX_PROFILE:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except Exception:  # whatever a damaged profile makes of its parser
        return None
