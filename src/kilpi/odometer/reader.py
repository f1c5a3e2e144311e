"""Photos of instruments -> the distances that stand on them. Several looks at a line must agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from kilpi.decision.tracks import edit_distance
from kilpi.geometry import grow_quad, quad_size
from kilpi.images import warp
from kilpi.odometer.numbers import Label, Number, counts_other, label, numbers
from kilpi.ports import TextReader
from kilpi.types import DistanceReading, Photo, Pixels, Quad, TextLine

AGREE = 2  # looks that must give a number, where a line was looked at more than once
LEAST = 1000  # smaller numbers are dials, clocks and trips, unless ODO stands before them
ROUND = 100  # kilometres; a distance to the next service is a multiple
NEAR = 1.5  # line heights between a number and its label
LEVEL = 0.6  # line heights between their middles: a raised "km" is level, the next line is not
PAPER_LINES = 12  # lines of words; instruments have 4 at most, most papers 14 to 91 (see docs/odometer.md)
WORDS = 6  # letters
CROP_MARGIN = (0.5, 1.5)  # parts of the line's width and height around it in the crop that a person sees
CROP_HEIGHT = 160  # pixels
CROP_ASPECTS = (1.0, 8.0)


class OdometerReader:
    """Reads distances off photos of instruments."""

    def __init__(self, text: TextReader) -> None:
        """`text` reads what is written; see `kilpi.odometer.text.default_text_reader`."""
        self.text = text

    def read(self, photos: Sequence[Photo]) -> list[list[DistanceReading]]:
        """Per photo its distances, the most agreed on first. Give it photos of instruments, not of papers."""
        lines = self.text.read_text(photos)
        return [distances(photo.id, found) for photo, found in zip(photos, lines, strict=True)]


def distances(photo_id: str, lines: Sequence[TextLine]) -> list[DistanceReading]:
    """The distances among a photo's lines of writing; none on a paper, which tells of another day."""
    if is_paper(lines):
        return []
    labels = [(line.quad, found) for line in lines if (found := label(line.looks[0].text))]
    readings = [reading for line in lines for reading in of_line(photo_id, line)]
    readings = [beside(reading, labels) for reading in readings]
    if any(counts_other(line.looks[0].text) for line in lines):
        readings = [without_label(r) if r.value % ROUND == 0 and not r.total else r for r in readings]
    kept = [reading for reading in readings if reading.value >= LEAST or reading.total]
    return sorted(kept, key=lambda r: (-r.labelled, -r.looks, -r.score))


def is_paper(lines: Sequence[TextLine]) -> bool:
    """Whether so much is written that this is a service record or an invoice, not instruments."""
    words = [line for line in lines if sum(char.isalpha() for char in line.looks[0].text) >= WORDS]
    return len(words) >= PAPER_LINES


@dataclass(frozen=True, slots=True)
class Vote:
    """All that the looks at one line say of one number."""

    value: int
    numbers: tuple[Number, ...]  # one a look that gave it


def of_line(photo_id: str, line: TextLine) -> list[DistanceReading]:
    """One line's numbers: each given by enough looks, and by more than any other that resembles it."""
    votes = vote(line)
    need = min(AGREE, len(line.looks))
    kept = [v for v in votes if len(v.numbers) >= need and not any(beats(other, v) for other in votes)]
    return [as_reading(photo_id, line, v) for v in kept]


def vote(line: TextLine) -> list[Vote]:
    """Every number that any look gave."""
    given: dict[int, list[Number]] = {}
    for look in line.looks:
        once: dict[int, Number] = {}
        for number in numbers(look):
            once.setdefault(number.value, number)
        for value, number in once.items():
            given.setdefault(value, []).append(number)
    return [Vote(value, tuple(found)) for value, found in given.items()]


def beats(other: Vote, vote: Vote) -> bool:
    """Whether another number, that may be a reading of the same digits, was given as often."""
    if other.value == vote.value or len(other.numbers) < len(vote.numbers):
        return False
    a, b = str(other.value), str(vote.value)
    return edit_distance(a, b) <= 1 or half_read(other.value, vote.value)


def half_read(a: int, b: int) -> bool:
    """Whether one number may be the other with digits lost at an end, or a symbol read as some."""
    return a != b and (str(a) in str(b) or str(b) in str(a))


def as_reading(photo_id: str, line: TextLine, vote: Vote) -> DistanceReading:
    """A number with what most of its looks say of it."""
    found, most = vote.numbers, len(vote.numbers) / 2
    units = [number.unit for number in found if number.unit]
    unit = max(set(units), key=units.count) if len(units) > most else None
    return DistanceReading(
        photo_id=photo_id,
        quad=line.quad,
        value=vote.value,
        unit=unit,
        total=sum(number.total for number in found) > most,
        score=median_low(number.score for number in found),
        looks=len(found),
        looked=len(line.looks),
        cut=any(number.cut for number in found),
    )


def beside(reading: DistanceReading, labels: Sequence[tuple[Quad, Label]]) -> DistanceReading:
    """The number with what labels beside it say: a unit on either side, ODO or "TOTAL km" before or above."""
    for quad, found in labels:
        where = place(reading.quad, quad)
        total = found.total and where in {"before", "above"}
        unit = found.unit if total or where in {"before", "behind"} else None
        reading = replace(reading, unit=reading.unit or unit, total=reading.total or total)
    return reading


def place(number: Quad, mark: Quad) -> str | None:
    """Where a label is from a number: before, behind, above, or None where it is not beside it."""
    _, height = quad_size(number)
    a, b = number.box, mark.box
    level = abs((a.y1 + a.y2) - (b.y1 + b.y2)) / 2 < LEVEL * height
    if level and -height / 2 <= b.x1 - a.x2 <= NEAR * height:
        return "behind"
    if level and -height / 2 <= a.x1 - b.x2 <= NEAR * height:
        return "before"
    over = min(a.x2, b.x2) - max(a.x1, b.x1) > 0
    return "above" if over and 0 <= a.y1 - b.y2 <= height else None


def without_label(reading: DistanceReading) -> DistanceReading:
    """The number alone."""
    return replace(reading, unit=None, total=False)


def show(photo: Photo, reading: DistanceReading) -> Pixels:
    """The number with what stands around it, upright, (160, w, 3) uint8 RGB, for a person to look at."""
    quad = grow_quad(reading.quad, *CROP_MARGIN)
    width, height = quad_size(quad)
    aspect = min(max(width / max(height, 1e-6), CROP_ASPECTS[0]), CROP_ASPECTS[1])
    return warp(photo, quad, round(CROP_HEIGHT * aspect), CROP_HEIGHT)
