"""The only place where image files are decoded and encoded: EXIF rotation, colour and limits, once.

Everywhere else an image is (h, w, 3) uint8 RGB, origin top left, as a person would see it.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from kilpi.errors import PhotoEmpty, PhotoMissing, PhotoNotAnImage, PhotoTooLarge, PhotoTruncated
from kilpi.geometry import homography, quad_size, quad_to_array, scale_quad
from kilpi.types import Photo, Pixels, Quad

# Limits against decompression bombs. The largest phone sensors of 2026 give 200 MP, but publish 12 to 50.
MAX_PIXELS = 120_000_000
MAX_SIDE = 16_384  # pixels
MAX_BYTES = 200_000_000

TARGET_SIDE = 1600  # pixels; a plate a tenth of the photo's width is then 160 px wide, enough to read
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".bmp"})

Image.MAX_IMAGE_PIXELS = None  # our own limit below gives a message that says what to do
pillow_heif.register_heif_opener()

# First bytes of what we decode: a file that has them but fails is broken, one that has not is no image.
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"II*\0", b"MM\0*", b"BM")

# EXIF orientation (TIFF tag 274) -> what turns the stored pixels upright.
UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 3),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


def open_photo(path: str | Path, target_side: int = TARGET_SIDE) -> Photo:
    """Read and decode one file, upright, in sRGB.

    A JPEG is decoded at 1/2, 1/4 or 1/8 (libjpeg's scaled DCT) as long as its longer side stays at least
    `target_side` pixels; other formats at full size. Raises a PhotoError that names the file.
    """
    name = str(path)
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise PhotoTooLarge(f"{name}: {size / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB")
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise PhotoMissing(f"{name}: no such file") from None
    except OSError as error:
        raise PhotoMissing(f"{name}: cannot be read ({error.strerror})") from error
    return decode_photo(data, name, target_side)


def decode_photo(data: bytes, name: str, target_side: int = TARGET_SIDE) -> Photo:
    """`open_photo` for bytes already in memory; `name` stands in messages and in `Photo.path`."""
    if not data:
        raise PhotoEmpty(f"{name}: the file is empty")
    try:
        with Image.open(io.BytesIO(data)) as image:
            check_size(image.width, image.height, name)
            exif = image.getexif()
            orientation = exif.get(ExifTags.Base.Orientation, 1)
            width, height = image.size
            # HEIF and AVIF openers turn the picture themselves and leave a tag that is already obeyed.
            turns = orientation if image.format not in {"HEIF", "AVIF"} else 1
            reduction = draft_reduction(image, target_side)
            pixels = to_rgb(image)
            taken = taken_at(exif)
    except UnidentifiedImageError:
        return decode_with_opencv(data, name)
    except MemoryError:
        raise PhotoTooLarge(f"{name}: too large for this machine's memory; save a smaller copy") from None
    except (OSError, SyntaxError, EOFError, ValueError, struct.error) as error:
        raise PhotoTruncated(f"{name}: damaged or cut off ({error}); send the file again") from error
    if turns >= 5:
        width, height = height, width
    if turns in UPRIGHT:
        pixels = np.ascontiguousarray(UPRIGHT[turns](pixels))
    identity = hashlib.sha256(data).hexdigest()
    return Photo(identity, name, width, height, pixels, reduction, taken, data)


@lru_cache(maxsize=1)
def native(photo: Photo) -> Photo:
    """The same photo at full size. The last one is kept: a photo's plates are cut one after another."""
    return decode_photo(photo.data, photo.path, target_side=MAX_SIDE) if photo.reduction > 1 else photo


def check_size(width: int, height: int, name: str) -> None:
    """Raise PhotoTooLarge where a picture is beyond the stated limits."""
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PhotoTooLarge(
            f"{name}: {width} x {height} pixels; the limit is {MAX_SIDE} a side"
            f" and {MAX_PIXELS // 1_000_000} megapixels; save a smaller copy"
        )


def draft_reduction(image: Image.Image, target_side: int) -> int:
    """Ask a JPEG for the strongest scaled decoding that keeps `target_side`; tells the reduction taken."""
    if image.format not in {"JPEG", "MPO"}:
        return 1
    longer = max(image.size)
    reduction = next((r for r in (8, 4, 2) if longer // r >= target_side), 1)
    if reduction > 1:
        before = image.width
        image.draft(image.mode, (image.width // reduction, image.height // reduction))
        return round(before / image.width)
    return 1


def to_rgb(image: Image.Image) -> Pixels:
    """Any Pillow mode -> (h, w, 3) uint8 sRGB; transparency over white, 16 bits and floats scaled to 8."""
    profile = image.info.get("icc_profile")
    if image.mode in {"I;16", "I;16L", "I;16B", "I", "F"}:
        return stack_grey(np.asarray(image, dtype=np.float64))
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    if profile and image.mode in {"RGB", "CMYK"}:
        image = to_srgb(image, profile)
    # Converting would copy what is RGB already, and a photo's memory is what its decoding waits for.
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"), dtype=np.uint8)


def stack_grey(values: NDArray[np.float64]) -> Pixels:
    """(h, w) of 16-bit integers or floats -> (h, w, 3) uint8: 0..1 and 0..65535 as such, else by maximum."""
    top = float(values.max(initial=0))
    full = 1.0 if top <= 1 else 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
    grey = np.clip(values * (255 / full), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Pixels from the embedded colour profile to sRGB; a profile that cannot be used is left aside."""
    transform = srgb_transform(profile, image.mode)
    return image if transform is None else ImageCms.applyTransform(image, transform) or image


@lru_cache(maxsize=8)
def srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None where the profile is sRGB already, or damaged."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def decode_with_opencv(data: bytes, name: str) -> Photo:
    """What Pillow does not know: above all 16-bit colour TIFF."""
    if not data.startswith(MAGIC) and data[4:8] != b"ftyp":
        raise PhotoNotAnImage(f"{name}: not an image (JPEG, PNG, WebP, TIFF, HEIC, AVIF and BMP are read)")
    header = None
    if data.startswith((b"II*\0", b"MM\0*")):
        header = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if header is None:
        raise PhotoTruncated(f"{name}: begins as an image but cannot be decoded; send the file again")
    height, width = header.shape[:2]
    check_size(width, height, name)
    pixels = np.asarray(cv2.cvtColor(header, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    return Photo(hashlib.sha256(data).hexdigest(), name, width, height, pixels, 1, None, data)


def taken_at(exif: Image.Exif) -> datetime | None:
    """EXIF DateTimeOriginal, or None where it is absent or nonsense."""
    value = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    try:
        return datetime.strptime(str(value).strip("\0 "), "%Y:%m:%d %H:%M:%S") if value else None
    except ValueError:
        return None


def warp(photo: Photo, quad: Quad, width: int, height: int) -> Pixels:
    """The quad's inside as an upright (height, width, 3) picture; from native pixels where they show more."""
    wide, tall = quad_size(quad)
    if photo.reduction > 1 and (wide / photo.reduction < width or tall / photo.reduction < height):
        photo = native(photo)
    seen_h, seen_w = photo.pixels.shape[:2]
    corners = scale_quad(quad, seen_w / photo.width, seen_h / photo.height)
    return warp_pixels(photo.pixels, corners, width, height)


def warp_pixels(pixels: Pixels, quad: Quad, width: int, height: int) -> Pixels:
    """`warp` on a bare array; the quad is in the array's own pixels. Outside the array edges are repeated."""
    box = quad.box
    pad = 4 + max(box.x2 - box.x1, box.y2 - box.y1) * 0.05
    h, w = pixels.shape[:2]
    x1, y1 = max(0, int(box.x1 - pad)), max(0, int(box.y1 - pad))
    x2, y2 = min(w, int(box.x2 + pad) + 1), min(h, int(box.y2 + pad) + 1)
    if x2 - x1 < 2 or y2 - y1 < 2:
        return np.zeros((height, width, 3), dtype=np.uint8)
    piece = pixels[y1:y2, x1:x2]
    corners = quad_to_array(quad) - (x1, y1)
    wide, tall = quad_size(quad)
    shrink = min(wide / width, tall / height)
    if shrink > 1.5:  # warping alone would skip pixels and alias
        size = max(2, round(piece.shape[1] / shrink)), max(2, round(piece.shape[0] / shrink))
        corners = corners * (size[0] / piece.shape[1], size[1] / piece.shape[0])
        piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # Pixel centres are at integers for OpenCV and at halves for us.
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64) - 0.5
    matrix = homography(corners - 0.5, target)
    warped = cv2.warpPerspective(
        piece, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, dtype=np.uint8)


def shrink_to(pixels: Pixels, longest: int) -> Pixels:
    """The picture with its longer side at most `longest` pixels (area averaging); never enlarged."""
    h, w = pixels.shape[:2]
    scale = longest / max(h, w)
    if scale >= 1:
        return pixels
    size = max(1, round(w * scale)), max(1, round(h * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def shrink_fast(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at a smaller size, halved as often as can be before areas are averaged.

    For a network's look: averaging a photo's areas in one go takes longer than the look itself.
    """
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        # By a factor of two, linear is the mean of four pixels (and of nearly four where a side is odd).
        pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


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
