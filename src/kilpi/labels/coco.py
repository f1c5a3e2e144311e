"""COCO: one JSON file for many photos. Corners are keypoints, the mark is an attribute."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from kilpi.errors import LabelError
from kilpi.labels.classes import mark_of
from kilpi.labels.coco_corners import CORNERS, read_keypoints
from kilpi.labels.draft import (
    Draft,
    DraftPhoto,
    Drawn,
    Source,
    box_of,
    drawn,
    number,
    pairs,
    plate,
    polygon,
    turned_box,
    whole,
)
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Box, Point, Quad

CANNOT_HOLD = (
    "car, country, rows, origin, by, at, licence, view and the photo's sha256",
    "whether a plate without a mark is legible",
    "marks, for tools that drop the annotations' attributes (ImgLab does)",
)
MARK_KEYS = ("text", "plate", "plate_text", "plate_number", "license_plate", "number", "registration")


def read_coco(source: Source) -> Draft:
    """Photos of a COCO file. Where annotations name no image, photos without any are refused: of which
    photo they are is not known.
    """
    draft = Draft()
    root = load_json(source)
    images = objects(root.get("images"), source.name, "images")
    annotations = objects(root.get("annotations"), source.name, "annotations")
    categories = by_id(objects(root.get("categories") or [], source.name, "categories"), source.name)
    known = Counter(identity(image.get("id")) for image in images)
    if any(count > 1 for count in known.values()):
        raise LabelError(f"{source.name}: two images have the same id, so annotations cannot be told apart")
    if len({identity(a.get("id")) for a in annotations}) < len(annotations):
        draft.note(f"{source.name}: annotation ids repeat (ImgLab restarts them in every image); not used")
    by_image: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    lost = 0
    for i, annotation in enumerate(annotations, start=1):
        image_id = identity(annotation.get("image_id"))
        where = f"{source.name}: annotation {i}"
        if image_id not in known:
            draft.refused.append(LabelError(f"{where}: its image_id is none of the images"))
            lost += 1
        by_image.setdefault(image_id, []).append((where, annotation))
    for i, image in enumerate(images, start=1):
        drawn_in = by_image.get(identity(image.get("id")), [])
        where = f"{source.name}: image {i}"
        if lost and not drawn_in:
            reason = f"has no annotations, but {lost} annotations name no image; theirs may be among them"
            draft.refused.append(LabelError(f"{where}: {reason}"))
            continue
        read_image(image, drawn_in, categories, draft, where)
    return draft


def identity(value: Any) -> str:
    """An id as it is compared: 1, 1.0 and "1" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text if isinstance(value, str | int) and not isinstance(value, bool) else repr(value)


def by_id(categories: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Mapping[str, Any]]:
    """Categories by their id. Raises LabelError where one id has two names."""
    found: dict[str, Mapping[str, Any]] = {}
    for category in categories:
        key = identity(category.get("id"))
        if found.setdefault(key, category).get("name") != category.get("name"):
            raise LabelError(f"{name}: two categories have the same id, so classes cannot be told apart")
    return found


def read_image(
    image: Mapping[str, Any],
    annotations: Sequence[tuple[str, Mapping[str, Any]]],
    categories: Mapping[str, Mapping[str, Any]],
    draft: Draft,
    where: str,
) -> None:
    """One photo with its annotations into the draft, or a reason why not."""
    file = image.get("file_name")
    size = whole(image.get("width")), whole(image.get("height"))
    try:
        if not isinstance(file, str) or not file.strip():
            raise LabelError(f"{where}: has no file_name")
        things = []
        for place, annotation in annotations:
            category = categories.get(identity(annotation.get("category_id")), {})
            if categories and not category:
                raise LabelError(f"{place} ({file}): its category_id is none of the categories")
            things.append(read_annotation(annotation, category, size, f"{place} ({file})"))
        draft.photos.append(DraftPhoto(LabelledPhoto(None, file, *size), tuple(things)))
    except LabelError as error:
        draft.refused.append(error)


def read_annotation(
    annotation: Mapping[str, Any],
    category: Mapping[str, Any],
    size: tuple[int | None, int | None],
    where: str,
) -> Drawn:
    """One annotation. A crowd is no single plate, and a problem."""
    name = category.get("name")

    def read(draft: Draft) -> LabelledPlate:
        if annotation.get("iscrowd") == 1:
            raise LabelError(f"{where}: is a crowd (iscrowd); draw each of its plates")
        mark = mark_in(annotation.get("attributes"), draft, where)
        quad = read_keypoints(annotation, category, draft, where)
        if quad is not None:
            return plate(quad, None, mark)
        return plate(*read_place(annotation, size, draft, where), mark)

    return drawn(name if isinstance(name, str) else None, where, read)


def mark_in(attributes: Any, draft: Draft, where: str) -> str | None:
    """The mark in an annotation's attributes: ours as written, other tools' where it can be one."""
    if not isinstance(attributes, dict):
        return None
    ours = attributes.get("mark")
    if isinstance(ours, str) and ours.strip():
        return ours
    for key in MARK_KEYS:
        text = attributes.get(key)
        if isinstance(text, str) and text.strip():
            mark = mark_of(text.upper())
            if mark is None:
                draft.note(f"{where}: the attribute {key} is no plate text; left out")
            return mark
    return None


def read_place(
    annotation: Mapping[str, Any], size: tuple[int | None, int | None], draft: Draft, where: str
) -> tuple[Quad | None, Box | None]:
    """Corners or box: from the segmentation, which is exact, else from the bbox."""
    rings = annotation.get("segmentation")
    rings = rings if isinstance(rings, list) else []  # run lengths have no corners
    if rings and not isinstance(rings[0], list | dict):
        rings = [rings]
    if len(rings) == 1 and isinstance(rings[0], list) and rings[0] and not turned(annotation):
        ring = rings[0]
        if len(ring) % 2:
            raise LabelError(f"{where}: the segmentation has an odd count of numbers")
        if len(ring) == 2:
            raise LabelError(f"{where}: is a circle, which does not say where a plate ends; draw a rectangle")
        if is_glued(ring):
            draft.note(f"{where}: x + width was written as two numbers glued together; taken apart")
            return None, unglue(ring, size, where)
        return polygon(pairs([number(v, where, "a point") for v in ring]), draft, where)
    values = annotation.get("bbox")
    if not isinstance(values, list) or len(values) != 4:
        raise LabelError(f"{where}: has neither a segmentation of one ring nor a bbox of four numbers")
    x, y, w, h = (number(v, where, f"bbox, {part}") for v, part in zip(values, "xywh", strict=True))
    if len(rings) > 1:
        draft.note(f"{where}: a segmentation in pieces gives its box only")
    box = box_of(x, y, x + w, y + h, where)
    degrees = turned(annotation)
    return (turned_box(box, degrees), None) if degrees else (None, box)


def turned(annotation: Mapping[str, Any]) -> float:
    """Degrees by which CVAT has turned the box; it writes the box as it was before."""
    attributes = annotation.get("attributes")
    value = attributes.get("rotation") if isinstance(attributes, dict) else None
    return float(value) % 360 if isinstance(value, int | float) and math.isfinite(value) else 0.0


def is_glued(ring: Sequence[Any]) -> bool:
    """True for a rectangle of strings whose right is left + width as text: ["129", "130", "12992", ...].

    ImgLab writes so after it has read a dlib file; no tool writes strings of its own accord.
    """
    if len(ring) != 8 or not all(isinstance(v, str) for v in ring):
        return False
    left, top, right, bottom = ring[0], ring[1], ring[2], ring[5]
    rectangle = list(ring) == [left, top, right, top, right, bottom, left, bottom]
    longer = len(right) > len(left) and len(bottom) > len(top)
    return rectangle and longer and right.startswith(left) and bottom.startswith(top)


def unglue(ring: Sequence[str], size: tuple[int | None, int | None], where: str) -> Box:
    """The box of a glued rectangle. LabelError where it does not fit into the photo."""
    left, top = number(ring[0], where, "x"), number(ring[1], where, "y")
    width = number(ring[2][len(ring[0]) :], where, "the width")
    height = number(ring[5][len(ring[1]) :], where, "the height")
    box = box_of(left, top, left + width, top + height, where)
    if box.x2 > (size[0] or 1e7) + 2 or box.y2 > (size[1] or 1e7) + 2:  # 2: dlib boxes are rounded outward
        raise LabelError(f"{where}: the box lies outside the photo, however its numbers are read")
    return box


def load_json(source: Source) -> Mapping[str, Any]:
    """The file's one object. Raises LabelError naming the file."""
    try:
        root = json.loads(source.data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise LabelError(f"{source.name}: is not JSON in UTF-8, or is cut off") from None
    if not isinstance(root, dict):
        raise LabelError(f"{source.name}: expected one JSON object")
    return root


def objects(values: Any, name: str, what: str) -> list[Mapping[str, Any]]:
    """A list of JSON objects."""
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise LabelError(f"{name}: {what} must be a list of objects")
    return values


def write_coco(records: Sequence[LabelledPhoto]) -> bytes:
    """A COCO file with one category, "plate", and unique ids. Numbers are not rounded."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for i, record in enumerate(records, start=1):
        if record.path is None:
            raise LabelError(f"{record.name}: has no path, and COCO knows photos by nothing else")
        size = {"height": record.height, "width": record.width}
        known = {key: value for key, value in size.items() if value is not None}
        images.append({"file_name": record.path, **known, "id": i})
        for held in hold_coco(record).plates:
            annotations.append({"id": len(annotations) + 1, "image_id": i, **annotation_of(held)})
    skeleton = [[1, 2], [2, 3], [3, 4], [4, 1]]
    category = {"supercategory": "none", "id": 1, "name": "plate", "keypoints": CORNERS, "skeleton": skeleton}
    root = {"images": images, "type": "instances", "annotations": annotations, "categories": [category]}
    return (json.dumps(root, ensure_ascii=False, indent=1) + "\n").encode()


def annotation_of(held: LabelledPlate) -> dict[str, Any]:
    """One plate as COCO has it; a plate that is only a box has keypoints that are not labelled (0, 0, 0)."""
    x1, y1, x2, y2 = (float(v) for v in held.place or Box(0, 0, 1, 1))
    corners = held.quad or (Point(x1, y1), Point(x2, y1), Point(x2, y2), Point(x1, y2))
    flat = [float(v) for corner in corners for v in corner]
    seen = held.quad is not None
    keypoints = [v for p in corners for v in ((float(p.x), float(p.y), 2) if seen else (0, 0, 0))]
    xs, ys = flat[::2], flat[1::2]
    shoelace = sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(4))
    fields: dict[str, Any] = {
        "category_id": 1,
        "segmentation": [flat],
        "area": abs(shoelace) / 2,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "iscrowd": 0,
        "ignore": 0,
        "keypoints": keypoints,
        "num_keypoints": 4 if seen else 0,
    }
    return fields if held.mark is None else {**fields, "attributes": {"mark": held.mark}}


def hold_coco(record: LabelledPhoto) -> LabelledPhoto:
    """The record as it comes back from COCO. Plates without a place are not held."""
    plates = tuple(plate(p.quad, p.box, p.mark) for p in record.plates if p.place is not None)
    return LabelledPhoto(None, record.path, record.width, record.height, plates=plates)
