"""Writing of every kind that stands in cars and at dealers': typefaces, seven segments, dots of a matrix."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kilpi import draw
from kilpi.types import Pixels

Rng = np.random.Generator
Cover = NDArray[np.float32]  # (h, w), 0..1: how much each pixel is inked
Piece = tuple[Pixels, Cover]  # RGB (h, w, 3) uint8 and how much it covers

FONTS = Path(draw.__file__).parent / "fonts"
WORDS = (
    "MODE", "MENU", "MUTE", "AUTO", "A/C", "AIRBAG", "SRS", "ECO", "SPORT", "OFF", "REAR", "AUX", "USB",
    "12V", "TRIP", "km/h", "mph", "rpm", "x1000", "km", "ODO", "MAX", "HEAT", "RADIO", "MEDIA", "SETUP",
    "BACK", "NAV", "Turbo", "4x4", "hybrid", "Diesel", "GTI", "TDI", "Electric", "AWD", "LINE", "Huolto",
    "Bilar", "Garage", "Autotalo", "MYYDÄÄN", "TARJOUS", "Autoliike", "www.", ".fi", ".com", ".se", "Service",
    "PARKING", "EXIT", "TAXI", "BIL", "AB", "OY", "CARS", "MOTORS", "GROUP", "rahoitus", "POLIISI", "STOP",
    "SALE", "PASSENGER", "Stock photo", "©", "Copyright",
)  # fmt: skip
DAYS = ("Ma", "Ti", "Ke", "Mon", "Tue", "Fri", "Sat", "Lör", "Tor", "Dom", "Lun", "Mi", "Do", "Sa")
SYLLABLES = (
    "ba", "ri", "to", "mer", "lo", "kan", "sti", "au", "ve", "nor", "di", "ce", "ho", "pel", "qu", "ma",
)  # fmt: skip
SEGMENTS = {  # lit bars, of: top, upper left, upper right, middle, lower left, lower right, bottom
    "0": "1110111", "1": "0010010", "2": "1011101", "3": "1011011", "4": "0111010", "5": "1101011",
    "6": "1101111", "7": "1010010", "8": "1111111", "9": "1111011", "-": "0001000", " ": "0000000",
}  # fmt: skip


@lru_cache(maxsize=96)
def face(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """One of the package's typefaces at a size in pixels."""
    return ImageFont.truetype(path, size)


@lru_cache(maxsize=8)
def plain_face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The typeface that comes with Pillow, which has small letters."""
    return ImageFont.load_default(size)


@lru_cache(maxsize=1)
def font_files() -> tuple[Path, ...]:
    """The typefaces of plates that come with the package: capitals and figures only."""
    return tuple(sorted([*FONTS.glob("*.ttf"), *FONTS.glob("*.otf")]))


def number(rng: Rng) -> str:
    """A reading: mileage, clock, temperature, price, date, or figures by chance."""
    a, b = int(rng.integers(0, 24)), int(rng.integers(0, 60))
    return (
        str(int(10 ** rng.uniform(2, 5.6))),
        f"{a}:{b:02d}",
        f"{rng.uniform(-20, 35):.1f}",
        f"{int(rng.integers(16, 29))}.{5 * int(rng.integers(0, 2))}",
        f"{rng.uniform(1, 999):.2f}".replace(".", ","),
        f"{int(rng.integers(1, 29)):02d}.{int(rng.integers(1, 13)):02d}.20{int(rng.integers(10, 27))}",
        str(10 * int(rng.integers(0, 27))),
        "".join(rng.choice(list("0123456789"), int(rng.integers(1, 9)))),
    )[int(rng.integers(8))]


def word(rng: Rng) -> str:
    """A label, a made-up name, or letters and digits by chance as on a part's sticker."""
    kind = rng.random()
    if kind < 0.45:
        text = str(rng.choice(WORDS))
    elif kind < 0.85:
        text = "".join(rng.choice(SYLLABLES, int(rng.integers(1, 5))))
        text = text.upper() if rng.random() < 0.4 else text.capitalize()
    else:
        text = "".join(rng.choice(list("ABCDEFGHJKLMNPRSTUVWXYZ0123456789"), int(rng.integers(3, 10))))
    return text if rng.random() < 0.75 else text.upper() if rng.random() < 0.5 else text.lower()


def phrase(rng: Rng, most: int = 3) -> str:
    """One to `most` words and readings."""
    parts = [word(rng) if rng.random() < 0.6 else number(rng) for _ in range(int(rng.integers(1, most + 1)))]
    return " ".join(parts) if rng.random() < 0.85 else f"{rng.choice(DAYS)} {' '.join(parts)}"


def typeset(text: str, rng: Rng, size: int = 40) -> Cover:
    """Text in some typeface, stretched, slanted, thinner or bolder; `size` is about the font's, in pixels."""
    kind = rng.random()
    if kind < 0.3:
        cover = hershey(text, rng, size)
    elif kind < 0.65:
        cover = set_in(plain_face(size), text)
    else:
        files = font_files()
        cover = set_in(face(files[int(rng.integers(len(files)))], size), text.upper())
    if rng.random() < 0.5:
        kernel = np.ones((1, 2) if rng.random() < 0.5 else (2, 2), np.uint8)
        change = cv2.dilate if rng.random() < 0.75 else cv2.erode
        cover = np.asarray(change(cover, kernel), np.float32)
    h, w = cover.shape
    wide = float(np.exp(rng.normal(0, 0.2)))
    lean = 0.0 if rng.random() < 0.75 else float(rng.uniform(0.05, 0.35))
    turned = np.array([[wide, -lean, lean * h], [0, 1, 0]])
    return np.asarray(cv2.warpAffine(cover, turned, (max(2, int(wide * w + lean * h)), h)), np.float32)


def hershey(text: str, rng: Rng, size: int) -> Cover:
    """Text in one of OpenCV's stroke alphabets."""
    plain = text.encode("ascii", "ignore").decode() or "-"
    font, stroke = int(rng.choice((0, 0, 2, 2, 3, 4, 16))), int(rng.integers(1, 6))
    scale = size / 32
    (width, height), below = cv2.getTextSize(plain, font, scale, stroke)
    mask = np.zeros((height + below + 4, width + 4), np.uint8)
    cv2.putText(mask, plain, (2, height + 2), font, scale, 255, stroke, cv2.LINE_AA)
    return mask.astype(np.float32) / np.float32(255)


def set_in(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str) -> Cover:
    """Text in a given typeface, cut to its ink and two pixels around it."""
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    mask = Image.new("L", (max(right - left, 2) + 4, max(bottom - top, 2) + 4), 0)
    ImageDraw.Draw(mask).text((2 - left, 2 - top), text, fill=255, font=font)
    return np.asarray(mask, np.float32) / np.float32(255)


def dots(text: str, rng: Rng) -> Cover:
    """Text as a dot matrix shows it: eight or so rows of squares with gaps between."""
    files, tall = font_files(), int(rng.integers(9, 13))
    font = plain_face(tall) if rng.random() < 0.5 else face(files[int(rng.integers(len(files)))], tall)
    coarse = set_in(font, text) > 0.45
    cell, gap = int(rng.integers(4, 7)), int(rng.integers(0, 2))
    tile = np.zeros((cell, cell), np.float32)
    tile[: cell - gap, : cell - gap] = 1
    return np.kron(coarse.astype(np.float32), tile)


def segments(text: str, rng: Rng) -> Cover:
    """Figures of seven bars each, slanted a little, the dark bars now and then faintly seen."""
    h, w, t = 56, 30, int(rng.integers(4, 8))
    gap, unlit = int(rng.integers(5, 12)), float(rng.choice((0.0, 0.0, 0.08, 0.15)))
    bars = (
        (0, 0, w, t), (0, 0, t, h // 2), (w - t, 0, w, h // 2), (0, h // 2 - t // 2, w, h // 2 + t - t // 2),
        (0, h // 2, t, h), (w - t, h // 2, w, h), (0, h - t, w, h),
    )  # fmt: skip
    parts = []
    for char in text:
        if char in ":.,":
            cell = np.zeros((h, t + gap), np.float32)
            for y in (h // 3, 2 * h // 3) if char == ":" else (h - t,):
                cell[y : y + t, :t] = 1
        else:
            cell = np.zeros((h, w + gap), np.float32)
            for (x1, y1, x2, y2), lit in zip(bars, SEGMENTS.get(char, "1101101"), strict=True):
                inner = cell[y1 + 1 : y2 - 1, x1 + 1 : x2 - 1]
                np.maximum(inner, 1.0 if lit == "1" else unlit, out=inner)
        parts.append(cell)
    whole = np.hstack(parts)
    lean = float(rng.uniform(0, 0.15))
    size = whole.shape[1] + int(lean * h) + 1, h
    slanted = cv2.warpAffine(whole, np.array([[1, -lean, lean * h], [0, 1, 0]]), size)
    return np.asarray(slanted, np.float32)


def stacked(lines: list[Cover], gap: float, rng: Rng) -> Cover:
    """Lines below each other, set left, middle or right."""
    width = max(line.shape[1] for line in lines)
    side = float(rng.choice((0.0, 0.0, 0.5, 1.0)))
    rows = []
    for line in lines:
        left = int(side * (width - line.shape[1]))
        rows.append(np.pad(line, ((0, int(gap * line.shape[0])), (left, width - line.shape[1] - left))))
    return np.vstack(rows)


def scaled(cover: Cover, height: int) -> Cover:
    """The writing at another height, at least two pixels wide."""
    width = max(2, round(cover.shape[1] * height / cover.shape[0]))
    return np.asarray(cv2.resize(cover, (width, max(2, height)), interpolation=cv2.INTER_AREA), np.float32)


def ink_on(canvas: Pixels, cover: Cover, at: tuple[int, int], ink: tuple[float, ...]) -> None:
    """Writes on `canvas` in place, the cover's top left at `at` (x, y); what lies outside is cut."""
    x, y = max(0, at[0]), max(0, at[1])
    part = canvas[y : y + cover.shape[0], x : x + cover.shape[1]]
    share = cover[: part.shape[0], : part.shape[1], None]
    part[:] = np.clip(part + (np.array(ink, np.float32) - part) * share, 0, 255).astype(np.uint8)
