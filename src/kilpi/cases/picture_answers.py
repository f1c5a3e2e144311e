"""What a person decides about a car's pictures. Each is an answer like any other: it stands over re-runs.

The last order stands, and the last word on each photo and place. What says something of plates (a cover of
one that was missed, a cover taken from what is none) is a label too, and so is what a photo shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Literal

from kilpi.errors import UsageError
from kilpi.geometry import is_convex
from kilpi.pictures.wished import LEAST_SIDE, cropped, opened, with_added, with_one_more, without
from kilpi.types import VIEWS, Box, Quad, View, Wishes

MOST_PIXELS = 100_000  # of a photo's side; no format that is read has more


@dataclass(frozen=True, slots=True)
class SaidOrder:
    """The order of the pictures, photos by sha256; those that are not named follow. Raises UsageError."""

    photos: tuple[str, ...]
    what: Literal["order"] = "order"

    def __post_init__(self) -> None:
        if len(set(self.photos)) != len(self.photos):
            raise UsageError("answer: an order names each photo once")


@dataclass(frozen=True, slots=True)
class SaidShown:
    """Whether a photo (sha256) is among the pictures, whatever Kilpi thinks of it."""

    photo: str
    shown: bool
    what: Literal["shown"] = "shown"


@dataclass(frozen=True, slots=True)
class SaidCrop:
    """The part of a photo (sha256) to show, its native pixels; None: the usual one. Raises UsageError."""

    photo: str
    box: Box | None = None
    what: Literal["crop"] = "crop"

    def __post_init__(self) -> None:
        if self.box is None:
            return
        if not all(isfinite(value) and -1 <= value <= MOST_PIXELS for value in self.box):
            raise UsageError("answer: a crop lies within its photo")
        if min(self.box.x2 - self.box.x1, self.box.y2 - self.box.y1) < LEAST_SIDE:
            raise UsageError(f"answer: a crop has at least {LEAST_SIDE} pixels a side")


@dataclass(frozen=True, slots=True)
class SaidCover:
    """Something in a photo (sha256) that no picture may show. Native pixels as displayed. Raises UsageError.

    `why`: a plate that was missed (its corners, as the text reads), or something private.
    """

    photo: str
    quad: Quad
    why: Literal["plate", "private"] = "plate"
    what: Literal["cover"] = "cover"

    def __post_init__(self) -> None:
        check_quad(self.quad)


@dataclass(frozen=True, slots=True)
class SaidUncovered:
    """A cover in a photo (sha256) that is to go. It comes back where a mark could be read. Raises UsageError.

    `why`: there is no plate, or a plate that is nobody's (a show plate).
    """

    photo: str
    quad: Quad
    why: Literal["no_plate", "show_plate"]
    what: Literal["uncover"] = "uncover"

    def __post_init__(self) -> None:
        check_quad(self.quad)


@dataclass(frozen=True, slots=True)
class SaidView:
    """What a photo (sha256) shows, one of `kilpi.types.VIEWS`. Raises UsageError.

    It decides the picture's place; a document is shown to nobody, and what is said to be none may be shown.
    """

    photo: str
    view: View
    what: Literal["view"] = "view"

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise UsageError(f"answer: a view is one of: {', '.join(VIEWS)}")


PictureAnswer = SaidOrder | SaidShown | SaidCrop | SaidCover | SaidUncovered | SaidView


def check_quad(quad: Quad) -> None:
    """Raises UsageError for what is no four corners in a photo."""
    good = all(isfinite(value) and abs(value) <= MOST_PIXELS for point in quad for value in point)
    if not good or not is_convex(quad):
        raise UsageError("answer: a cover has four corners, one after the other")


@dataclass(frozen=True, slots=True)
class PicturesSaid:
    """All answers about pictures that stand; `plates` and `no_plates`, by photo, are for labels."""

    wishes: Wishes = field(default_factory=Wishes)
    plates: Mapping[str, tuple[Quad, ...]] = field(default_factory=dict)
    no_plates: Mapping[str, tuple[Quad, ...]] = field(default_factory=dict)

    def judged(self, photo: str) -> bool:
        """Whether somebody said where a plate is, or is none, in a photo."""
        return photo in self.plates or photo in self.no_plates


def photos_in(said: object) -> tuple[str, ...] | None:
    """The photos that such an answer names; None for other answers."""
    if isinstance(said, SaidOrder):
        return said.photos
    single = SaidShown | SaidCrop | SaidCover | SaidUncovered | SaidView
    return (said.photo,) if isinstance(said, single) else None


def with_answer(now: PicturesSaid, said: PictureAnswer) -> PicturesSaid:
    """With one more answer."""
    wishes = now.wishes
    match said:
        case SaidOrder(photos):
            return replace(now, wishes=replace(wishes, order=photos))
        case SaidShown(photo, shown):
            return replace(now, wishes=replace(wishes, shown={**wishes.shown, photo: shown}))
        case SaidCrop(photo, box):
            return replace(now, wishes=cropped(wishes, photo, box))
        case SaidView(photo, view):
            return replace(now, wishes=replace(wishes, views={**wishes.views, photo: view}))
        case SaidCover(photo, quad, why):
            covers = with_one_more(wishes.covers, photo, quad)
            wishes = replace(wishes, covers=covers, uncovered=without(wishes.uncovered, photo, quad))
            now = replace(now, wishes=wishes, no_plates=without(now.no_plates, photo, quad))
            return replace(now, plates=with_added(now.plates, photo, quad)) if why == "plate" else now
        case SaidUncovered(photo, quad, why):
            uncovered = with_added(wishes.uncovered, photo, quad)
            wishes = replace(wishes, uncovered=uncovered, covers=opened(wishes.covers, photo, quad))
            now = replace(now, wishes=wishes, plates=without(now.plates, photo, quad))
            return (
                replace(now, no_plates=with_added(now.no_plates, photo, quad)) if why == "no_plate" else now
            )


def arranged(
    before: Sequence[str], order: Sequence[str], out: Collection[str], shown: Collection[str]
) -> list[PictureAnswer]:
    """What a new order, photos to leave out, and photos to show after all amount to, as answers.

    `before`: the photos of the pictures as they are now. What is as it was is not said.
    """
    gone, more = set(out), set(shown)
    said: list[PictureAnswer] = [SaidShown(photo, False) for photo in before if photo in gone]
    said += [SaidShown(photo, True) for photo in dict.fromkeys(shown) if photo not in before]
    known = [photo for photo in dict.fromkeys(order) if photo in before and photo not in gone]
    if known != [photo for photo in before if photo not in gone]:
        said.insert(0, SaidOrder((*known, *(photo for photo in dict.fromkeys(shown) if photo in more))))
    return said
