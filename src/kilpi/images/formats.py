"""Which image formats are read, told by a file's first bytes; what other files are is named.

Pillow opens some fifty formats, among them EPS, for which it starts Ghostscript. Only those that cameras,
phones, scanners and chat programs make are handed to it, one by one by name.
"""

from __future__ import annotations

import pi_heif
from PIL import Image

# Thumbnails, depth maps and the like beside the picture are not asked for.
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
Image.init()
HAS_JXL = "JXL" in Image.OPEN  # no release of Pillow up to 13.0 reads it by itself

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".pjpeg", ".pjp", ".mpo", ".png", ".apng", ".webp", ".gif")
    + (".tif", ".tiff", ".bmp", ".dib", ".heic", ".heif", ".hif", ".heics", ".heifs", ".avif", ".avifs")
    + ((".jxl",) if HAS_JXL else ())
)
READ = "JPEG, PNG, WebP, TIFF, HEIC, AVIF, BMP and GIF are read"

HEAD = 64  # bytes that `kind_of` looks at

# First bytes -> Pillow's name of a format that is read.
MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\xff\x0a", "JXL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
)
# First bytes -> what people call a file that is not read.
FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"8BPS", "a Photoshop file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"Rar!", "a rar archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"FUJIFILM", "a camera's raw file"),
    (b"IIRO", "a camera's raw file"),
    (b"IIU\0", "a camera's raw file"),
    (b"<svg", "a drawing (SVG)"),
    (b"<!DOCTYPE", "a web page"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
)
# ISO base media files (HEIF, AVIF, MP4) tell by their brands what they are: ISO/IEC 23008-12, annex B;
# AV1 Image File Format, 2; Canon's CR3 is "crx ".
AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIF_BRANDS = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1 heif".split())


def kind_of(data: bytes) -> str | None:
    """The format that is read ("JPEG", "HEIF"), or None. The first `HEAD` bytes of a file are enough."""
    if data[4:8] == b"ftyp":
        brands = brands_of(data)
        if AVIF_BRANDS & brands:
            return "AVIF"
        return "HEIF" if HEIF_BRANDS & brands else None
    if data.startswith(b"RIFF"):
        return "WEBP" if data[8:12] == b"WEBP" else None
    found = next((kind for magic, kind in MAGIC if data.startswith(magic)), None)
    if found == "BMP" and len(data) >= 18 and int.from_bytes(data[14:18], "little") not in BMP_HEADERS:
        return None  # two letters begin many a text
    return found if found in Image.OPEN else None


BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})  # sizes of the header's versions, in bytes


def brands_of(data: bytes) -> frozenset[bytes]:
    """The brands of an ISO base media file, as far as the first `HEAD` bytes hold them."""
    end = min(int.from_bytes(data[:4], "big"), HEAD, len(data))
    return frozenset([data[8:12], *(data[i : i + 4] for i in range(16, end - 3, 4))])


def foreign_kind(data: bytes) -> str | None:
    """What a file that is not read seems to be, in words: "a video", "a PDF"; None where nothing tells."""
    if data[4:8] == b"ftyp":
        return "a camera's raw file" if data[8:11] == b"crx" else "a video"
    if data.startswith(b"RIFF"):
        return "a video or sound"
    if data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return "a JPEG XL file"
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    return next(
        (words for magic, words in FOREIGN if data.startswith(magic) or start.startswith(magic)), None
    )
