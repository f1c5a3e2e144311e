"""What the review page shows of a question, and the addresses of its pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from kilpi.adverts.wording import Wording, load_wording
from kilpi.cases import (
    Case,
    CasePhoto,
    Question,
    SaidMark,
    SeenPlate,
    history,
    question,
    read_case,
    waiting,
)
from kilpi.cases.answers import combine
from kilpi.cases.incoming.dealers import dealer_settings
from kilpi.cases.projection import to_undo
from kilpi.errors import CaseError
from kilpi.geometry import is_convex
from kilpi.grammar import load_grammars
from kilpi.types import Point, Quad, Reason
from kilpi.web.car_page import failed_in
from kilpi.web.gaps import reason_in
from kilpi.web.kept_pictures import around
from kilpi.web.serving import Serving, maker_of
from kilpi.web.visitor import Visitor
from kilpi.web.words import Words, load_words

LARGE, SMALL = 1600, 320  # pixels, the longer side of a photo on the page
MOST_PLATES = 6  # plates that are shown
SMALL_PLATE = 0.17  # part of the photo's width below which nobody reads it in the whole photo on a page
FEW_DOUBTS = 3  # doubts that are shown at once; the others unfold

DONE = frozenset({"answered", "saved", "left_out", "waiting", "later", "undone", "nothing"})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason in words: what it is, and what a person is to do."""

    code: str
    say: str
    do: str
    other: str = ""  # the case of the other car that it is about


@dataclass(frozen=True, slots=True)
class PlatePicture:
    """A plate as the page shows it."""

    number: int  # 1 for the large one
    address: str
    read: str


@dataclass(frozen=True, slots=True)
class PhotoPicture:
    """A photo as the page shows it; `outlines` are corners in its own pixels, "x,y x,y x,y x,y".

    `near` is the address of the part around its first plate, `part` that part: x, y, width, height in the
    photo's pixels. `starts_near`: the plate is too small to be read in the whole photo. `name` is its file's.
    """

    sha256: str
    number: int
    large: str
    small: str
    frame: tuple[int, int] | None
    outlines: tuple[str, ...]
    near: str = ""
    part: tuple[int, int, int, int] = (0, 0, 0, 0)
    starts_near: bool = False
    name: str = ""
    problem: str = ""  # the kind of error of a photo that cannot be opened


def asked_of(serving: Serving, case: Case) -> Question:
    """What is asked of a case."""
    return question(serving.store, maker_of(serving), case, serving.beside)


def after_words(serving: Serving, visitor: Visitor, after: str, what: str) -> dict[str, Any]:
    """What the strip above a question tells of the case before it: the mark that stands, and which event
    this person may take back with a key (0: none, the last one is somebody else's).
    """
    if what in DONE and after:
        with suppress(CaseError):
            events = history(serving.store, after)
            said, last = combine(events).identity, to_undo(events)
            return {
                "after": read_case(serving.store, after),
                "what": what,
                "said": said.text if isinstance(said, SaidMark) else "",
                "last": last.seq if last and last.by == visitor.by else 0,
            }
    return {"after": None, "what": "", "said": "", "last": 0}


def shown_question(serving: Serving, visitor: Visitor, asked: Question) -> dict[str, Any]:
    """What the template needs of a question."""
    words, wording = load_words(visitor.language), load_wording(visitor.language)
    pictured = photo_pictures(asked)
    return {
        "asked": asked,
        "case": asked.case,
        "plates": plate_pictures(asked),
        "pictured": pictured,
        "main_photo": beside(asked, pictured),
        "doubts": list(dict.fromkeys(doubt_of(why, words, wording) for why in asked.doubts)),
        "few": FEW_DOUBTS,
        "doubt": lambda why: doubt_of(why, words, wording),
        "countries": country_names(words),
        "home": home_country(serving, asked),
        "lack": lack_of(asked),
        "waits": waiting(serving.store, visitor.by),
        "offer_home": offers_home(serving, visitor, asked),
    }


def lack_of(asked: Question) -> str:
    """Why the car itself is not known, a key of [review]: of a draft that lacks its vehicle."""
    if asked.unasked:
        return "lacks_unasked" if asked.case.mark else "lacks_unasked_any"
    by_vin = any(why.code == "answered_vin" for why in asked.case.reasons)
    return "lacks_car" if asked.case.mark else "lacks_vin" if by_vin else "lacks_any"


def offers_home(serving: Serving, visitor: Visitor, asked: Question) -> bool:
    """Whether to tell who can set it that cars of one country need not be asked for it."""
    unsure = any(why.code == "country_unsure" for why in asked.doubts)
    if not (unsure and asked.choices and visitor.may("admin")) or serving.settings.home:
        return False
    return not (asked.case.dealer and dealer_settings(serving.store, asked.case.dealer).home)


def doubt_of(why: Reason, words: Words, wording: Wording) -> Doubt:
    """A reason's words: our own where there are any, else those of the adverts."""
    todo = words.tables["todo"]
    code = "status" if why.code.startswith("status_") else why.code
    code = "vin_not_registered" if why.values.get("by") == "vin" else code
    say = reason_in(why, words, wording)
    return Doubt(why.code, say, todo.get(code, todo["otherwise"]), str(why.values.get("case", "")))


def plate_pictures(asked: Question) -> list[PlatePicture]:
    """The plates that are shown, the likeliest first."""
    return [
        PlatePicture(number, plate_address(asked.case, plate), plate.read)
        for number, plate in enumerate(asked.plates[:MOST_PLATES], 1)
    ]


def plate_address(case: Case, plate: SeenPlate, what: str = "plates") -> str:
    """Where its picture is: named by what it shows, so that it is right whatever becomes of the question."""
    corners = "_".join(f"{value:.1f}" for point in plate.quad for value in point)
    return f"/review/{case.id}/{what}/{plate.photo}/{corners}"


def corners_of(text: str) -> Quad | None:
    """The corners of `plate_address`; None where these are no plate's."""
    found = re.fullmatch(r"(-?\d{1,6}\.\d)" + r"_(-?\d{1,6}\.\d)" * 7, text)
    if found is None:
        return None
    values = [float(value) for value in found.groups()]
    quad = Quad(*(Point(x, y) for x, y in zip(values[0::2], values[1::2], strict=True)))
    return quad if is_convex(quad) else None


def photo_pictures(asked: Question) -> list[PhotoPicture]:
    """All photos that belong, in order, with the plates that were seen in them."""
    return [photo_picture(asked, photo, number) for number, photo in enumerate(asked.photos, 1)]


def photo_picture(asked: Question, photo: CasePhoto, number: int) -> PhotoPicture:
    """One photo and its plates."""
    mine = [plate for plate in asked.plates if plate.photo == photo.sha256]
    address = f"/review/{asked.case.id}/photos/{photo.sha256}"
    frame = next((plate.frame for plate in mine if plate.frame), None)
    return PhotoPicture(
        photo.sha256,
        number,
        f"{address}?side={LARGE}",
        f"{address}?side={SMALL}",
        frame,
        tuple(outline(plate) for plate in mine if frame),
        *(near_of(asked.case, mine[0], frame) if frame else ("", (0, 0, 0, 0), False)),
        PurePath(photo.name).name,
        failed_in(asked.problems).get(PurePath(photo.name).name, ""),
    )


def near_of(
    case: Case, plate: SeenPlate, frame: tuple[int, int]
) -> tuple[str, tuple[int, int, int, int], bool]:
    """The part of a photo around a plate: its address, its place, and whether to begin with it."""
    x1, y1, x2, y2 = around(plate.quad, frame)
    box = plate.quad.box
    small = (box.x2 - box.x1) / frame[0] < SMALL_PLATE
    return plate_address(case, plate, "around"), (x1, y1, x2 - x1, y2 - y1), small


def outline(plate: SeenPlate) -> str:
    """Corners for an SVG polygon."""
    return " ".join(f"{round(x)},{round(y)}" for x, y in plate.quad)


def picture_addresses(asked: Question) -> list[str]:
    """What a browser fetches ahead: the large plate and the photo beside it."""
    pictured = photo_pictures(asked)
    large = beside(asked, pictured)
    plates = [one.address for one in plate_pictures(asked)[:1]]
    beside_it = [large.near if large.starts_near else large.large] if large else []
    return [*plates, *beside_it, *(one.small for one in pictured if not one.problem)]


def beside(asked: Question, pictured: Sequence[PhotoPicture]) -> PhotoPicture | None:
    """The photo beside the plate: the one that the plate is in, else the first that can be opened."""
    first = asked.plates[0].photo if asked.plates else ""
    whole = [one for one in pictured if not one.problem]
    return next((one for one in whole if one.sha256 == first), whole[0] if whole else None)


def country_names(words: Words) -> list[tuple[str, str]]:
    """Codes and names of all countries that there are rules for, by name."""
    found = [(code, words.word("country", code)) for code in load_grammars().countries]
    return sorted(found, key=lambda pair: pair[1].casefold())


def home_country(serving: Serving, asked: Question) -> str:
    """The country that the select shows first: as read, where the cars are at home, or the setting."""
    home = serving.settings.home.split(",")[0]
    read = asked.choices[0].country if asked.choices else None
    return read or home or serving.settings.country
