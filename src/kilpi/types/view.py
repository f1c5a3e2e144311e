"""What a photo shows: the view of the car, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class View(StrEnum):
    """What a photo shows. "Quarter" is seen at an angle, so that a side of the car shows too.

    "End" is front or rear, where it cannot be told which: a word of the guess by the plate's place alone
    (`photos/plate_view`), never of the network.
    """

    FRONT = "front"
    FRONT_QUARTER = "front three-quarter"
    REAR = "rear"
    REAR_QUARTER = "rear three-quarter"
    SIDE = "side"
    COCKPIT = "cockpit"
    INSTRUMENTS = "instruments"
    SEATS = "seats"
    BOOT = "boot"
    INTERIOR_DETAIL = "interior detail"
    ENGINE = "engine"
    WHEEL = "wheel"
    EXTERIOR_DETAIL = "exterior detail"
    DOCUMENT = "document"
    END = "end"
    END_QUARTER = "end three-quarter"
    UNSURE = "unsure"


class Group(StrEnum):
    """Views that serve the same purpose."""

    OUTSIDE = "outside"
    COCKPIT = "cockpit"
    INSTRUMENTS = "instruments"
    INSIDE = "other inside"
    DETAIL = "detail"
    DOCUMENT = "document"
    UNSURE = "unsure"


GROUPS: Mapping[View, Group] = {
    View.FRONT: Group.OUTSIDE,
    View.FRONT_QUARTER: Group.OUTSIDE,
    View.REAR: Group.OUTSIDE,
    View.REAR_QUARTER: Group.OUTSIDE,
    View.SIDE: Group.OUTSIDE,
    View.END: Group.OUTSIDE,
    View.END_QUARTER: Group.OUTSIDE,
    View.COCKPIT: Group.COCKPIT,
    View.INSTRUMENTS: Group.INSTRUMENTS,
    View.SEATS: Group.INSIDE,
    View.BOOT: Group.INSIDE,
    View.INTERIOR_DETAIL: Group.INSIDE,
    View.ENGINE: Group.DETAIL,
    View.WHEEL: Group.DETAIL,
    View.EXTERIOR_DETAIL: Group.DETAIL,
    View.DOCUMENT: Group.DOCUMENT,
    View.UNSURE: Group.UNSURE,
}

VIEWS = tuple(view for view in View if view not in {View.END, View.END_QUARTER, View.UNSURE})
"""The network's words, in the order of its outputs."""

FRONTS, REARS = (View.FRONT, View.FRONT_QUARTER), (View.REAR, View.REAR_QUARTER)
NO_OUTSIDE = (
    View.COCKPIT, View.INSTRUMENTS, View.SEATS, View.BOOT, View.INTERIOR_DETAIL, View.ENGINE, View.DOCUMENT,
)  # fmt: skip

# Share from which a picture surely lies so. Of dev-dealer's 59 outsides (every second photo) and dev-market's
# 50 (every fourth) 86 and 88 % are so sure to be upright, of 1,199 turned by 30 to 330 degrees one is.
SURELY_LIES = 0.9
MAYBE_INSIDE = 0.35  # share from which a photo may show one of these; an open boot among real cars' has 0.44


class PlatePlace(NamedTuple):
    """Where a car wears its plate in a photo, whether one is there or not.

    `x` and `y` are its middle and `width` the plate's width, 0..1 of the picture's width and height (`y`);
    `score` is the view network's, 0..1, not calibrated.
    """

    x: float
    y: float
    width: float
    score: float


@dataclass(frozen=True, slots=True)
class ViewGuess:
    """What a photo shows. `p` is that of the view's group, calibrated; `score` is the view's own share.

    Where `p` is below what the network's card asks for, `view` is UNSURE and `best` still says what is most
    likely.
    """

    view: View
    p: float
    score: float
    best: View
    shares: tuple[float, ...]  # of `VIEWS`, together 1
    # Rows of a grid over the picture, top row first: how much each cell looks like a car's front or rear
    # rather than its side, 0 and 1 at the least and the highest. Empty with a network of an earlier version.
    end_map: tuple[tuple[float, ...], ...] = ()
    # Highest score first; None with a network that maps none (earlier versions, one's own without them).
    places: tuple[PlatePlace, ...] | None = None
    # How much says that the picture lies turned to the right by 0, 30, ... 330 degrees, together 1; learnt of
    # outsides. Empty with a network of an earlier version.
    orientation: tuple[float, ...] = ()

    @property
    def upright(self) -> bool:
        """Whether the picture surely stands upright; only outsides are told so surely."""
        return bool(self.orientation) and self.orientation[0] >= SURELY_LIES

    @property
    def lies(self) -> int | None:
        """Which way of `orientation` is the likeliest; None where none is told."""
        ways = range(len(self.orientation))
        return max(ways, key=self.orientation.__getitem__, default=None)

    @property
    def group(self) -> Group:
        """The told view's group, UNSURE where none is told."""
        return GROUPS[self.view]

    def share(self, views: Iterable[View]) -> float:
        """How much says that the photo shows one of these, 0..1."""
        return sum(self.shares[VIEWS.index(view)] for view in views)

    @property
    def end(self) -> float:
        """How much says that the photo shows a car's front or rear from outside, 0..1."""
        return self.share((*FRONTS, *REARS))

    @property
    def worn_at(self) -> tuple[PlatePlace, ...]:
        """Where cars wear their plates; none where the photo may show an inside, an open boot or a paper."""
        return (self.places or ()) if self.share(NO_OUTSIDE) < MAYBE_INSIDE else ()

    @property
    def p_front(self) -> float:
        """Of a car seen from outside: the front's part against the rear's, 0..1."""
        front, rear = self.share(FRONTS), self.share(REARS)
        return front / max(front + rear, 1e-9)


class Shown(NamedTuple):
    """What a car's photos show beside plates, by photo id, also of photos without one. A photo that is not in
    a mapping was not asked.
    """

    ends: Mapping[str, float] = MappingProxyType({})  # how much says a front or rear, see `ViewGuess.end`
    # See `ViewGuess.worn_at`. A photo of which no network that maps places was asked is not in it.
    places: Mapping[str, tuple[PlatePlace, ...]] = MappingProxyType({})

    @classmethod
    def by(cls, views: Mapping[str, ViewGuess]) -> Shown:
        """From what each photo shows."""
        ends = {key: guess.end for key, guess in views.items()}
        return cls(ends, {key: guess.worn_at for key, guess in views.items() if guess.places is not None})
