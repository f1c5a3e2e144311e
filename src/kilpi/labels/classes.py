"""Which of the things that were drawn are plates: labelled sets hold cars and people too.

A label is a plate's text (then it is the mark), a plate class, a class that says nothing ("object"), a class
of other things, or an unknown word. What is judged is the whole import, not one file: a photo that shows a
car and no plate is a photo without plates only where the set has a plate class.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from kilpi.errors import LabelError, UsageError
from kilpi.geometry import box_iou
from kilpi.labels.check import OUTSIDE
from kilpi.labels.draft import Draft, DraftPhoto, Drawn
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.text import compact_mark
from kilpi.types import Box

SEPARATORS = " -·.•"
FEWEST_DIGITS = 4  # of a mark without letters; shorter ones are class numbers
LONGEST = 10  # letters and digits of a mark
LONGEST_RUN = 3  # letters in a row that a mark written in small letters may have; longer ones are words
CHARACTERS = 3  # different classes of one character that show that a set labels the characters of plates
BEYOND = 0.1  # share of the photo's size by which a box may leave it: people draw over the edge
UNNAMED = "class number "  # how a label begins that is only a number


class Kind(StrEnum):
    """What a label says."""

    MARK = "mark"
    PLATE = "plate"
    NEUTRAL = "neutral"
    SMALL_MARK = "mark in small letters"
    CHARACTER = "one character"
    OTHER = "other"
    UNNAMED = "a number without a name"
    UNKNOWN = "unknown"


@lru_cache(maxsize=1)
def names() -> dict[str, frozenset[str]]:
    """The lists of classes.toml."""
    text = resources.files("kilpi.labels").joinpath("classes.toml").read_text(encoding="utf-8")
    return {key: frozenset(values) for key, values in tomllib.loads(text).items()}


def word_of(label: str) -> str:
    """A class name as it is compared: lower case, letters only."""
    return "".join(c for c in unicodedata.normalize("NFC", label).casefold() if c.isalpha())


def mark_of(label: str | None) -> str | None:
    """The label if it is a plate's text, None if it is a class name.

    A plate's text is capital letters and digits with separators, 2 to 10 of them, at least one a digit;
    without letters at least four digits. So `ABC-123` is one; `plate`, `abc-123`, `PLATE`, `PLATE1` and `1`
    are not.
    """
    text = " ".join(unicodedata.normalize("NFC", label or "").split())
    if any(not c.isalnum() and c not in SEPARATORS for c in text) or text != text.upper():
        return None
    compact = compact_mark(text)
    digits = sum(c in "0123456789" for c in compact)
    if not 2 <= len(compact) <= LONGEST or digits == 0 or text[0] in SEPARATORS or text[-1] in SEPARATORS:
        return None
    if longest_run(compact) > LONGEST_RUN and kind_of_word(word_of(text)) is not Kind.UNKNOWN:
        return None
    return text if digits < len(compact) or digits >= FEWEST_DIGITS else None


def longest_run(text: str) -> int:
    """Letters in a row, at most."""
    return max((len(run) for run in "".join(c if c.isalpha() else " " for c in text).split()), default=0)


@lru_cache(maxsize=10_000)
def kind_of(label: str | None) -> Kind:
    """What one label says by itself."""
    text = (label or "").strip()
    if mark_of(text) is not None:
        return Kind.MARK
    if text.startswith(UNNAMED):
        return Kind.UNNAMED
    word = word_of(text)
    compact = compact_mark(text)
    known = kind_of_word(word)
    if known is Kind.PLATE and any(part in names()["no_plate"] for part in parts(text)):
        return Kind.OTHER
    if known is not Kind.UNKNOWN:
        return known
    if len(compact) == 1 or (compact.isdecimal() and len(compact) < FEWEST_DIGITS):
        return Kind.CHARACTER
    if mark_of(text.upper()) is not None and longest_run(text) <= LONGEST_RUN:
        return Kind.SMALL_MARK
    return Kind.UNKNOWN if word else Kind.NEUTRAL


def kind_of_word(word: str) -> Kind:
    """By the lists alone."""
    lists = names()
    if word in lists["neutral"]:
        return Kind.NEUTRAL
    if word in lists["other"]:
        return Kind.OTHER
    if word.startswith(("noplate", "nonplate", "withoutplate", "nolicen", "nonumberplate")):
        return Kind.OTHER
    if word in lists["plate_exactly"]:
        return Kind.PLATE
    if any(each in word for each in lists["plate"]):
        return Kind.UNKNOWN if any(each in word for each in lists["not_plate"]) else Kind.PLATE
    return Kind.UNKNOWN


def parts(text: str) -> list[str]:
    """The words of a class name: no_plate, No-Plate -> no, plate."""
    return "".join(c.lower() if c.isalpha() else " " for c in text).split()


@dataclass(frozen=True)
class Choice:
    """Which labels are plates (True), which are not (False); of the others nobody can know."""

    by_label: dict[str | None, bool | None]
    question: str

    def of(self, label: str | None) -> bool | None:
        """True, False, or None where that is to be asked."""
        return self.by_label[label]


def choose(labels: Iterable[str | None], wanted: Sequence[str] = ()) -> Choice:
    """Judge all labels of an import. `wanted`: the classes that a person says are plates; marks are too.

    Raises UsageError where a wanted class does not occur.
    """
    counted = Counter(labels)
    kinds = {label: kind_of(label) for label in counted}
    if wanted:
        said = {comparable(name) for name in wanted}
        there = {comparable(label or "") for label in counted}
        for name in wanted:
            if comparable(name) not in there:
                raise UsageError(f"--class {name}: nothing has this class; there are: {listed(counted)}")
        by_label = {
            label: kind is Kind.MARK or comparable(label or "") in said for label, kind in kinds.items()
        }
        return Choice(dict(by_label), "")
    question = (
        f"whether its class is plates is not known; say which are with --class NAME ({listed(counted)})"
    )
    count = Counter(kinds.values())
    return Choice({label: judge(kind, count) for label, kind in kinds.items()}, question)


def comparable(label: str) -> str:
    """A class name as `--class` compares it."""
    return unicodedata.normalize("NFC", label).strip().casefold().removeprefix(UNNAMED)


def judge(kind: Kind, count: Counter[Kind]) -> bool | None:
    """True for a plate, False for something else, None where only a person knows.

    `count`: how many of the set's classes are of each kind.
    """
    plates = count[Kind.PLATE] > 0
    if kind in {Kind.MARK, Kind.PLATE}:
        return True
    if kind in {Kind.NEUTRAL, Kind.SMALL_MARK}:
        return True
    if kind is Kind.OTHER:
        return False if plates or count[Kind.MARK] or count[Kind.NEUTRAL] or count[Kind.SMALL_MARK] else None
    if kind is Kind.UNNAMED:
        return True if count[kind] == 1 else None
    if kind is Kind.CHARACTER and plates and count[kind] >= CHARACTERS:
        return False
    # The one class that a set has is the plates, whatever it is called; among marks it is a plate that
    # nobody could read. Beside a class of plates, or beside each other, unknown classes may be anything.
    alone = not plates and (count[Kind.MARK] > 0 or sum(count.values()) - count[Kind.OTHER] == 1)
    return True if alone and not (count[Kind.OTHER] and kind is Kind.CHARACTER) else None


def listed(labels: Iterable[str | None]) -> str:
    """The class names that can be shown: a label that may be somebody's mark cannot."""
    shown = sorted({label.strip() for label in labels if label and may_be_shown(label)})
    return ", ".join(shown[:20]) or "none that can be shown here"


def may_be_shown(label: str) -> bool:
    """Whether a label is a class for sure: a known one, or a word with small letters and no digits."""
    kind = kind_of(label)
    if kind in {Kind.MARK, Kind.SMALL_MARK}:
        return False
    known = kind in {Kind.PLATE, Kind.NEUTRAL, Kind.OTHER, Kind.UNNAMED, Kind.CHARACTER}
    return known or (any(c.islower() for c in label) and not any(c.isdigit() for c in label))


def settle(photos: Sequence[DraftPhoto], choice: Choice, into: Draft) -> list[LabelledPhoto]:
    """The photos with their plates. Notes, and photos that cannot be judged, go into `into`."""
    made, left_out = [], Counter[str | None]()
    for draft in photos:
        try:
            found = [(each.where, settle_one(each, choice, left_out, into)) for each in draft.drawn]
            if draft.problem is not None:
                raise draft.problem
            check_inside(draft, choice)
            plates = [cut_at_edge(plate, draft.photo, where, into) for where, plate in found if plate]
        except LabelError as error:
            into.refused.append(error)
            continue
        made.append(replace(draft.photo, plates=(*draft.photo.plates, *plates)))
    for label, count in sorted(left_out.items(), key=lambda item: item[0] or ""):
        name = f" {label}" if label and may_be_shown(label) else ""
        into.note(f"class{name}: {count} drawn things are no plates; left out")
    return made


def settle_one(
    each: Drawn, choice: Choice, left_out: Counter[str | None], into: Draft
) -> LabelledPlate | None:
    """One drawn thing's plate, or None where it is left out. Raises LabelError where nobody can know."""
    marked = each.plate is not None and each.plate.mark is not None
    is_plate = True if marked and choice.of(each.label) is None else choice.of(each.label)
    if is_plate is False:
        left_out[each.label] += 1
        return None
    if is_plate is None:
        raise LabelError(f"{each.where}: {choice.question}")
    if each.problem is not None:
        raise each.problem
    for note in each.notes:
        into.note(note)
    if each.plate is None:
        return None
    mark = each.plate.mark or mark_of(each.label)
    if mark is None and kind_of(each.label) in {Kind.SMALL_MARK, Kind.UNKNOWN}:
        into.note(f"{each.where}: a label that is no plate text is taken as a class name")
    return replace(each.plate, mark=mark, legible=True if mark else each.plate.legible)


def check_inside(draft: DraftPhoto, choice: Choice) -> None:
    """Raise LabelError for a plate that lies outside its photo: its numbers mean something else."""
    width, height = draft.photo.width, draft.photo.height
    if width is None or height is None:
        return
    for each in draft.drawn:
        place = each.plate.place if each.plate is not None and choice.of(each.label) else None
        if place is None or each.plate is None:
            continue
        beyond = max(-place.x1 / width, -place.y1 / height, place.x2 / width - 1, place.y2 / height - 1)
        if box_iou(place, Box(0, 0, width, height)) == 0 or (beyond > BEYOND and each.plate.quad is None):
            raise LabelError(f"{each.where}: lies outside the photo, {width} x {height} pixels")


def cut_at_edge(plate: LabelledPlate, photo: LabelledPhoto, where: str, into: Draft) -> LabelledPlate:
    """A box that was drawn over the photo's edge ends there, noted; rounding outward does not count. Corners
    say where a plate is that the edge cuts, and stay.
    """
    if plate.quad is not None or plate.box is None or photo.width is None or photo.height is None:
        return plate
    x1, y1, x2, y2 = plate.box
    beyond = max(-x1, -y1, x2 - photo.width, y2 - photo.height)
    if beyond <= OUTSIDE:
        return plate
    into.note(f"{where}: leaves the photo by {beyond:.0f} pixels; cut at its edge")
    return replace(plate, box=Box(max(x1, 0.0), max(y1, 0.0), min(x2, photo.width), min(y2, photo.height)))
