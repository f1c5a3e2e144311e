"""What stands on a plate beside its mark: names, mottoes, pictures, stickers, holograms, another script.

Laid over a drawn plate; the mark's boxes stay. Nothing here is ever a part of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from kilpi.draw import plate_parts
from kilpi.draw.elsewhere import DRESS
from kilpi.draw.plates import RenderedPlate
from kilpi.draw.trinkets import (
    INKS,
    MOTTO,
    Colour,
    Floats,
    edge_words,
    emblem,
    free,
    phrase,
    pictured,
    script,
    stickers,
    write,
)
from kilpi.grammar import PlateStyle

Rng = np.random.Generator

SYLLABLES = (
    "NE",
    "VA",
    "DA",
    "TEX",
    "AS",
    "CAL",
    "OR",
    "IDA",
    "MON",
    "TA",
    "NA",
    "KO",
    "LA",
    "SAN",
    "PAU",
    "LO",
    "RIO",
    "IN",
    "DI",
    "WA",
    "SHI",
    "TON",
    "MI",
    "NN",
    "OH",
    "IO",
)


def dress(plate: RenderedPlate, style: PlateStyle, rng: Rng) -> RenderedPlate:
    """The plate with what its style's "dress:" names; unchanged where it names nothing."""
    kind = next((w.removeprefix(DRESS) for w in style.furniture if w.startswith(DRESS)), "")
    if kind not in KINDS:
        return plate
    canvas = plate.pixels.astype(np.float32)
    KINDS[kind](canvas, plate, style, rng)
    return replace(plate, pixels=np.clip(canvas, 0, 255).astype(np.uint8))


def dress_us(canvas: Floats, plate: RenderedPlate, style: PlateStyle, rng: Rng) -> None:
    """A state's name above, a motto below, pictures, stickers, now and then a dealer's frame."""
    h, w = canvas.shape[:2]
    if rng.random() < 0.6:
        pictured(canvas, rng)
    top, low = free(plate)
    inks = (*INKS, tuple(plate_parts.colour(style.ink)))
    ink = (
        inks[int(rng.integers(len(inks)))]
        if style.ground.startswith(("#f", "#e", "#d", "#c"))
        else (240, 240, 235)
    )
    if rng.random() < 0.93:
        name = phrase(SYLLABLES, int(rng.integers(2, 6)), rng, joined=True)
        if rng.random() < 0.2:
            name = name[: len(name) // 2] + " " + name[len(name) // 2 :]
        write(
            canvas,
            name,
            (w * rng.uniform(0.42, 0.58), top * rng.uniform(0.42, 0.62)),
            top * rng.uniform(0.4, 0.8),
            ink,
        )
    if rng.random() < 0.75:
        text = phrase(MOTTO, int(rng.integers(1, 5)), rng)
        write(
            canvas,
            text,
            (w * rng.uniform(0.42, 0.58), low + (h - low) * 0.52),
            (h - low) * rng.uniform(0.3, 0.65),
            ink,
        )
    stickers(canvas, plate, rng, 0.35)
    if "emblem" in style.furniture:
        emblem(canvas, plate, rng)
    if rng.random() < 0.2:
        dark = tuple([float(rng.integers(10, 90))] * 3)
        cv2.rectangle(canvas, (0, 0), (w, round(top * rng.uniform(0.3, 0.9))), dark, -1)
        cv2.rectangle(canvas, (0, round(h - (h - low) * rng.uniform(0.2, 0.8))), (w, h), dark, -1)


def dress_br(canvas: Floats, plate: RenderedPlate, style: PlateStyle, rng: Rng) -> None:
    """The town above the mark, in the mark's ink, on a strip of tin."""
    top, _ = free(plate)
    w = canvas.shape[1]
    name = phrase(SYLLABLES, 1, rng)[:2] + " " + phrase(SYLLABLES, int(rng.integers(2, 6)), rng, joined=True)
    write(
        canvas,
        name,
        (w / 2, top * rng.uniform(0.45, 0.6)),
        top * rng.uniform(0.4, 0.7),
        plate_parts.colour(style.ink),
    )


def dress_mercosur(canvas: Floats, plate: RenderedPlate, style: PlateStyle, rng: Rng) -> None:
    """A blue strip above with the country's name, a flag and a sign; a code and letters at the left."""
    h, w = canvas.shape[:2]
    top, low = free(plate)
    cv2.rectangle(
        canvas,
        (0, 0),
        (w, round(top * rng.uniform(0.7, 0.92))),
        (float(rng.integers(0, 40)), 60.0, 150.0),
        -1,
    )
    write(
        canvas,
        phrase(SYLLABLES, int(rng.integers(2, 4)), rng, joined=True),
        (w / 2, top * 0.42),
        top * rng.uniform(0.35, 0.55),
        (240, 240, 240),
    )
    x = round(w * 0.93)
    cv2.rectangle(
        canvas, (x, round(top * 0.2)), (round(w * 0.985), round(top * 0.65)), (30.0, 130.0, 60.0), -1
    )
    if rng.random() < 0.7:
        first = float(plate.boxes[:, 0].min())
        if first > 0.04 * w:
            write(canvas, phrase(SYLLABLES, 1, rng)[:2], (first * 0.5, low - 0.06 * h), 0.1 * h, (30, 30, 32))
            field = rng.random((6, 6)) < 0.5
            size = max(6, round(min(first * 0.7, 0.22 * h)))
            code = cv2.resize(field.astype(np.uint8) * 200, (size, size), interpolation=cv2.INTER_NEAREST)
            y, x = round(h * 0.42), round(first * 0.15)
            canvas[y : y + size, x : x + size] = code[: h - y, : w - x, None]


def dress_gulf(canvas: Floats, plate: RenderedPlate, style: PlateStyle, rng: Rng) -> None:
    """Another script and a name at the left where there is room, or above the mark."""
    h, w = canvas.shape[:2]
    first, last = float(plate.boxes[:, 0].min()), float(plate.boxes[:, 2].max())
    ink: Colour = (28, 28, 30)
    sides = [(0.02 * w, first - 0.03 * w), (last + 0.03 * w, 0.98 * w)]
    for x1, x2 in sides:
        if x2 - x1 < 0.09 * w or rng.random() < 0.15:
            continue
        script(canvas, (x1, 0.2 * h, x2, 0.45 * h), ink, rng)
        name = phrase(SYLLABLES, int(rng.integers(2, 4)), rng, joined=True)
        cap = min(0.22 * h, (x2 - x1) / max(1.0, 0.75 * len(name)))
        write(canvas, name, ((x1 + x2) / 2, 0.7 * h), cap, ink)


def dress_plain(canvas: Floats, plate: RenderedPlate, style: PlateStyle, rng: Rng) -> None:
    """A maker's or a dealer's words at an edge, now and then."""
    if rng.random() < 0.3:
        edge_words(canvas, plate, rng)


KINDS: dict[str, Callable[[Floats, RenderedPlate, PlateStyle, Rng], None]] = {
    "us": dress_us, "br": dress_br, "mercosur": dress_mercosur, "gulf": dress_gulf, "uk": dress_plain,
    "tr": dress_plain,
}  # fmt: skip
