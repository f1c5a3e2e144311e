"""Contact sheets: many pictures with a caption each, as one picture that a person can look over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kilpi.types import Pixels, Quad

PAPER, INK = (250, 250, 248), (30, 30, 30)
CAPTION_LINE = 17  # pixels
FONT = Path(__file__).with_name("caption.ttf")  # Barlow; Pillow's own face lacks Å, Ä and Ö


class Tile(NamedTuple):
    """One picture ((h, w, 3) uint8 RGB) and the words under it; lines are separated by newlines."""

    pixels: Pixels
    caption: str


def draw_quad(
    pixels: Pixels, quad: Quad, colour: tuple[int, int, int] = (255, 60, 60), thickness: int = 2
) -> Pixels:
    """A copy with the quad's outline in RGB `colour`, a dot at its first corner (where text begins)."""
    drawn = pixels.copy()
    points = np.round(np.array(quad) * 16).astype(np.int32)  # 4 fractional bits
    cv2.polylines(drawn, [points.reshape(-1, 1, 2)], True, colour, thickness, cv2.LINE_AA, shift=4)
    cv2.circle(drawn, tuple(points[0].tolist()), 16 * 2 * thickness, colour, -1, cv2.LINE_AA, shift=4)
    return drawn


def fit(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture scaled to fit in (width, height), centred on paper colour."""
    h, w = pixels.shape[:2]
    scale = min(width / w, height / h)
    size = max(1, round(w * scale)), max(1, round(h * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(pixels, size, interpolation=method)
    canvas = np.full((height, width, 3), PAPER, dtype=np.uint8)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    return canvas


def contact_sheet(tiles: Sequence[Tile], columns: int = 5, tile: tuple[int, int] = (300, 225)) -> Pixels:
    """All tiles in rows of `columns`, each fitted into `tile` (width, height) -> (h, w, 3) uint8 RGB."""
    width, height = tile
    lines = max((t.caption.count("\n") + 1 for t in tiles), default=1)
    cell_w, cell_h = width + 12, height + lines * CAPTION_LINE + 16
    columns = max(1, min(columns, len(tiles) or 1))
    rows = max(1, -(-len(tiles) // columns))
    sheet = Image.new("RGB", (columns * cell_w + 12, rows * cell_h + 12), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(FONT), size=14)
    for i, item in enumerate(tiles):
        x, y = 12 + (i % columns) * cell_w, 12 + (i // columns) * cell_h
        sheet.paste(Image.fromarray(fit(item.pixels, width, height)), (x, y))
        draw.multiline_text((x, y + height + 3), item.caption, fill=INK, font=font, spacing=2)
    return np.asarray(sheet, dtype=np.uint8)
