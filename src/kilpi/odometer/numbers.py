"""The distances in one line of writing: figures, grouping, tenths, units, and what is something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kilpi.types import DistanceUnit, TextLook

DIGITS = 6  # of the longest mileage that is told from a symbol read as digits: 999,999
WHOLE_GROUP = 5  # digits; a shorter group of a spaced run is a part of a number, not one

# A run of digits, also with separators inside. What touches it tells a clock (10:42), a date (2020/11/20),
# a share (45 %), a consumption (8.0 l/100), a temperature (9 °C), a factor (x1000).
RUN = re.compile(r"(?<![\d:/.,xX×])\d+(?:[ .,'’]\d+)*(?![.,'’]?\d)(?![.,]?[:/%°℃]| ?[°℃%])")
TENTHS = re.compile(r"(?P<whole>.*\d)[.,]\d")  # one digit behind the last point
SEPARATOR = re.compile(r"[ .,'’]")
POINT_GROUPS = re.compile(r"[.,'’](?!\d{3}(?!\d))")  # a point that parts no three digits: a date, a frequency
UNIT = re.compile(r"\W?\s?(?:(?P<km>km)|(?P<mi>miles|mls|mi))(?![a-z]|\s?/|\s?h)", re.IGNORECASE)
UNIT_FIRST = re.compile(r"\W*(?:(?P<km>km)|(?P<mi>miles|mls|mi))\W*", re.IGNORECASE)  # "km 120653" (VW, Audi)
SPEED = re.compile(r"\s?(?:km|mi)\s?/?\s?h|\s?(?:mph|rpm|kw|hz|mhz|l\b)", re.IGNORECASE)
ODO = re.compile(r"[O0]D[O0]", re.IGNORECASE)  # as it is misread
TOTAL = re.compile(r"\b(?:ODO|TOTAL|TOT)\W*$", re.IGNORECASE)
LABEL = re.compile(r"\W*(?P<total>ODO|TOTAL|TOT)?\W*(?:(?P<km>km)|(?P<mi>miles|mls|mi))?\W*", re.IGNORECASE)
# Words beside which kilometres count something else: to the next service, since a reset, to empty. English,
# Finnish, Swedish, Norwegian, Danish, German, Estonian, Latvian, French.
OTHER = re.compile(
    r"trip|range|serv|inspe|oil|huolto|öljy|osamatka|toimintamatka|olja|olje|räckvidd|rekkevidde|rækkevidde|wartung|öl|reichweite"
    r"|hooldus|õli|apkope|eļļa|vidange|autonomie|next",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a line, whole units. `score` is its weakest digit's; `cut` as in `DistanceReading`."""

    value: int
    score: float
    unit: DistanceUnit | None = None
    total: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A line of nothing but a label, "km" or "ODO": it belongs to the number beside it."""

    unit: DistanceUnit | None
    total: bool


def numbers(look: TextLook) -> list[Number]:
    """Every number of the line that may be a distance, from left to right.

    "Sal 22 10:31 161571km 65.3 km" -> 22, 161571 km, 65 km. Of a run of more than six digits the last six
    count ("30 241187": a lamp's symbol was read as 30); of a spaced run each group of five or six stands too.
    """
    look = TextLook(ODO.sub("ODO", look.text), look.scores)
    other = counts_other(look.text)
    found: list[Number] = []
    for match in RUN.finditer(look.text):
        if not SPEED.match(look.text, match.end()):
            found.extend(of_run(look, match, other))
    return found


def counts_other(text: str) -> bool:
    """Whether a line has a word beside which kilometres are no mileage."""
    return OTHER.search(text) is not None


def of_run(look: TextLook, match: re.Match[str], other: bool) -> Iterator[Number]:
    """The numbers of one run of digits. `other`: the line names another distance, so no label counts."""
    start, run = match.start(), match.group()
    if tenths := TENTHS.fullmatch(run):
        run = tenths["whole"]
    if POINT_GROUPS.search(run) or is_dial(run):
        return
    unit = None if other else unit_beside(look.text, start, match.end())
    total = not other and TOTAL.search(look.text[:start]) is not None
    digits = SEPARATOR.sub("", run)
    score = weakest(look, start, start + len(run))
    yield Number(int(digits[-DIGITS:]), score, unit, total, cut=len(digits.lstrip("0")) > DIGITS)
    groups = list(re.finditer(r"\d+", run))
    for i, group in enumerate(groups if len(groups) > 1 else ()):
        # A lone digit before it may be its first: "1 18698" is no 18698.
        alone = i == 0 or len(groups[i - 1].group()) > 1
        if alone and WHOLE_GROUP <= len(group.group()) <= DIGITS:
            last = unit if group is groups[-1] else None
            score = weakest(look, start + group.start(), start + group.end())
            yield Number(int(group.group()), score, last, total and i == 0, cut=True)


def is_dial(run: str) -> bool:
    """Whether a run is neighbouring figures of a speedometer, "100 120", rather than grouped thousands."""
    groups = SEPARATOR.split(run)
    tens = [int(group) for group in groups if len(group) <= 3 and group.endswith("0")]
    return len(tens) == len(groups) > 1 and all(a < b for a, b in pairwise(tens))


def weakest(look: TextLook, start: int, end: int) -> float:
    """The lowest score of the digits in text[start:end]."""
    pairs = zip(look.text[start:end], look.scores[start:end], strict=True)
    return min(score for char, score in pairs if char.isdigit())


def unit_beside(text: str, start: int, end: int) -> DistanceUnit | None:
    """The unit behind the number at text[start:end], or before it where the line begins with it."""
    match = UNIT.match(text, end) or UNIT_FIRST.fullmatch(text, 0, start)
    return unit_of(match) if match else None


def unit_of(match: re.Match[str]) -> DistanceUnit | None:
    """The unit in a match of UNIT, UNIT_FIRST or LABEL."""
    return DistanceUnit.KM if match["km"] else DistanceUnit.MILES if match["mi"] else None


def label(text: str) -> Label | None:
    """What a line of nothing but a label says, None for any other line."""
    match = LABEL.fullmatch(ODO.sub("ODO", text))
    if match is None or not any(match.groups()):
        return None
    return Label(unit_of(match), match["total"] is not None)
