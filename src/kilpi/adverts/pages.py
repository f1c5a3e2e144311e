"""Pages that the dealer's own people read: a review page and an index.

Every page is one file: style and script are inlined, nothing is fetched from elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kilpi.adverts.next_commands import set_command
from kilpi.adverts.page_parts import asset, policy, speaker
from kilpi.adverts.public_advert import small_name
from kilpi.adverts.records import DRAFT, NO_PLATE, READY, REVIEW
from kilpi.adverts.wording import Wording, load_wording
from kilpi.text import natural_key
from kilpi.types import Picture, PlateCrop, Record

ODOMETER_CROP = "odometer.jpg"  # the number on the instruments, for the dealer only
REGISTER_DOUBTS = ("contradiction_", "status_")  # the mark was read well and is registered
SUPPORT = frozenset({"plates_agree", "sure_enough", "others_behind", "ties_fit", "other_car_photos"})
"""Reasons for a mark, or of what was left out for it; not against it."""


@dataclass(frozen=True)
class Row:
    """One car of the index: its record and the folder it stands in."""

    folder: str
    car: Record


def review_page(
    car: Record,
    pictures: Sequence[Picture],
    language: str,
    crops: Sequence[PlateCrop] = (),
    commands: Sequence[tuple[str, str]] = (),
) -> str:
    """`review.html`: why there is no advert, in plain words, for the dealer's own people.

    `crops` are the plates as they were seen, in files of `crop_name`; `commands` are keys of [page] and what
    to type.
    """
    wording = load_wording(language)
    doubts = [why.code for why in car.reasons if why.code not in SUPPORT]
    lead = "review_lead"
    if car.state == NO_PLATE:
        lead = "review_lead_no_plate"
    elif doubts and all(code.startswith(REGISTER_DOUBTS) for code in doubts):
        lead = "review_lead_vehicle"
    return wording.html.get_template("review.html.j2").render(
        car=car,
        language=language,
        lead=lead,
        todo=what_to_do(car, wording),
        words=wording,
        pictures=pictures,
        crops=crops,
        crop_name=crop_name,
        odometer=ODOMETER_CROP if car.odometer and car.odometer.reading else None,
        commands=commands,
        small_name=small_name,
        say=speaker(wording),
        style=Markup(asset("style.css") + asset("internal.css")),
        policy=policy(asset("style.css") + asset("internal.css")),
    )


def crop_name(number: int) -> str:
    """The file of an uncovered plate, from 1; no publisher takes it for a picture."""
    return f"plate-{number:02}.jpg"


def what_to_do(car: Record, wording: Wording) -> str:
    """The next step that fits a car's first reason that has one."""
    known = wording.tables["todo"]
    return str(known[next((why.code for why in car.reasons if why.code in known), "otherwise")])


def index_page(rows: Iterable[Row], language: str, out: Path | None = None) -> str:
    """`index.html` over all cars: what needs a person first, then drafts, then what is ready.

    `out` is the folder that theirs are in: with it each draft has the command that gives what it lacks.
    """
    wording = load_wording(language)
    order = {REVIEW: 0, NO_PLATE: 0, DRAFT: 1, READY: 2}
    listed = sorted(rows, key=lambda row: (order[row.car.state], natural_key(row.folder)))
    counted = Counter(row.car.state for row in listed)
    counts = {"ready": counted[READY], "draft": counted[DRAFT], "review": counted[REVIEW] + counted[NO_PLATE]}
    return wording.html.get_template("index.html.j2").render(
        language=language,
        say=speaker(wording),
        words=wording,
        counts=counts,
        filters=[
            ("all", wording.text("page", "all"), len(listed)),
            *((state, wording.word(state, "state"), n) for state, n in counts.items()),
        ],
        rows=[index_row(row, wording, out) for row in listed],
        style=Markup(asset("style.css") + asset("internal.css")),
        policy=policy(asset("style.css") + asset("internal.css")),
    )


def index_row(row: Row, wording: Wording, out: Path | None) -> dict[str, Any]:
    """What the index template shows of one car."""
    folder = quote(row.folder)
    page = "advert.html" if row.car.state in {READY, DRAFT} else "review.html"
    state = wording.word(row.car.state, "state")
    named = row.car.title != row.car.reference
    line = " · ".join(part for part in (row.car.reference if named else None, row.car.likely_mark) if part)
    crop = f"{folder}/{ODOMETER_CROP}" if ODOMETER_CROP in row.car.files else None
    href = f"{folder}/{page}"
    command = set_command(out / row.folder, row.car) if out and row.car.state == DRAFT else None
    told = {"state": state, "line": line, "odometer": crop, "command": command}
    return {"car": row.car, "folder": folder, "href": href, **told}
