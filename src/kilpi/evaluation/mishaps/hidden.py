"""What hides a part of the mark: a patch on a character, dots under snow, the photo's edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.evaluation.mishaps import materials as m
from kilpi.evaluation.mishaps.folder import Folder, Rng, Shot, Stage, on_photo
from kilpi.evaluation.mishaps.materials import KEPT_APART, LOOKED_AT, Paint, Shape, put, rectangle
from kilpi.grammar import SampledMark, load_grammars
from kilpi.types import Pixels

PLATE_PX = 110
DOTTED = "ÅÄÖ"


def finnish(rng: Rng, dotted: bool = False) -> SampledMark:
    """A Finnish car's mark; `dotted`: with a ring or dots."""
    while True:
        sample = load_grammars().sample("FI", rng, "ordinary")
        if not dotted or any(c in DOTTED for c in sample.mark.compact):
            return sample


def drawn(sample: SampledMark, rng: Rng) -> RenderedPlate:
    """The mark's plate."""
    return render_plate(sample, rng, PLATE_PX * sample.plate.rows)


def patched(
    plate: RenderedPlate, at: int, materials: Mapping[str, tuple[Shape, Paint]], rng: Rng, part: float = 1.0
) -> tuple[RenderedPlate, str]:
    """The plate with the patch on character `at`, and the material's name; `part` of its width."""
    name = str(rng.choice(sorted(materials)))
    shape, paint = materials[name]
    x1, y1, x2, y2 = (float(v) for v in plate.boxes[at])
    grow_x, grow_y = (x2 - x1) * rng.uniform(0.02, 0.14), (y2 - y1) * rng.uniform(0.03, 0.12)
    x1, y1, x2, y2 = x1 - grow_x, y1 - grow_y, x2 + grow_x, y2 + grow_y
    if part < 1:
        left = rng.random() < 0.5
        x1, x2 = (x1, x1 + (x2 - x1) * part) if left else (x2 - (x2 - x1) * part, x2)
    mask = shape(plate.alpha.shape, (x1, y1, x2, y2), rng)
    return replace(plate, pixels=put(plate.pixels, mask, paint, rng)), name


def one_character(
    kind: str, number: int, stage: Stage, apart: bool, whole: int = 0, part: bool = False
) -> Folder:
    """One character under a patch; in `whole` of the three photos the plate is without it."""
    rng = stage.rng
    sample = finnish(rng)
    plate = drawn(sample, rng)
    at = int(rng.integers(len(sample.mark.compact)))
    size = float(rng.uniform(0.5, 0.85)) if part else 1.0
    covered, name = patched(plate, at, KEPT_APART if apart else LOOKED_AT, rng, size)
    shots = [stage.with_plate(plate if i < whole else covered) for i in range(3)]
    return Folder(kind, number, sample.mark, tuple(map(stage.finish, shots)), note=f"{at + 1}: {name}")


def cut_off(kind: str, number: int, stage: Stage, apart: bool) -> Folder:
    """All three photos end just before the last character (kept apart: or begin just after the first)."""
    rng = stage.rng
    while True:
        sample = finnish(rng)
        if sample.plate.rows == 1:
            break
    plate = drawn(sample, rng)
    left = apart and rng.random() < 0.5
    shots: list[Shot] = []
    while len(shots) < 3:
        shot = cut(stage.with_plate(plate), plate, left, apart, rng)
        shots.append(stage.finish(shot))
    return Folder(kind, number, sample.mark, tuple(shots), note="first" if left else "last")


def cut(shot: Shot, plate: RenderedPlate, left: bool, apart: bool, rng: Rng) -> Shot:
    """The photo without what lies beyond the plate's last (or first) character."""
    assert shot.plate is not None
    box = plate.boxes[0 if left else -1]
    gap = (
        abs(float(plate.boxes[1][0] - plate.boxes[0][2])) if left else abs(float(box[0] - plate.boxes[-2][2]))
    )
    into = rng.uniform(-0.4, 0.35) * (box[2] - box[0]) if apart else -gap * rng.uniform(0.1, 0.7)
    x = box[2] - into if left else box[0] + into
    edge = on_photo(plate, shot.plate, np.array([[x, box[1]], [x, box[3]]]))[:, 0]
    at = int(edge.mean())
    pixels = shot.pixels[:, at:] if left else shot.pixels[:, :at]
    return replace(shot, pixels=np.ascontiguousarray(pixels))


def dots(kind: str, number: int, stage: Stage, apart: bool) -> Folder:
    """Å, Ä or Ö, what is above the letter under salt, snow or the frame's lip, in all photos."""
    rng = stage.rng
    while True:
        sample = finnish(rng, dotted=True)
        if sample.plate.rows == 1:
            break
    plate = drawn(sample, rng)
    which = [i for i, c in enumerate(sample.mark.compact) if c in DOTTED]
    pixels, words = plate.pixels, []
    for at in which:
        pixels, word = hide_dots(pixels, plate, at, apart, rng)
        words.append(word)
    covered = replace(plate, pixels=pixels)
    shots = [stage.finish(stage.with_plate(covered)) for _ in range(3)]
    return Folder(kind, number, sample.mark, tuple(shots), note=", ".join(words))


def hide_dots(pixels: Pixels, plate: RenderedPlate, at: int, apart: bool, rng: Rng) -> tuple[Pixels, str]:
    """The plate with the dots of one letter covered."""
    x1, y1, x2, y2 = (float(v) for v in plate.boxes[at])
    bottom = y1 + accent_height(plate, at) + (y2 - y1) * 0.02
    w = x2 - x1
    choices = ("salt", "snow", "lip") if not apart else ("smear", "dirt", "frame", "snow ridge")
    word = str(rng.choice(choices))
    size = plate.alpha.shape
    if word in ("lip", "frame"):  # along the whole upper edge
        dark = m.plain(30, 30, 32) if word == "lip" else m.plain(150, 152, 156)
        mask = rectangle(size, (-9, -20, size[1] + 9, bottom), np.random.default_rng(0))
        mask[int(bottom) + 1 :] = 0
        return put(pixels, mask, dark, rng), word
    if word == "snow ridge":
        mask = m.blob(size, (x1 - 2 * w, -bottom, x2 + 2 * w, bottom), rng)
        mask[: int(bottom), max(0, int(x1)) : int(x2) + 1] = 1
        return put(pixels, mask, m.snowy, rng), word
    paint = {"salt": m.plain(205, 206, 208), "snow": m.snowy, "smear": m.ground, "dirt": m.muddy}[word]
    high = max(0.0, y1 - (y2 - y1) * 0.06)
    mask = m.blob(size, (x1, high, x2, bottom), rng)
    mask[int(high) : int(bottom) + 1, max(0, int(x1)) : int(x2) + 1] = 1
    mask[int(bottom) + 2 :] *= 0.2
    return put(pixels, mask, paint, rng), word


def accent_height(plate: RenderedPlate, at: int) -> float:
    """Pixels from the top of an Å, Ä or Ö to the top of its letter's own body."""
    x1, y1, x2, y2 = (round(float(v)) for v in plate.boxes[at])
    part = cv2.cvtColor(plate.pixels[max(0, y1) : y2, max(0, x1) : x2], cv2.COLOR_RGB2GRAY).astype(float)
    ground, ink = np.percentile(part, 90), np.percentile(part, 5)
    dark = np.abs(part - ground) > 0.4 * abs(ground - ink)
    rows = dark.mean(axis=1)
    top = max(2, int(0.42 * len(rows)))
    # The emptiest row in the upper two fifths parts the dots from the letter; a ring may touch it.
    return float(int(0.1 * len(rows)) + np.argmin(rows[int(0.1 * len(rows)) : top]) + 1)
