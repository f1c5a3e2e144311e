"""What was found and is no plate: writing on instruments, keys and papers, signs on walls. The one judgement.

The detector takes any compact block of writing for a plate. What it finds is read first; what then reads as a
mark is a plate wherever it is. Of the rest, what lies where no car wears a plate is set aside: no decision
sees it, no record names it, no page outlines it. What is doubtful stays: a plate under snow speaks against a
neighbour's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kilpi.decision.places import is_at
from kilpi.decision.policy import USUAL
from kilpi.geometry import grow_quad, quad_iou, quad_size
from kilpi.grammar import Grammars
from kilpi.plates.detector import LINE_BAND
from kilpi.plates.readable import (
    clarity,
    is_mixed,
    is_strange,
    looks_like_a_countrys,
    reads_as_mark,
)
from kilpi.types import Plate, Reading, View, ViewGuess

# Views of a car's inside and of details that have no plate. An open boot or bonnet shows one now and then.
PLATELESS = frozenset(
    {View.COCKPIT, View.INSTRUMENTS, View.SEATS, View.INTERIOR_DETAIL, View.DOCUMENT, View.WHEEL}
)
INSIDES = PLATELESS - {View.DOCUMENT, View.WHEEL}  # papers show marks, and wheels are seen beside cars
# Their part in what the view network says from which a photo that it does not tell is of such: of 206 plates
# found in dev-market the highest is 0.35.
SURELY = 0.7
# The same where the network sees no end of a car either: of 729 photos with plates in four sets (all but dev-
# dealer's insides) none has both.
PROBABLY, NO_END = 0.45, 0.05
SURE_INSIDE = 0.9  # part of the insides' views together from which a cover may be spared
# There a mark (of a car seen through a window, on a camera's display) must look like a country's, and its
# characters must be read this surely in the mean: a mileage is read as a mark otherwise. On 200 photos of
# instruments of dev-odometer and the insides of dev-dealer (recipes/LOG.md, what is no plate).
CLEAR = 0.75
# Windows are in the upper part of such photos: what is above this part of the height, and smaller than this
# part of the width, may be on a car outside.
WINDOWS, FAR = 0.35, 0.07
# Above and below `LINE_BAND`, where all labelled plates are, what has characters that look like no country's
# is lettering on a building, or a seller's name laid over the photo.
CLOSE_UP = 0.4  # part of the photo's width from which it may be a plate that fills the photo
LETTERS = 5  # that are seen at least: a blurred plate far behind leaves fewer
TOUCHES = 0.1  # of its height that a find is grown, above and below, before it is asked what it touches
SAID = 1.0  # the score of what a person marked; the detector's are less


class Parted(NamedTuple):
    """What was found in one photo, in order: plates, and what is none."""

    plates: list[Plate]
    aside: list[Plate]

    @property
    def all(self) -> list[Plate]:
        """Both, plates first."""
        return [*self.plates, *self.aside]


def part(plates: Sequence[Plate], view: Callable[[], ViewGuess | None], grammars: Grammars) -> Parted:
    """Sorts one photo's finds. `view` tells what the photo shows; it is only asked where that matters."""
    judged = [(plate, is_clear(plate, grammars)) for plate in plates]
    clear = [plate for plate, sure in judged if sure]
    doubtful = [plate for plate, sure in judged if not sure]
    if not doubtful:
        return Parted(clear, [])
    guess = view()
    aside = [
        plate
        for plate in doubtful
        if is_none(plate, guess, grammars) or is_beside_one(plate, clear, grammars)
    ]
    return Parted([plate for plate in plates if not any(plate is one for one in aside)], aside)


def is_mark(plate: Plate, grammars: Grammars) -> bool:
    """Whether a find reads as a mark; one that nobody tried to read may."""
    reading, seen = plate.reading, plate.sighting
    return reading is None or reads_as_mark(reading, seen.score, seen.quad, grammars)


def is_clear(plate: Plate, grammars: Grammars) -> bool:
    """Whether a find is a plate wherever it is: a mark of a country that is known, surely read; or a
    person said so (`corners.corrected`).
    """
    reading = plate.reading
    if reading is None or plate.sighting.score >= SAID:
        return True
    return looks_like_a_countrys(reading) and clarity(reading) >= CLEAR and is_mark(plate, grammars)


def is_none(plate: Plate, guess: ViewGuess | None, grammars: Grammars) -> bool:
    """Whether a find that is not clear is no plate, by where it is."""
    if is_plateless(guess):
        return not is_far(plate) and not is_known_mark(plate, grammars)
    return (is_sign(plate) or is_elsewhere(plate, guess)) and not is_mark(plate, grammars)


def is_elsewhere(plate: Plate, guess: ViewGuess | None) -> bool:
    """Whether it is lettering where no car of its photo wears a plate, and one does elsewhere: a sign.

    Of a car far behind, whose plate is narrow, nothing is told; and what cannot be read may be a plate under
    snow, whose place the network does not know, but above and below all plates. The numbers are the usual
    policy's, not a card's.
    """
    if guess is None or plate.frame is None or width_of(plate, plate.frame[0]) < USUAL.narrowest:
        return False
    if not is_lettering(plate.reading) and not is_out_of_reach(plate, plate.frame):
        return False
    sure = any(place.score >= USUAL.place for place in guess.worn_at)
    return sure and not any(is_at(place, plate) for place in guess.worn_at)


def is_known_mark(plate: Plate, grammars: Grammars) -> bool:
    """Whether it reads, however dimly, as a mark of letters and digits that its country has: no rival is lost
    where a photo was taken for an inside. A mileage is of digits, a word of letters.
    """
    reading = plate.reading
    if reading is None or not looks_like_a_countrys(reading) or not is_mark(plate, grammars):
        return False
    country = reading.countries[0].code if reading.countries else reading.country
    return is_mixed(reading) and bool(grammars.parse(reading.text, country))


def is_plateless(guess: ViewGuess | None) -> bool:
    """Whether a photo shows what has no plate."""
    if guess is None:
        return False
    least = PROBABLY if guess.end < NO_END else SURELY
    return guess.view in PLATELESS or guess.share(PLATELESS) >= least


def is_inside(guess: ViewGuess | None) -> bool:
    """Whether a photo is so surely a car's inside, whichever, that writing in it is no mark."""
    return guess is not None and guess.share(INSIDES) >= SURE_INSIDE


def is_far(plate: Plate) -> bool:
    """Whether it may be on a car that is seen through a window: high up, small, like a country's."""
    if plate.frame is None or plate.reading is None or not looks_like_a_countrys(plate.reading):
        return False
    return middle_of(plate, plate.frame[1]) < WINDOWS and width_of(plate, plate.frame[0]) < FAR


def middle_of(plate: Plate, height: int) -> float:
    """Where the middle of a find is, as part of the photo's height."""
    return sum(point.y for point in plate.sighting.quad) / 4 / height


def width_of(plate: Plate, width: int) -> float:
    """A find's width as part of the photo's."""
    return quad_size(plate.sighting.quad)[0] / width


def is_lettering(reading: Reading | None) -> bool:
    """Whether it is a word or more that looks like no country's mark."""
    return reading is not None and len(reading.slots) >= LETTERS and is_strange(reading)


def is_sign(plate: Plate) -> bool:
    """Whether it is lettering above or below where cars wear plates; all of this must speak for it."""
    if plate.frame is None or not is_lettering(plate.reading):
        return False
    return is_out_of_reach(plate, plate.frame)


def is_out_of_reach(plate: Plate, frame: tuple[int, int]) -> bool:
    """Whether it is above or below where cars wear plates, and no close-up; `frame` is its photo's."""
    near = width_of(plate, frame[0]) >= CLOSE_UP
    return not near and not LINE_BAND[0] <= middle_of(plate, frame[1]) <= LINE_BAND[1]


def is_beside_one(plate: Plate, clear: Sequence[Plate], grammars: Grammars) -> bool:
    """Whether lettering that is no known mark touches a plate that is one surely: the grille above it. What
    cannot be read may be the car's own plate, covered, beside a neighbour's.
    """
    if not is_lettering(plate.reading) or is_known_mark(plate, grammars):
        return False
    around = grow_quad(plate.sighting.quad, 0.0, TOUCHES)
    return any(quad_iou(around, grow_quad(one.sighting.quad, 0.0, TOUCHES)) > 0 for one in clear)
