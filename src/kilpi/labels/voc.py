"""Pascal VOC: one XML file a photo. Coordinates are taken as ImgLab writes them, counted from 0.

The classic files count pixels from 1; nothing in a file tells which, and it moves a box by one pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from kilpi.errors import LabelError
from kilpi.labels.classes import mark_of
from kilpi.labels.draft import (
    Draft,
    DraftPhoto,
    Drawn,
    Source,
    box_of,
    drawn,
    number,
    order_corners,
    pairs,
    plate,
    polygon,
    turned_box,
    whole,
)
from kilpi.labels.locate import Pictures, base_name, picture_size
from kilpi.labels.markup import parse_xml, safe, text_of
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Box, Quad

CANNOT_HOLD = (
    "corners of a plate turned by 45 degrees or more: they come back in another order",
    "car, country, rows, origin, by, at, licence, view and the photo's sha256",
    "whether a plate without a mark is legible; a mark that reads like a class name",
)
SIDES = ("xmin", "ymin", "xmax", "ymax")
ROUNDING = 2  # pixels by which ImgLab's rounding outward may leave the photo
FOLDER = "images/"  # what ImgLab puts before every name in <path>


@dataclass(frozen=True)
class Size:
    """A photo's size where it is known."""

    width: int | None
    height: int | None


def read_voc(source: Source, pictures: Pictures) -> Draft:
    """The one photo of a VOC file."""
    draft = Draft()
    root = parse_xml(source, draft)
    path = text_of(root, "path")
    file = text_of(root, "filename") or (base_name(path) if path else None)
    if not file:
        raise LabelError(f"{source.name}: has neither filename nor path")
    size = read_size(root, file, pictures, source.folder)
    objects = [(f"{source.name}: object {i}", each) for i, each in enumerate(root.findall("object"), start=1)]
    places = ("bndbox", "polygon")
    inside = sum(1 for _, each in objects for child in each.iter() if child.tag in places)
    if inside < sum(1 for child in root.iter() if str(child.tag).endswith(places)):
        raise LabelError(f"{source.name}: holds boxes outside of <object>")
    glued = any(is_glued(side_texts(each, where, strict=False), size) for where, each in objects)
    things = tuple(read_object(each, size, glued, where) for where, each in objects)
    draft.photos.append(DraftPhoto(LabelledPhoto(None, file, size.width, size.height), things))
    return draft


def read_size(root: Element, file: str, pictures: Pictures, folder: Path | None) -> Size:
    """The photo's size from the file, or from the picture where the file says none ("undefined")."""
    element = root.find("size")
    width = whole(text_of(element, "width")) if element is not None else None
    height = whole(text_of(element, "height")) if element is not None else None
    if width is None or height is None:
        found = pictures.find(LabelledPhoto(path=file), folder)
        return Size(*picture_size(found)) if found is not None else Size(None, None)
    return Size(width, height)


def read_object(element: Element, size: Size, glued: bool, where: str) -> Drawn:
    """One object. `glued`: whether any object of the file has numbers glued together."""

    def read(draft: Draft) -> LabelledPlate:
        drawn_polygon = read_polygon(element, draft, where)
        if drawn_polygon is not None:
            return plate(*drawn_polygon)
        box = read_box(element, size, glued, draft, where)
        degrees = rotation(element, where)
        return plate(turned_box(box, degrees), None) if degrees else plate(None, box)

    return drawn(text_of(element, "name"), where, read)


def rotation(element: Element, where: str) -> float:
    """Degrees by which CVAT has turned the box; it writes the box as it was before."""
    for each in element.iterfind("attributes/attribute"):
        if text_of(each, "name") == "rotation":
            return number(text_of(each, "value"), where, "rotation") % 360
    return 0.0


def read_box(element: Element, size: Size, glued: bool, draft: Draft, where: str) -> Box:
    """An object's box, with numbers that were glued together taken apart where that is sure.

    ImgLab, after it has read a dlib file, adds strings: xmax becomes "129" + "92" = "12992".
    """
    sides = side_texts(element, where)
    if is_glued(sides, size):
        draft.note(f"{where}: xmax and ymax were width and height glued to xmin and ymin; taken apart")
        return unglue(sides, size, where)
    if may_be_glued(sides) and (glued or is_outside(sides, size, 1)):
        raise LabelError(f"{where}: xmax may be the width glued to xmin, and that cannot be told for sure")
    x1, y1, x2, y2 = (number(t, where, side) for t, side in zip(sides, SIDES, strict=True))
    return box_of(x1, y1, x2, y2, where)


def side_texts(element: Element, where: str, strict: bool = True) -> tuple[str, ...]:
    """The four numbers of a box as written. Raises LabelError where one is missing, if `strict`."""
    found = tuple(text_of(element, f"bndbox/{side}") for side in SIDES)
    if strict and None in found:
        raise LabelError(f"{where}: the box lacks {SIDES[found.index(None)]}")
    return tuple(str(text) for text in found)


def is_glued(sides: Sequence[str], size: Size) -> bool:
    """True where xmax and ymax begin with xmin and ymin and cannot be meant as written."""
    try:
        [float(side) for side in sides]
    except ValueError:  # "129.5" + "92.25"
        return may_be_glued(sides)
    return size.width is not None and may_be_glued(sides) and is_outside(sides, size, 2)


def may_be_glued(sides: Sequence[str]) -> bool:
    """True where xmax begins with xmin's digits and ymax with ymin's."""
    both = ((sides[0], sides[2]), (sides[1], sides[3]))
    return all(high.startswith(low) and len(high) > len(low) for low, high in both)


def is_outside(sides: Sequence[str], size: Size, times: float) -> bool:
    """True where a side lies beyond `times` the photo (and rounding), or the photo's size is unknown."""
    if size.width is None or size.height is None:
        return True
    return float(sides[2]) > times * size.width + ROUNDING or float(sides[3]) > times * size.height + ROUNDING


def unglue(sides: Sequence[str], size: Size, where: str) -> Box:
    """The box of glued numbers. LabelError where it does not fit into the photo, or that is not known."""
    if size.width is None or size.height is None:
        raise LabelError(f"{where}: the numbers are glued together, and the photo's size is not known")
    x1, y1 = number(sides[0], where, "xmin"), number(sides[1], where, "ymin")
    width = number(sides[2][len(sides[0]) :], where, "xmax")
    height = number(sides[3][len(sides[1]) :], where, "ymax")
    box = box_of(x1, y1, x1 + width, y1 + height, where)
    if box.x2 > size.width + ROUNDING or box.y2 > size.height + ROUNDING:
        raise LabelError(f"{where}: the box lies outside the photo, however its numbers are read")
    return box


def read_polygon(element: Element, draft: Draft, where: str) -> tuple[Quad | None, Box | None] | None:
    """<polygon><x1/><y1/>...</polygon>, as several tools add it to VOC; None where there is none."""
    found = element.find("polygon")
    if found is None:
        return None
    count = len(found) // 2
    texts = [text_of(found, f"{axis}{i}") for i in range(1, count + 1) for axis in "xy"]
    return polygon(pairs([number(text, where, "a polygon's point") for text in texts]), draft, where)


def write_voc(records: Sequence[LabelledPhoto]) -> dict[str, bytes]:
    """File name -> content, one for every photo: its path with .xml instead of the ending."""
    files: dict[str, bytes] = {}
    for record in records:
        if record.path is None:
            raise LabelError(f"{record.name}: has no path, and VOC knows photos by nothing else")
        name = str(PurePosixPath(record.path.lstrip("/")).with_suffix(".xml"))
        if name in files or ".." in PurePosixPath(name).parts:
            raise LabelError(f"{record.name}: its VOC file's name is taken or outside; rename the photo")
        files[name] = write_photo(record).encode()
    return files


def write_photo(record: LabelledPhoto) -> str:
    """One VOC document, in ImgLab's order of elements; numbers are not rounded."""
    file = safe(record.path or "", "a photo's path")
    sides = (("width", record.width), ("height", record.height))
    size = "".join(f"        <{side}>{value}</{side}>\n" for side, value in sides if value is not None)
    objects = "".join(write_object(held) for held in hold_voc(record).plates)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<annotation>
    <folder>images</folder>
    <filename>{file}</filename>
    <path>{FOLDER}{file}</path>
    <source>
        <database>Unknown</database>
    </source>
    <size>
{size}        <depth>3</depth>
    </size>
    <segmented>0</segmented>
{objects}</annotation>
"""


def write_object(held: LabelledPlate) -> str:
    """One <object>; its name is the mark, or "plate"."""
    box = held.place or Box(0, 0, 1, 1)
    name = "plate" if held.mark is None else safe(held.mark, "a mark")
    values = "".join(f"<{s}>{float(v)!r}</{s}>" for s, v in zip(SIDES, box, strict=True))
    corners = enumerate(held.quad or (), start=1)
    points = "".join(f"<x{i}>{float(p.x)!r}</x{i}><y{i}>{float(p.y)!r}</y{i}>" for i, p in corners)
    drawn = f"        <polygon>{points}</polygon>\n" if points else ""
    return f"""    <object>
        <name>{name}</name>
        <pose>Unspecified</pose>
        <truncated>0</truncated>
        <difficult>0</difficult>
        <bndbox>{values}</bndbox>
{drawn}    </object>
"""


def hold_voc(record: LabelledPhoto) -> LabelledPhoto:
    """The record as it comes back from VOC. Plates without a place are not held."""
    sized = record.width is not None and record.height is not None
    size = (record.width, record.height) if sized else (None, None)
    plates = []
    for each in record.plates:
        if each.quad is not None:
            quad = order_corners(each.quad, record.name)
            plates.append(plate(*polygon(quad, Draft(), record.name), mark_of(each.mark)))
        elif each.box is not None:
            plates.append(plate(None, each.box, mark_of(each.mark)))
    return LabelledPhoto(None, record.path, *size, plates=tuple(plates))
