"""Photos damaged at random, thousands of them: each must become a photo or a PhotoError, in bounded time.

    python recipes/fuzz.py 10000 [SEED] [--networks]

prints one line of JSON a hundred files on stderr and the sum on stdout. Every file is drawn from its number,
so that one that fails can be had again: `python recipes/fuzz.py --show NUMBER > file`. Workers are processes
of their own: one that dies of a file, or grows beyond the limit, is a finding, not the end of the run. With
--networks plates are looked for as well in what could be decoded, as `kilpi read` does.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pi_heif
import pillow_heif
from PIL import ExifTags, Image, ImageCms

from kilpi.errors import PhotoError
from kilpi.images import decode_photo, native
from kilpi.pipeline import Kilpi
from kilpi.types import Photo

pillow_heif.register_heif_opener()  # writes; what reads is the product's own
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
MAX_SECONDS, MAX_MB = 10, 700
BATCH = 100  # files a process decodes before its peak of memory is told
NUMBERS = (0, 1, 2, 6, 9, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 65537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Rng = np.random.Generator


def scene(size: tuple[int, int], rng: Rng) -> Image.Image:
    """Some shapes and noise: enough for every coder to have something to do."""
    coarse = Image.fromarray(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8)).resize(size)
    noise = rng.integers(-9, 9, (size[1], size[0], 1))
    return Image.fromarray(np.clip(np.asarray(coarse).astype(int) + noise, 0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture in a format; keyword arguments go to Pillow."""
    buffer = io.BytesIO()
    if "append_images" in options:  # saving leaves a format's settings on a picture
        options["append_images"] = [other.copy() for other in options["append_images"]]  # type: ignore[attr-defined]
    image.copy().save(buffer, kind, **options)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def whole_files() -> Mapping[str, bytes]:
    """One sound file of every kind that people send, by a name that says what it is."""
    rng = np.random.default_rng(1)
    small, middle = scene((160, 120), rng), scene((640, 480), rng)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:05:04 03:02:01"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey16 = Image.fromarray(np.asarray(small.convert("L")).astype(np.uint16) * 257)
    more = {"save_all": True, "append_images": [small.rotate(180)]}
    return {
        "jpeg": saved(middle, "JPEG", exif=exif, icc_profile=srgb),
        "jpeg progressive": saved(middle, "JPEG", progressive=True, exif=exif),
        "jpeg 4:4:4": saved(small, "JPEG", subsampling=0, comment=b"note"),
        "jpeg grey": saved(small.convert("L"), "JPEG", progressive=True),
        "jpeg cmyk": saved(small.convert("CMYK"), "JPEG", icc_profile=profile),
        "jpeg restarts": saved(small, "JPEG", restart_marker_rows=1),
        "jpeg large": saved(scene((3400, 400), rng), "JPEG", quality=40, exif=exif),
        "mpo": saved(small, "MPO", **more),
        "png": saved(small, "PNG", exif=exif, icc_profile=srgb),
        "png clear": saved(small.convert("RGBA"), "PNG"),
        "png palette": saved(small.convert("P"), "PNG", transparency=3),
        "png 16": saved(grey16, "PNG"),
        "png 1": saved(small.convert("1"), "PNG"),
        "apng": saved(small, "PNG", **more),
        "webp": saved(middle, "WEBP", exif=exif),
        "webp lossless": saved(small.convert("RGBA"), "WEBP", lossless=True, icc_profile=srgb),
        "webp moving": saved(small, "WEBP", **more),
        "tiff": saved(small, "TIFF", tiffinfo={274: 6}),
        "tiff pages": saved(small, "TIFF", compression="tiff_lzw", **more),
        "tiff 16": saved(grey16, "TIFF", compression="tiff_adobe_deflate"),
        "tiff float": saved(grey16.convert("F"), "TIFF"),
        "tiff jpeg": saved(middle, "TIFF", compression="jpeg", tiffinfo={274: 3}),
        "tiff fax": saved(small.convert("1"), "TIFF", compression="group4"),
        "tiff cmyk": saved(small.convert("CMYK"), "TIFF", compression="packbits"),
        "tiff big": saved(small, "TIFF", big_tiff=True, compression="tiff_lzw"),
        "bmp": saved(small, "BMP"),
        "bmp palette": saved(small.convert("P"), "BMP"),
        "gif": saved(small, "GIF", **more),
        "heic": saved(middle, "HEIF", quality=50, exif=exif.tobytes()),
        "heic clear": saved(small.convert("RGBA"), "HEIF", quality=50),
        "avif": saved(middle, "AVIF", quality=50, speed=10, exif=exif),
        "avif clear": saved(small.convert("RGBA"), "AVIF", quality=50, speed=10, subsampling="4:4:4"),
    }


def flip(data: bytearray, rng: Rng) -> None:
    """A few bits, anywhere or in the header, where most decisions are made."""
    end = len(data) if rng.random() < 0.5 else min(len(data), 700)
    for at in rng.integers(0, end, int(rng.integers(1, 9))):
        data[at] ^= 1 << int(rng.integers(8))


def write_number(data: bytearray, rng: Rng) -> None:
    """A number that programs stumble over, in place of another one."""
    width, order = int(rng.choice([1, 2, 4])), "little" if rng.random() < 0.5 else "big"
    at = int(rng.integers(0, max(1, min(len(data), 900) - width)))
    number = NUMBERS[int(rng.integers(len(NUMBERS)))] % (1 << 8 * width)
    data[at : at + width] = number.to_bytes(width, order)  # type: ignore[arg-type]


def cut(data: bytearray, rng: Rng) -> None:
    """The end is missing: a few bytes, or much."""
    last = int(rng.integers(1, 12)) if rng.random() < 0.4 else int(rng.integers(1, len(data)))
    del data[len(data) - min(last, len(data) - 1) :]


def fill(data: bytearray, rng: Rng) -> None:
    """A broken transfer leaves a stretch of zeros, or of noise."""
    start, length = int(rng.integers(len(data))), int(rng.integers(1, 4096))
    end = min(len(data), start + length)
    data[start:end] = bytes(end - start) if rng.random() < 0.5 else rng.bytes(end - start)


def move(data: bytearray, rng: Rng) -> None:
    """A stretch is dropped, doubled or put elsewhere."""
    start = int(rng.integers(len(data)))
    piece = bytes(data[start : start + int(rng.integers(1, 2048))])
    if rng.random() < 0.6:
        del data[start : start + len(piece)]
    if rng.random() < 0.6:
        at = int(rng.integers(len(data) + 1))
        data[at:at] = piece


DAMAGE: tuple[Callable[[bytearray, Rng], None], ...] = (flip, write_number, cut, fill, move)


def damaged(files: Mapping[str, bytes], number: int, seed: int = 0) -> tuple[str, bytes]:
    """(what it was, content) of the file of one number: the same every time."""
    rng = np.random.default_rng((seed, number))
    kinds = list(files)
    kind = kinds[number % len(kinds)]
    data = bytearray(files[kind])
    if rng.random() < 0.1:  # the beginning of this file and the end of another
        other = files[kinds[int(rng.integers(len(kinds)))]]
        data[int(rng.integers(1, len(data))) :] = other[int(rng.integers(len(other))) :]
    for _ in range(int(rng.integers(1, 4))):
        if data:
            DAMAGE[int(rng.integers(len(DAMAGE)))](data, rng)
    return kind, bytes(data)


def answer(data: bytes, name: str, line: Kilpi | None = None) -> str:
    """ "read", or the error's name. Any other exception is a finding: it is not caught."""
    try:
        photo = decode_photo(data, name)
        check(photo)
        if photo.reduction > 1:
            check(native(photo))
        if line is not None:
            line.plates(photo)
    except PhotoError as error:
        return error.kind
    return "read"


def check(photo: Photo) -> None:
    """What every decoded photo promises."""
    height, width, colours = photo.pixels.shape
    wanted = -(-photo.height // photo.reduction), -(-photo.width // photo.reduction)
    assert colours == 3 and photo.pixels.dtype == np.uint8 and (height, width) == wanted, photo


@dataclass(frozen=True)
class Found:
    """What became of some files, the slowest of them, and the process's peak of memory."""

    counts: Counter[str]
    slowest: int = -1
    seconds: float = 0.0
    mb: float = 0.0

    def and_more(self, other: Found) -> Found:
        """Two batches as one."""
        slow = max(self, other, key=lambda found: found.seconds)
        return Found(self.counts + other.counts, slow.slowest, slow.seconds, max(self.mb, other.mb))


def batch(files: Mapping[str, bytes], numbers: range, seed: int, networks: bool = False) -> Found:
    """Every file of `numbers`, one after another, in this process."""
    line = Kilpi() if networks else None
    counts: Counter[str] = Counter()
    slowest, most = -1, 0.0
    for number in numbers:
        kind, data = damaged(files, number, seed)
        start = time.perf_counter()
        try:
            counts[f"{kind}: {answer(data, str(number), line)}"] += 1
        except Exception as error:
            counts[f"TRACEBACK {number} {type(error).__name__}"] += 1
        took = time.perf_counter() - start
        if took > most:
            slowest, most = number, took
    return Found(counts, slowest, most, peak_mb())


def peak_mb() -> float:
    """The most memory that this process ever held (Linux; its `ru_maxrss` counts the parent's as well)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def work(pipe: Connection, *given: Any) -> None:
    """`batch` in a process of its own."""
    pipe.send(batch(*given))


def run_batch(files: Mapping[str, bytes], numbers: range, seed: int, networks: bool) -> Found:
    """A batch in a process that may die: then its numbers are told instead."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(there, files, numbers, seed, networks))
    process.start()
    there.close()
    try:
        found: Found = here.recv()
    except EOFError:
        found = Found(Counter([f"DIED in {numbers.start} to {numbers.stop - 1}"]), numbers.start)
    process.join()
    return found


def main() -> int:
    """0 where every file got its answer within the limits."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--show", type=int, help="write the file of this number to stdout")
    parser.add_argument("--networks", action="store_true", help="look for plates as well")
    given = parser.parse_args()
    files = whole_files()
    if given.show is not None:
        sys.stdout.buffer.write(damaged(files, given.show, given.seed)[1])
        return 0
    total = Found(Counter())
    for start in range(0, given.count, BATCH):
        numbers = range(start, min(start + BATCH, given.count))
        total = total.and_more(run_batch(files, numbers, given.seed, given.networks))
        done = {"done": numbers.stop, "seconds": round(total.seconds, 2), "mb": round(total.mb)}
        print(json.dumps(done), file=sys.stderr)
    bad = [name for name in total.counts if name.startswith(("TRACEBACK", "DIED"))]
    answers: Counter[str] = Counter()
    for name, count in total.counts.items():
        answers[name.rpartition(": ")[2] if name not in bad else "bad"] += count
    told = {"files": given.count, "seed": given.seed, "answers": answers, "bad": bad}
    peaks = {"slowest": total.slowest, "seconds": round(total.seconds, 2), "peak_mb": round(total.mb)}
    print(json.dumps({**told, **peaks}, indent=1))
    return int(bool(bad) or total.seconds > MAX_SECONDS or total.mb > MAX_MB)


if __name__ == "__main__":
    sys.exit(main())
