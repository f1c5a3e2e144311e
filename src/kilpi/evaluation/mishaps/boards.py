"""Plates that name no car of Finland: show plates, model boards, trade plates, and marks of neighbours."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kilpi.draw.clutter.lettering import font_files
from kilpi.draw.plates import RenderedPlate
from kilpi.evaluation.mishaps.folder import Folder, Rng, Stage
from kilpi.evaluation.mishaps.hidden import drawn, finnish
from kilpi.grammar import SampledMark, load_grammars
from kilpi.types import Mark

SHOWN = ("KIA-1", "BMW-5", "VW-1", "AUDI-4", "SEAT-1", "FIAT-500", "FORD-1")
MODELS = (
    "RAV-4", "XC-60", "XC-90", "BMW-320", "CX-5", "CX-30", "GLC-220", "IX-35", "MG-4", "EV-6", "DS-7",
    "EX-30", "ZOE-40", "UX-250", "HR-V1", "KIA-5", "AMG-63", "GTI-2", "RS-6", "TT-2",
)  # fmt: skip
SHOWN_APART = ("OPEL-1", "VOLVO-V60", "SAAB-9", "BMW-X5", "KIA-7", "MG-1", "DS-4", "GMC-1")
MODELS_APART = (
    "CLA-200", "GLA-180", "SX-4", "IS-300", "NX-300", "CT-200", "C-HR2", "ASX-1", "MX-5", "RX-8", "GT-86",
    "S-60", "V-70", "EQC-400", "EQA-250", "IX-3", "EV-9", "EX-90", "CX-60", "BZ-4", "GLE-350", "CLS-350",
)  # fmt: skip


def show_plate(kind: str, number: int, stage: Stage, apart: bool, board: bool = False) -> Folder:
    """A dealer's show plate drawn like an official one, or a plain board with a model's name."""
    rng = stage.rng
    words = (MODELS_APART if apart else MODELS) if board else (SHOWN_APART if apart else SHOWN)
    text = str(rng.choice(words))
    if board:
        plate = model_board(text, rng, apart)
    else:
        styles = {s.name: s for s in load_grammars().country("FI").styles}
        style = styles["long" if rng.random() < 0.5 else "plain"]
        plate = drawn(SampledMark(Mark(text, "FI"), style, (tuple(text.split("-")),)), rng)
    shots = [stage.finish(stage.with_plate(plate)) for _ in range(3)]
    return Folder(kind, number, None, tuple(shots), note=text)


def model_board(text: str, rng: Rng, apart: bool) -> RenderedPlate:
    """A bright board with a name in any typeface: no strip, no pressed edges, mostly no border."""
    height = 110
    width = int(height * rng.uniform(3.4, 4.7))
    faces = font_files()
    face = faces[int(rng.integers(len(faces)))]
    grounds = ((248, 248, 246), (20, 22, 26), (28, 60, 140), (240, 240, 236))
    ground = grounds[int(rng.integers(4)) if apart else 0]
    ink = (25, 25, 28) if sum(ground) > 400 else (244, 244, 244)
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    size = int(height * rng.uniform(0.55, 0.8))
    font = ImageFont.truetype(str(face), size)
    while pen.textlength(text, font=font) > 0.9 * width:
        size -= 3
        font = ImageFont.truetype(str(face), size)
    pen.text((width / 2, height / 2), text, fill=ink, font=font, anchor="mm")
    if rng.random() < 0.3:
        pen.rectangle((2, 2, width - 3, height - 3), outline=ink, width=3)
    compact = "".join(filter(str.isalnum, text))
    alpha = np.full((height, width), 255, np.uint8)
    no_boxes = np.zeros((0, 4), np.float32)
    size_mm = (round(118 * width / height), 118)
    return RenderedPlate(compact, None, 1, size_mm, np.array(image), alpha, no_boxes)


def german(kind: str, number: int, stage: Stage, apart: bool) -> Folder:
    """A German mark whose letters and digits are two marks: B-NO 1234 and BN-O 1234."""
    rng, grammars = stage.rng, load_grammars()
    while True:
        sample = grammars.sample("DE", rng, "ordinary")
        found = {m.text for m in grammars.parse(sample.mark.compact, "DE") if m.series == "ordinary"}
        if len(found) > 1 and sample.plate.rows == 1:
            break
    plate = drawn(sample, rng)
    shots = [stage.finish(stage.with_plate(plate)) for _ in range(3)]
    return Folder(kind, number, sample.mark, tuple(shots), home=("DE",) if apart else ())


def foreign(
    kind: str, number: int, stage: Stage, apart: bool, code: str = "SE", series: str = "trade",
    home: tuple[str, ...] = (),
) -> Folder:  # fmt: skip
    """A plate of one series of another country, with the dealer's home set."""
    rng, grammars = stage.rng, load_grammars()
    while True:
        sample = grammars.sample(code, rng, series)
        if sample.plate.rows == 1 and (series != "ordinary" or sample.plate.band != "none"):
            break
    plate = drawn(sample, rng)
    shots = [stage.finish(stage.with_plate(plate)) for _ in range(3)]
    truth = sample.mark if sample.mark.identifies_car else None
    return Folder(kind, number, truth, tuple(shots), home=home)


def personal(kind: str, number: int, stage: Stage, apart: bool) -> Folder:
    """A Swedish personal mark whose I or O stands where an ordinary mark has 1 or 0: MABI 76."""
    rng = stage.rng
    letters = "".join(rng.choice(list("ABCDEFGHJKLMNOPRSTUWXYZ"), 3))
    word, digits = letters + str(rng.choice(["I", "O"])), str(rng.integers(10, 99))
    style = next(s for s in load_grammars().country("SE").styles if s.name == "long")
    mark = Mark(f"{word} {digits}", "SE", "personal")
    plate = drawn(SampledMark(mark, style, ((word, digits),)), rng)
    shots = [stage.finish(stage.with_plate(plate)) for _ in range(3)]
    return Folder(kind, number, mark, tuple(shots), home=("SE",) if apart else (), note=mark.text)


def clean(kind: str, number: int, stage: Stage, apart: bool, short: bool = False) -> Folder:
    """No mishap. `short`: a mark of fewer than six characters, or with an A or O."""
    rng = stage.rng
    while True:
        sample = finnish(rng)
        if not short or len(sample.mark.compact) < 6:
            break
    plate = drawn(sample, rng)
    shots = [stage.finish(stage.with_plate(plate)) for _ in range(3)]
    return Folder(kind, number, sample.mark, tuple(shots))
