"""A logo: a small picture that may be transparent, made anew so that nothing but its pixels is left."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from kilpi.errors import PhotoError, PhotoMissing, PhotoNotAnImage, PhotoTooLarge
from kilpi.images.limits import check_size
from kilpi.images.png import plain_png

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_BYTES = 10_000_000
MOST_PIXELS = 40_000_000


def logo_png(path: Path, box: tuple[int, int]) -> tuple[bytes, int, int]:
    """The picture as a PNG without metadata, at most `box` (width, height) pixels: (PNG, width, height).

    Transparency is kept, in 8 bits a channel; of an animation the first picture. Raises a PhotoError that
    names the file and says what to save it as.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PhotoMissing(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > MOST_BYTES:
        raise PhotoTooLarge(f"{path}: larger than {MOST_BYTES // 1_000_000} MB; save a smaller copy as PNG")
    try:
        if data.startswith(b"\x89PNG"):
            data = plain_png(data)
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            check_size(*found.size, str(path))
            if found.width * found.height > MOST_PIXELS:
                raise PhotoTooLarge(
                    f"{path}: {found.width} x {found.height} pixels; save a smaller copy as PNG"
                )
            made = found.convert("RGBA")
    except PhotoError:
        raise
    except UnidentifiedImageError:
        raise PhotoNotAnImage(f"{path}: no {', '.join(FORMATS)}; save it as PNG") from None
    except Exception as error:  # a damaged file makes decoders raise whatever they meet
        raise PhotoNotAnImage(f"{path}: damaged ({type(error).__name__}); save it again as PNG") from error
    made.thumbnail(box, Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGBA", made.size, made.tobytes())  # pixels alone: `info` stays behind
    if made.getchannel("A").getextrema() == (255, 255):
        bare = bare.convert("RGB")
    buffer = io.BytesIO()
    bare.save(buffer, "PNG", optimize=True)
    return buffer.getvalue(), bare.width, bare.height
