"""What is not a plate but may look like one: lettering on cars and walls, signs, stickers, badges, grilles.

Decoys are drawn into a photo away from its plates, so that the detector learns to leave them alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kilpi.labels.warps import Floats
from kilpi.types import Pixels

FONTS = Path(__file__).parent / "fonts"
WORDS = (
    "Turbo", "4x4", "QUATTRO", "hybrid", "Diesel", "GTI", "XC", "xDrive", "TDI", "Electric", "AWD", "Sport",
    "MYYDÄÄN", "TARJOUS", "Autoliike", "www.", ".fi", ".com", "SALE", "Service", "PARKING", "EXIT", "TAXI",
    "Huolto", "Bilar", "Garage", "Autotalo", "rahoitus", "Express", "POLIISI", "Stock photo", "©", "STOP",
)  # fmt: skip
INKS = ((20, 20, 20), (245, 245, 245), (190, 25, 30), (20, 60, 160), (240, 200, 30), (170, 175, 180))
GROUNDS = ((245, 245, 245), (20, 20, 20), (20, 70, 170), (200, 30, 30), (245, 205, 20), (30, 120, 60))

Rng = np.random.Generator
Piece = tuple[Pixels, NDArray[np.float32]]  # RGB (h, w, 3) and how much it covers (h, w), 0..1


@lru_cache(maxsize=64)
def face(path: Path, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of ours at a size in pixels; Pillow's own where the file is missing."""
    try:
        return ImageFont.truetype(path, size)
    except OSError:
        return ImageFont.load_default(size)


@lru_cache(maxsize=1)
def font_files() -> tuple[Path, ...]:
    """The fonts that come with the package."""
    return tuple(sorted([*FONTS.glob("*.ttf"), *FONTS.glob("*.otf")])) or (Path("none"),)


def words(rng: Rng) -> str:
    """One to three words, or a telephone number; lower case as often as not."""
    if rng.random() < 0.2:
        return " ".join(str(rng.integers(10, 1000)) for _ in range(rng.integers(3, 5)))
    text = " ".join(rng.choice(WORDS) for _ in range(rng.integers(1, 4)))
    return text if rng.random() < 0.5 else text.lower()


def lettering(rng: Rng) -> Piece:
    """Bare letters, as stuck on a body or written over a photo."""
    font = face(font_files()[int(rng.integers(len(font_files())))], 40)
    text = words(rng)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    size = max(right - left, 4) + 8, max(bottom - top, 4) + 8
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).text((4 - left, 4 - top), text, fill=255, font=font)
    cover = np.asarray(mask, np.float32) / np.float32(255)
    ink = np.array(INKS[int(rng.integers(len(INKS)))], np.uint8)
    faint = np.asarray(cover * rng.uniform(0.5, 1), np.float32)
    return np.broadcast_to(ink, (*cover.shape, 3)).copy(), faint


def sign(rng: Rng) -> Piece:
    """A board or sticker with lettering in it: squarer or much longer than a plate."""
    letters, cover = lettering(rng)
    height, width = cover.shape
    if rng.random() < 0.6:  # squarer
        board_w, board_h = width + 20, int((width + 20) / rng.uniform(0.7, 1.6))
    else:  # a long band
        board_w, board_h = int(height * rng.uniform(9, 16)), height + 16
    board_w, board_h = max(board_w, width + 8), max(board_h, height + 8)
    board = np.empty((board_h, board_w, 3), np.uint8)
    board[:] = GROUNDS[int(rng.integers(len(GROUNDS)))]
    y, x = (board_h - height) // 2, (board_w - width) // 2
    part = board[y : y + height, x : x + width]
    part[:] = part + (letters.astype(np.float32) - part) * cover[..., None]
    return board, np.ones((board_h, board_w), np.float32)


def badge(rng: Rng) -> Piece:
    """A bright or dark ellipse with a rim, like a maker's badge or a lamp."""
    width, height = 96, int(rng.integers(40, 96))
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = INKS[int(rng.integers(len(INKS)))]
    cover = np.zeros((height, width), np.float32)
    axes = (width // 2 - 2, height // 2 - 2)
    cv2.ellipse(cover, (width // 2, height // 2), axes, 0, 0, 360, 1.0, -1)
    cv2.ellipse(canvas, (width // 2, height // 2), axes, 0, 0, 360, INKS[int(rng.integers(len(INKS)))], 6)
    return canvas, cover


def grille(rng: Rng) -> Piece:
    """Bars over a dark ground, in a frame the shape of a plate."""
    height = int(rng.integers(24, 60))
    width = int(height * rng.uniform(2, 6))
    canvas = np.full((height, width, 3), int(rng.integers(5, 60)), np.uint8)
    step = int(rng.integers(4, 14))
    light = int(rng.integers(90, 250))
    if rng.random() < 0.5:
        canvas[:: step // 2 + 1] = light
    else:
        canvas[:, ::step] = light
    return canvas, np.ones((height, width), np.float32)


def blank(rng: Rng) -> Piece:
    """A plain bright panel: reflector, lamp, empty plate holder, window."""
    height = int(rng.integers(20, 60))
    canvas = np.empty((height, int(height * rng.uniform(1.5, 6)), 3), np.uint8)
    canvas[:] = rng.integers(0, 256, 3)
    return canvas, np.ones(canvas.shape[:2], np.float32)


MAKERS: tuple[Callable[[Rng], Piece], ...] = (lettering, lettering, sign, sign, badge, grille, blank)


def add_decoys(pixels: Pixels, taken: Floats, rng: Rng, most: int = 3) -> Pixels:
    """A copy with up to `most` decoys, none of them near the quads `taken` (k, 4, 2)."""
    canvas = pixels.copy()
    for _ in range(int(rng.integers(1, most + 1))):
        piece, cover = MAKERS[int(rng.integers(len(MAKERS)))](rng)
        place(canvas, piece, cover, taken, rng)
    return canvas


def place(canvas: Pixels, piece: Pixels, cover: NDArray[np.float32], taken: Floats, rng: Rng) -> None:
    """Draws one decoy, slightly turned and blurred, at a free place; leaves it where there is none."""
    height, width = canvas.shape[:2]
    wide = np.exp(rng.uniform(np.log(0.06), np.log(0.4))) * width
    scale = min(wide / piece.shape[1], 0.4 * height / piece.shape[0])
    size = max(4, round(piece.shape[1] * scale)), max(4, round(piece.shape[0] * scale))
    piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)
    cover = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32)
    x, y = rng.uniform(0, max(1, width - size[0])), rng.uniform(0, max(1, height - size[1]))
    for quad in taken:
        low, high = quad.min(axis=0) - 8, quad.max(axis=0) + 8
        if x < high[0] and x + size[0] > low[0] and y < high[1] and y + size[1] > low[1]:
            return
    left, top = int(x), int(y)
    window = canvas[top : top + size[1], left : left + size[0]]
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), float(rng.normal(0, 6)), 0.93)
    room = window.shape[1], window.shape[0]
    mask = cv2.warpAffine(cover, turn, room)[..., None]
    drawn = cv2.warpAffine(piece, turn, room, borderMode=cv2.BORDER_REPLICATE)
    dim = np.float32(rng.uniform(0.4, 1.0))
    window[:] = np.clip(window + (drawn * dim - window) * mask, 0, 255).astype(np.uint8)
