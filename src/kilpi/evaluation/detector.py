"""How well the shipped detector finds plates on labelled photos: what `kilpi eval detector` measures.

No torch here: the numbers are those of the ONNX file and the looks that ship.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kilpi.errors import LabelError, PhotoError
from kilpi.evaluation.average_precision import Boxes, average_precision
from kilpi.geometry import box_iou, quad_size, quad_to_array
from kilpi.images import open_photo
from kilpi.labels.locate import located
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.plates.detector import FIRST_SIDE, PlateDetector
from kilpi.plates.edges import rectify
from kilpi.types import Photo, Quad, Sighting

if TYPE_CHECKING:  # drawing needs matplotlib, measuring does not
    from kilpi.evaluation.report import Curves

LOWEST = 0.05  # score from which sightings count for curves and average precision
HIT = 0.5  # IoU from which a sighting is the plate
SIZES = ((0, 30), (30, 60), (60, 120), (120, 240), (240, 100_000))  # native pixels of plate width


@dataclass(frozen=True, slots=True)
class Match:
    """One labelled plate and the best sighting of it, if any has an IoU above 0."""

    label: LabelledPlate
    sighting: Sighting | None
    iou: float
    corner_error: float | None = None  # mean corner distance / plate width; None where corners are unknown
    refined_error: float | None = None  # the same after `rectify`

    @property
    def found(self) -> bool:
        """Whether it counts."""
        return self.iou >= HIT


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """What became of one photo at the shipped threshold, and all sightings above `LOWEST`."""

    path: Path
    name: str
    matches: tuple[Match, ...]
    false: tuple[Sighting, ...]
    all: tuple[Sighting, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DetectorReport:
    """The numbers. `corner_error` and `refined_error` are medians over plates with labelled corners."""

    labels: tuple[str, ...]
    photos: int
    plates: int
    threshold: float
    recall: float
    false_per_photo: float
    ap50: float
    ap50_95: float
    corner_error: float | None
    refined_error: float | None
    by_size: tuple[tuple[str, int, float], ...]  # (range of native widths, plates, recall)
    results: tuple[PhotoResult, ...] = field(repr=False)
    curves: Curves = field(default=(), repr=False)  # of the network's training, as its card has them

    def as_dict(self) -> dict[str, Any]:
        """The figures, for JSON."""
        left_out = {"results", "curves"}
        return {name: getattr(self, name) for name in self.__slots__ if name not in left_out}

    def summary(self) -> str:
        """One line of text."""
        corners = (
            "" if self.corner_error is None else f", corners {100 * self.corner_error:.2f} % of the width"
        )
        refined = "" if self.refined_error is None else f" (refined {100 * self.refined_error:.2f} %)"
        return (
            f"{self.photos} photos, {self.plates} plates: recall {self.recall:.3f}, "
            f"{self.false_per_photo:.3f} false a photo at score {self.threshold:.2f}; "
            f"AP50 {self.ap50:.3f}, AP50-95 {self.ap50_95:.3f}{corners}{refined}"
        )


def evaluate_detector(
    labels: Sequence[Path],
    images: Sequence[Path] = (),
    *,
    weights: Path | None = None,
    threshold: float | None = None,
    looks: int = 3,
    sharpens: bool = True,
    refine: bool = True,
) -> DetectorReport:
    """Runs the shipped detector over every labelled photo that is found.

    `weights` is a folder with detector.onnx; `sharpens` uses the corner network, `refine` also measures the
    classical refinement. Raises LabelError, WeightsError.
    """
    detector = PlateDetector.load(weights, threshold=threshold, looks=looks, sharpens=sharpens)
    results = [
        result
        for file in labels
        for record, path in located(file, images)
        if (result := look_at_photo(detector, record, path, refine)) is not None
    ]
    if not results:
        raise LabelError("none of the labelled photos was found; say where they are with --images FOLDER")
    names = tuple(f"{file.parent.name}/{file.name}" for file in labels)
    done = sum_up(results, names, detector.threshold)
    return replace(done, curves=tuple(detector.network.card.training.get("curves", ())))


def look_at_photo(
    detector: PlateDetector, record: LabelledPhoto, path: Path, refine: bool
) -> PhotoResult | None:
    """One photo's result; None where it cannot be decoded."""
    try:
        photo = open_photo(path)
    except PhotoError:
        return None
    found = detector.find_one(photo)
    weak = detector.whole(photo, FIRST_SIDE, LOWEST)
    everything = found + [s for s in weak if s.score < detector.threshold]
    left, matches = list(found), []
    for plate in record.plates:
        place = plate.place
        if place is None:
            continue
        best = max(left, key=lambda s: box_iou(s.quad.box, place), default=None)
        overlap = box_iou(best.quad.box, place) if best is not None else 0.0
        if best is not None and overlap >= HIT:
            left.remove(best)
        matches.append(measure(photo, plate, best if overlap > 0 else None, overlap, refine))
    return PhotoResult(path, record.name, tuple(matches), tuple(left), tuple(everything))


def measure(
    photo: Photo, plate: LabelledPlate, sighting: Sighting | None, overlap: float, refine: bool
) -> Match:
    """One plate's match, with corner errors where both corners and sighting are there."""
    if sighting is None or plate.quad is None or overlap < HIT:
        return Match(plate, sighting, overlap)
    before = corner_error(sighting.quad, plate.quad)
    after = corner_error(rectify(photo, sighting), plate.quad) if refine else None
    return Match(plate, sighting, overlap, before, after)


def corner_error(quad: Quad, truth: Quad) -> float:
    """Mean distance of the four corners as a part of the true plate's width."""
    gaps = np.linalg.norm(quad_to_array(quad) - quad_to_array(truth), axis=1)
    return float(gaps.mean() / max(quad_size(truth)[0], 1.0))


def sum_up(results: Sequence[PhotoResult], labels: tuple[str, ...], threshold: float) -> DetectorReport:
    """All photos' results as one report."""
    matches = [match for result in results for match in result.matches]
    false = sum(len(result.false) for result in results)
    ap50, ap50_95 = average_precision([seen_and_true(result) for result in results])
    return DetectorReport(
        labels,
        photos=len(results),
        plates=len(matches),
        threshold=threshold,
        recall=share([m.found for m in matches]),
        false_per_photo=false / len(results),
        ap50=ap50,
        ap50_95=ap50_95,
        corner_error=middle([m.corner_error for m in matches]),
        refined_error=middle([m.refined_error for m in matches]),
        by_size=tuple(size_rows(matches)),
        results=tuple(results),
    )


def seen_and_true(result: PhotoResult) -> Boxes:
    """One photo's boxes for average precision."""
    true = [match.label.place for match in result.matches if match.label.place is not None]
    return Boxes(tuple(true), tuple((s.quad.box, s.score) for s in result.all))


def share(values: Sequence[bool]) -> float:
    """The part that is true; 0 of none."""
    return float(np.mean(values)) if values else 0.0


def middle(values: Sequence[float | None]) -> float | None:
    """The median of what is known."""
    known = [v for v in values if v is not None]
    return float(np.median(known)) if known else None


def size_rows(matches: Sequence[Match]) -> list[tuple[str, int, float]]:
    """(range of plate widths in native pixels, plates, recall), only where there are any."""
    rows = []
    for low, high in SIZES:
        inside = [m for m in matches if (b := m.label.place) is not None and low <= b.x2 - b.x1 < high]
        if inside:
            name = f"{low}-{high}" if high < 100_000 else f"{low} and more"
            rows.append((name, len(inside), share([m.found for m in inside])))
    return rows


def curve(results: Sequence[PhotoResult]) -> NDArray[np.float64]:
    """(n, 4): score, recall, precision, false plates a photo, as the threshold falls."""
    plates = sum(len(r.matches) for r in results)
    scored: list[tuple[float, bool]] = []
    for result in results:
        left = [m.label.place for m in result.matches]
        for sighting in sorted(result.all, key=lambda s: -s.score):
            best = max(
                (p for p in left if p is not None), key=lambda p: box_iou(sighting.quad.box, p), default=None
            )
            hit = best is not None and box_iou(sighting.quad.box, best) >= HIT
            if hit:
                left.remove(best)
            scored.append((sighting.score, hit))
    scored.sort(reverse=True)
    hits = np.cumsum([hit for _, hit in scored])
    seen = np.arange(1, len(scored) + 1)
    columns = [np.array([s for s, _ in scored]), hits / max(plates, 1), hits / np.maximum(seen, 1)]
    return np.stack([*columns, (seen - hits) / len(results)], axis=1) if scored else np.zeros((0, 4))
