"""From a file's bytes to a `Photo`: what it is, whether it fits, its pixels, upright and in sRGB."""

from __future__ import annotations

import hashlib
import io
import math
import threading
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pi_heif
from PIL import Image, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError

from kilpi.archives import file_size, read_file
from kilpi.errors import PhotoEmpty, PhotoError, PhotoMissing, PhotoNotAnImage, PhotoTooLarge, PhotoTruncated
from kilpi.images.convert import array_to_rgb, to_rgb
from kilpi.images.formats import HEAD, READ, foreign_kind, kind_of
from kilpi.images.jpeg import FILLERS, JpegHeader, jpeg_header, with_end, without_notes
from kilpi.images.limits import (
    ARRAY,
    COLOUR,
    DECODING,
    MAX_MEMORY,
    MAX_SIDE,
    STORED,
    check_bytes,
    check_memory,
    check_scans,
    check_size,
)
from kilpi.images.orientation import SWAPS, exif_of, orientation_of, read_exif, taken_at, turned_upright
from kilpi.images.png import MAX_PROFILE, plain_png
from kilpi.images.tiff import tiff_header
from kilpi.text import shown
from kilpi.types import Photo, Pixels

TARGET_SIDE = 1600  # pixels; a plate a tenth of the photo's width is then 160 px wide, enough to read
MUCH = 100_000_000  # bytes
HELD = 30_000_000  # pixels; what is decoded at full size is held reduced above that
NO_END = "no_end"  # a note: the file's end is missing, its pixels are all there
COARSE = "coarse"  # a note: at this size memory allows less than `target_side` pixels to be seen

Image.MAX_IMAGE_PIXELS = None  # our own limits give messages that say what to do
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE  # bounds a colour profile; text is dropped before
warnings.filterwarnings("ignore", module=r"PIL\.")  # about metadata, in English, on every run's stderr


class Decoded(NamedTuple):
    """Pixels as stored, the native size as stored, and what is left to be turned."""

    pixels: Pixels
    width: int
    height: int
    reduction: int = 1
    orientation: int = 1
    taken: datetime | None = None
    note: str = ""


def open_photo(path: str | Path, target_side: int = TARGET_SIDE) -> Photo:
    """Read and decode one file, upright, in sRGB; also one inside a zip archive ("cars.zip/1.jpg").

    A JPEG is decoded at 1/2, 1/4 or 1/8 (libjpeg's scaled DCT) as long as its longer side stays at least
    `target_side` pixels; other formats at full size up to 30 megapixels. Raises a PhotoError that names the
    file; never another exception.
    """
    name = shown(str(path))
    try:
        check_bytes(file_size(Path(path)), name)
        data = read_file(Path(path))
    except FileNotFoundError:
        raise PhotoMissing(f"{name}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or "no name a file can have"
        raise PhotoMissing(f"{name}: cannot be read ({reason})") from error
    return decode_photo(data, name, target_side)


def decode_photo(data: bytes, name: str, target_side: int = TARGET_SIDE) -> Photo:
    """`open_photo` for bytes already in memory; `name` stands in messages and in `Photo.path`."""
    name = shown(name)
    if not data:
        raise PhotoEmpty(f"{name}: the file is empty; send it again")
    check_bytes(len(data), name)
    kind = kind_of(data[:HEAD])
    if kind is None:
        other = foreign_kind(data[:HEAD])
        raise PhotoNotAnImage(f"{name}: not an image{f' but {other}' if other else ''} ({READ})")
    try:
        found = decode(kind, data, name, target_side)
        width, height = found.width, found.height
        if found.orientation in SWAPS:
            width, height = height, width
        pixels = turned_upright(found.pixels, found.orientation)
    except PhotoError:
        raise
    except MemoryError:
        raise PhotoTooLarge(f"{name}: too large for this machine's memory; save a smaller copy") from None
    except Exception as error:  # a damaged file makes decoders raise whatever they meet
        raise PhotoTruncated(
            f"{name}: damaged or cut off ({reason_of(error)}); send the file again"
        ) from error
    identity = hashlib.sha256(data).hexdigest()
    return Photo(identity, name, width, height, pixels, found.reduction, found.taken, data, found.note)


def reason_of(error: Exception) -> str:
    """A decoder's own words where they say something, without the address of a buffer."""
    text = str(error)
    return text if text and "0x" not in text else type(error).__name__


class LastNative(threading.local):
    """The last photo that a thread wanted at full size: a photo's plates are cut one after another."""

    photo: Photo | None = None


LAST = LastNative()


def native(photo: Photo) -> Photo:
    """The same photo at full size, or the nearest that its limit of memory allows; the last one is kept."""
    if photo.reduction == 1:
        return photo
    if LAST.photo is None or (LAST.photo.id, LAST.photo.path) != (photo.id, photo.path):
        LAST.photo = None
        LAST.photo = decode_photo(photo.data, photo.path, target_side=MAX_SIDE)
    return LAST.photo


def at_least(photo: Photo, side: float) -> Photo:
    """The photo with `side` pixels on its longer side, or all that it has; as it is where it has them."""
    if photo.reduction == 1 or max(photo.pixels.shape) >= side:
        return photo
    return decode_photo(photo.data, photo.path, target_side=math.ceil(side))


def decode(kind: str, data: bytes, name: str, target_side: int) -> Decoded:
    """By the format's own way. Raises PhotoTooLarge, and whatever the decoder raises."""
    if kind == "JPEG":
        return decode_jpeg(data, name, target_side)
    if kind == "TIFF":
        return decode_tiff(data, name, target_side)
    if kind == "HEIF":
        return decode_heif(data, name, target_side)
    if kind == "WEBP":
        return decode_webp(data, name, target_side)
    return decode_whole(kind, plain_png(data) if kind == "PNG" else data, name, target_side)


def decode_jpeg(data: bytes, name: str, target_side: int) -> Decoded:
    """A JPEG, or the first picture of an MPO. Where only its end is missing it is used, with a note."""
    header = jpeg_header(data)
    if header is not None:
        check_size(header.width, header.height, name)
        check_scans(header.scans, header.width * header.height, name)
    try:
        return decode_scans(data, header, name, target_side)
    except (OSError, SyntaxError):
        if header is None:
            raise
        bare = without_notes(data)
        one, other = (decode_scans(with_end(bare, f), header, name, target_side) for f in FILLERS)
        if not np.array_equal(one.pixels, other.pixels):
            raise
        with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
            exif = exif_of(image)
            turn = orientation_of(image, exif)
        return one._replace(orientation=turn, taken=taken_at(exif), note=NO_END)


def decode_scans(data: bytes, header: JpegHeader | None, name: str, target_side: int) -> Decoded:
    """One JPEG at the strongest reduction that keeps `target_side`, or that fits into memory."""
    with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
        width, height = image.size
        reduction = next((r for r in (8, 4, 2) if max(width, height) // r >= target_side), 1)
        fixed = len(data) + (header.coefficients if header else 0)
        reduction = fit(reduction, fixed, width * height, COLOUR + ARRAY)
        reserve(fixed + width * height * (COLOUR + ARRAY) / reduction**2, width, height, name)
        exif = exif_of(image)
        if reduction > 1:
            image.draft(image.mode, (width // reduction, height // reduction))
            reduction = round(width / image.width)
        turn = orientation_of(image, exif)
        note = (
            COARSE
            if max(width, height) // reduction < min(target_side, TARGET_SIDE, max(width, height))
            else ""
        )
        return Decoded(to_rgb(image), width, height, reduction, turn, taken_at(exif), note)


def decode_whole(
    kind: str, data: bytes, name: str, target_side: int, fixed: int = 0, copies: int = 1
) -> Decoded:
    """A format decoded at full size; its decoder needs `fixed` bytes beside `copies` of the picture."""
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        width, height = image.size
        check_size(width, height, name)
        # AVIF and WebP are at their peak before the output array is made.
        each = DECODING[kind] - ARRAY if kind in DECODING else copies * STORED.get(image.mode, COLOUR)
        reduction = held_reduction((width, height), len(data) + fixed, each, name, target_side)
        exif = exif_of(image)
        taken = taken_at(exif)
        image.load()
        width, height = image.size  # a TIFF and a HEIF are upright only now
        turn = orientation_of(image, exif)
        return Decoded(to_rgb(image, reduction), width, height, reduction, turn, taken)


def decode_heif(data: bytes, name: str, target_side: int) -> Decoded:
    """Not by way of Pillow, which would copy 48 megapixels of a phone once more. libheif turns it upright."""
    image = primary_heif(data)
    check_size(image.size[0], image.size[1], name)
    reduction = held_reduction(image.size, len(data), DECODING["HEIF"], name, target_side)
    values = np.asarray(image)[:, : image.size[0]]
    height, width = values.shape[:2]
    pixels = array_to_rgb(values, image.mode, image.info.get("icc_profile"), reduction)
    return Decoded(pixels, width, height, reduction, 1, taken_at(read_exif(image.info.get("exif"))))


def primary_heif(data: bytes) -> Any:
    """The picture that a HEIF file shows, a `pi_heif.HeifImage`, not decoded yet."""
    file = pi_heif.open_heif(io.BytesIO(data), remove_stride=False)
    return file[file.primary_index]


def held_reduction(size: tuple[int, int], fixed: int, each: float, name: str, target_side: int) -> int:
    """How much what is decoded at full size is reduced: above 30 megapixels, and where memory needs it.

    Decoding takes `fixed` bytes whatever the size, and `each` byte a pixel beside the output array. Raises
    PhotoTooLarge where nothing helps.
    """
    pixels, reduction = size[0] * size[1], 1
    while pixels / reduction**2 > HELD and max(size) // (2 * reduction) >= target_side:
        reduction *= 2
    reduction = fit(reduction, fixed + pixels * each, pixels, ARRAY)
    reserve(fixed + pixels * (each + ARRAY / reduction**2), *size, name)
    return reduction


def reserve(needed: float, width: int, height: int, name: str) -> None:
    """Raise PhotoTooLarge beyond the limit; much memory is only had by giving up the last photo's."""
    check_memory(needed, width, height, name)
    if needed > MUCH:
        LAST.photo = None


def fit(reduction: int, fixed: float, pixels: int, each: float) -> int:
    """`reduction`, or the next one up to 8 at which `fixed` and `each` byte a pixel fit into memory."""
    while reduction < 8 and fixed + pixels * each / reduction**2 > MAX_MEMORY:
        reduction *= 2
    return reduction


def decode_webp(data: bytes, name: str, target_side: int) -> Decoded:
    """By Pillow, whose decoder of moving pictures takes much memory; a large one by OpenCV, without alpha."""
    with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
        width, height = image.size
        if width * height * DECODING["WEBP"] + len(data) <= MAX_MEMORY:
            return decode_whole("WEBP", data, name, target_side)
        check_size(width, height, name)
        reduction = held_reduction(image.size, len(data), DECODING["OPENCV"], name, target_side)
        exif, profile = exif_of(image), image.info.get("icc_profile")
        turn = orientation_of(image, exif)
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if found is None:
        raise PhotoTruncated(f"{name}: begins as a WebP but cannot be decoded; send the file again")
    pixels = array_to_rgb(np.asarray(found, dtype=np.uint8), "RGB", profile, reduction)
    return Decoded(pixels, width, height, reduction, turn, taken_at(exif))


def decode_tiff(data: bytes, name: str, target_side: int) -> Decoded:
    """The first page."""
    header = tiff_header(data, name)
    check_size(header.width, header.height, name)
    check_memory(header.piece, header.width, header.height, name)
    try:
        copies = 2 if header.orientation > 1 else 1
        return decode_whole("TIFF", data, name, target_side, header.piece, copies)
    except UnidentifiedImageError:
        kind = f"{header.samples} samples of {header.bits} bits"
        raise PhotoTruncated(
            f"{name}: damaged, or a TIFF that is not read ({kind}); save a copy as JPEG"
        ) from None
