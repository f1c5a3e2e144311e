"""dlib's XML for shape predictors, as ImgLab and dlib's own imglab write it: many photos in one file.

Our natural format: the label is the mark, four parts named 0, 1, 2, 3 are the corners, clockwise as the
text reads from where it begins. Whole pixels only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from kilpi.errors import LabelError
from kilpi.labels.classes import mark_of
from kilpi.labels.draft import Draft, DraftPhoto, Drawn, Source, box_of, drawn, number, plate, whole
from kilpi.labels.markup import parse_xml, safe, text_of
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Box, Point, Quad

CANNOT_HOLD = (
    "fractions of pixels (boxes are widened and corners rounded to whole pixels)",
    "car, country, rows, origin, by, at, licence, view and the photo's sha256",
    "whether a plate without a mark is legible; a mark that reads like a class name",
)
CORNERS = ("tl", "tr", "br", "bl")
HEADER = """<?xml version='1.0' encoding='UTF-8'?>
<dataset>
<name>plates</name>
<comment>label: the mark. parts 0 to 3: the corners, clockwise as the text reads.</comment>
<images>
"""


def read_dlib(source: Source) -> Draft:
    """Photos of a dlib XML file."""
    draft = Draft()
    root = parse_xml(source, draft)
    images = root.findall("./images/image")
    if len(images) < sum(1 for _ in root.iter("image")):
        raise LabelError(f"{source.name}: holds images outside of <images>")
    for i, image in enumerate(images, start=1):
        file = image.get("file")
        where = f"{source.name}: image {i} ({file or 'without a file'})"
        strange = next((child.tag for child in image if child.tag != "box"), None)
        if strange is not None:
            draft.refused.append(LabelError(f"{where}: holds a <{strange}>, which dlib does not know"))
            continue
        if not file:
            draft.refused.append(LabelError(f"{where}: has no file attribute"))
            continue
        boxes = enumerate(image.findall("box"), start=1)
        things = tuple(read_box(box, f"{where}, box {j}") for j, box in boxes)
        size = whole(image.get("width")), whole(image.get("height"))
        draft.photos.append(DraftPhoto(LabelledPhoto(None, file, *size), things))
    return draft


def read_box(box: Element, where: str) -> Drawn:
    """One box with its label and parts. What dlib is told to ignore cannot be told here, and is a problem."""

    def read(draft: Draft) -> LabelledPlate:
        if box.get("ignore") == "1":
            raise LabelError(f"{where}: is marked ignore; left out, it would teach that there is no plate")
        left, top = number(box.get("left"), where, "left"), number(box.get("top"), where, "top")
        width, height = number(box.get("width"), where, "width"), number(box.get("height"), where, "height")
        area = box_of(left, top, left + width, top + height, where)
        return plate(read_parts(box.findall("part"), draft, where), area)

    return drawn(text_of(box, "label"), where, read)


def read_parts(parts: Sequence[Element], draft: Draft, where: str) -> Quad | None:
    """Four parts -> corners in the order of their names (numbers, or tl, tr, br, bl); none -> None."""
    if len(parts) != 4:
        if parts:
            draft.note(f"{where}: {len(parts)} parts are no corners (that takes four); the box is kept")
        return None
    named = {part.get("name", ""): part for part in parts}
    if len(named) == 4 and all(name.isdecimal() for name in named):
        order = sorted(named, key=int)
    elif set(named) == set(CORNERS):
        order = list(CORNERS)
    else:
        raise LabelError(f"{where}: parts must be named 0, 1, 2, 3 or tl, tr, br, bl, each once")
    return Quad(
        *(Point(number(named[n].get("x"), where, "x"), number(named[n].get("y"), where, "y")) for n in order)
    )


def write_dlib(records: Sequence[LabelledPhoto]) -> bytes:
    """A dlib XML file. What it cannot hold is in CANNOT_HOLD; LabelError where a photo has no path."""
    lines = [HEADER]
    for record in records:
        if record.path is None:
            raise LabelError(f"{record.name}: has no path, and dlib XML knows photos by nothing else")
        file = safe(record.path, "a photo's path")
        lines.append(f"\t<image file='{file}'{size_attributes(record)}>\n")
        lines += [write_box(held) for held in hold_dlib(record).plates]
        lines.append("\t</image>\n")
    return ("".join(lines) + "</images>\n</dataset>\n").encode()


def size_attributes(record: LabelledPhoto) -> str:
    """dlib itself writes none, but allows more attributes; with them the file can be checked alone."""
    if record.width is None or record.height is None:
        return ""
    return f" width='{record.width}' height='{record.height}'"


def write_box(held: LabelledPlate) -> str:
    """One box whose numbers are whole already."""
    x1, y1, x2, y2 = (round(v) for v in outward(held.place))
    label = "" if held.mark is None else f"\t\t\t<label>{safe(held.mark, 'a mark')}</label>\n"
    parts = "".join(
        f"\t\t\t<part name='{i}' x='{round(x)}' y='{round(y)}'/>\n"
        for i, (x, y) in enumerate(held.quad or ())
    )
    opening = f"\t\t<box top='{y1}' left='{x1}' width='{x2 - x1}' height='{y2 - y1}'>\n"
    return opening + label + parts + "\t\t</box>\n"


def outward(box: Box | None) -> Box:
    """The smallest box of whole pixels around a box, at least one pixel wide and high."""
    x1, y1, x2, y2 = box or Box(0, 0, 1, 1)
    left, top = math.floor(x1), math.floor(y1)
    return Box(left, top, max(math.ceil(x2), left + 1), max(math.ceil(y2), top + 1))


def hold_dlib(record: LabelledPhoto) -> LabelledPhoto:
    """The record as it comes back from dlib XML. Plates without a place are not held."""
    kept = []
    for each in record.plates:
        quad = None if each.quad is None else Quad(*(Point(round(p.x), round(p.y)) for p in each.quad))
        if each.place is not None:
            kept.append(plate(quad, outward(each.place), mark_of(each.mark)))
    sized = record.width is not None and record.height is not None
    held = LabelledPhoto(path=record.path, plates=tuple(kept))
    return replace(held, width=record.width, height=record.height) if sized else held
