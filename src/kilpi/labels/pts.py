"""dlib's pts: one shape's points in one file, without a label, a size, or the photo's name inside."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kilpi.errors import LabelError
from kilpi.labels.draft import Draft, DraftPhoto, Source, number
from kilpi.labels.locate import base_name
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Point, Quad

CANNOT_HOLD = (
    "boxes: a plate without corners is left out, and so is a photo without any corners",
    "marks, the photo's size and folder, fractions of pixels",
    "car, country, legible, rows, origin, by, at, licence, view and the photo's sha256",
)
HEAD = re.compile(rb"\s*version:\s*1\s+n_points:\s*(\d{1,6})\s*\{([^{}]*)\}\s*")
# "car.jpg_imglab.pts" is ImgLab's name for the photo car.jpg; a browser adds " (1)" to a second download.
NAME = re.compile(r"(?P<photo>.+?)(_imglab)?( ?\(\d+\))?\.pts", re.IGNORECASE)


def read_pts(source: Source) -> Draft:
    """One photo with one plate. The photo's name comes from the file's own."""
    draft = Draft()
    found = HEAD.fullmatch(source.data)
    if not found:
        raise LabelError(f"{source.name}: expected 'version: 1', 'n_points: 4' and points in braces")
    lines = [line.split() for line in found.group(2).decode("latin-1").splitlines() if line.strip()]
    if len(lines) != int(found.group(1)) or any(len(line) != 2 for line in lines):
        raise LabelError(f"{source.name}: n_points does not agree with the points in braces")
    points = [Point(*(number(v, source.name, "a coordinate") for v in line)) for line in lines]
    if len(points) != 4:
        raise LabelError(f"{source.name}: {len(points)} points; a plate has four corners")
    named = NAME.fullmatch(base_name(source.name))
    if not named:
        raise LabelError(f"{source.name}: holds no photo's name; call it <photo>_imglab.pts")
    photo = LabelledPhoto(path=named["photo"], plates=(LabelledPlate(quad=Quad(*points)),))
    draft.photos.append(DraftPhoto(photo))
    return draft


def write_pts(records: Sequence[LabelledPhoto]) -> dict[str, bytes]:
    """File name -> content, one for every plate with corners, named as ImgLab and a browser would."""
    files: dict[str, bytes] = {}
    seen: dict[str, str] = {}
    for record in records:
        held = hold_pts(record)
        for i, each in enumerate(held.plates):
            name = str(held.path)
            if seen.setdefault(name, record.name) != record.name:
                raise LabelError(f"{record.name}: another photo has the same name, and pts holds no folders")
            points = "".join(f"{round(x)} {round(y)}\n" for x, y in each.quad or ())
            again = f" ({i})" if i else ""
            files[f"{name}_imglab{again}.pts"] = f"version: 1\nn_points:  4\n{{\n{points}}}".encode()
    return files


def hold_pts(record: LabelledPhoto) -> LabelledPhoto:
    """The record as it comes back from its pts files."""
    if record.path is None:
        raise LabelError(f"{record.name}: has no path, and pts knows photos by nothing else")
    quads = [plate.quad for plate in record.plates if plate.quad is not None]
    rounded = [Quad(*(Point(round(x), round(y)) for x, y in quad)) for quad in quads]
    return LabelledPhoto(
        path=base_name(record.path), plates=tuple(LabelledPlate(quad=quad) for quad in rounded)
    )
