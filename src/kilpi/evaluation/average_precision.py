"""Average precision of boxes as COCO counts it: by faster-coco-eval where installed, else our own."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import box_iou
from kilpi.types import Box

# pycocotools, cocoeval.py, Params: IoU 0.5 to 0.95 in steps of 0.05, 101 recall levels, 100 finds an image.
OVERLAPS = np.linspace(0.5, 0.95, 10)
LEVELS = np.linspace(0.0, 1.0, 101)
MOST = 100


class Boxes(NamedTuple):
    """One photo: the true boxes, and what was found with its score; pixels of the photo."""

    true: tuple[Box, ...]
    found: tuple[tuple[Box, float], ...]


def average_precision(photos: Sequence[Boxes]) -> tuple[float, float]:
    """(AP at IoU 0.5, mean AP at IoU 0.5 to 0.95), each 0..1; 0 where nothing is true or found."""
    if not any(photo.true for photo in photos) or not any(photo.found for photo in photos):
        return 0.0, 0.0
    if importlib.util.find_spec("faster_coco_eval") is not None:
        return coco_precision(photos)
    return own_precision(photos)


def own_precision(photos: Sequence[Boxes]) -> tuple[float, float]:
    """`average_precision` without a library."""
    count = sum(len(photo.true) for photo in photos)
    scores = np.array([score for photo in photos for _, score in best_found(photo)])
    hits = np.concatenate([hits_of(photo) for photo in photos], axis=1)
    order = np.argsort(-scores, kind="stable")
    each = [precision_of(row[order], count) for row in hits]
    return each[0], float(np.mean(each))


def best_found(photo: Boxes) -> list[tuple[Box, float]]:
    """What was found in one photo, best first, as far as it counts."""
    return sorted(photo.found, key=lambda pair: -pair[1])[:MOST]


def hits_of(photo: Boxes) -> NDArray[np.bool_]:
    """(overlaps, found): whether each find takes a true box that no better find has taken."""
    found = best_found(photo)
    hits = np.zeros((len(OVERLAPS), len(found)), bool)
    shared = np.array([[box_iou(box, true) for true in photo.true] for box, _ in found])
    for row, least in zip(hits, OVERLAPS, strict=True):
        free = set(range(len(photo.true)))
        for i in range(len(found)):
            fitting = [j for j in free if shared[i, j] >= least - 1e-10]
            if fitting:
                free.remove(max(fitting, key=lambda j: shared[i, j]))
                row[i] = True
    return hits


def precision_of(hits: NDArray[np.bool_], count: int) -> float:
    """Precision over 101 levels of recall, of finds in order of their score, `count` of them to be found."""
    right = np.cumsum(hits)
    recall, precision = right / count, right / np.arange(1, len(hits) + 1)
    highest = np.maximum.accumulate(precision[::-1])[::-1]  # the best at this recall or a higher one
    at = np.searchsorted(recall, LEVELS, side="left")
    return float(np.mean([highest[i] if i < len(highest) else 0.0 for i in at]))


def coco_precision(photos: Sequence[Boxes]) -> tuple[float, float]:
    """`average_precision` by faster-coco-eval. Raises ImportError where it is not installed."""
    from faster_coco_eval import COCO, COCOeval_faster

    truths: list[dict[str, Any]] = []
    guesses: list[dict[str, Any]] = []
    for i, photo in enumerate(photos, start=1):
        for box in photo.true:
            about = {"id": len(truths) + 1, "image_id": i, "category_id": 1, "iscrowd": 0}
            truths.append({**about, "bbox": xywh(box), "area": xywh(box)[2] * xywh(box)[3]})
        for box, score in photo.found:
            guesses.append({"image_id": i, "category_id": 1, "bbox": xywh(box), "score": score})
    images = [{"id": i + 1, "width": 1, "height": 1} for i in range(len(photos))]
    with contextlib.redirect_stdout(io.StringIO()):  # the evaluator prints its own table
        truth = COCO({"images": images, "categories": [{"id": 1, "name": "plate"}], "annotations": truths})
        evaluation = COCOeval_faster(truth, truth.loadRes(guesses), iouType="bbox")
        evaluation.run()
    return float(evaluation.stats[1]), float(evaluation.stats[0])


def xywh(box: Box) -> list[float]:
    """COCO's spelling of a box."""
    return [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1]
