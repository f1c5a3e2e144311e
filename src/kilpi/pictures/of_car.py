"""The pictures of one decided car: what may be seen of it, of strangers nothing, and what a person wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kilpi.grammar import Grammars
from kilpi.photos.examined import Examined
from kilpi.pictures.gallery import Each, Gallery, make_gallery
from kilpi.pictures.profile import Profile
from kilpi.pictures.search import Search
from kilpi.pictures.to_cover import all_to_cover, with_said
from kilpi.pictures.wished import covered_as_wished
from kilpi.pictures.written import Written
from kilpi.plates.no_plate import INSIDES, is_inside
from kilpi.ports import TextReader
from kilpi.types import (
    NO_WISHES,
    Decision,
    LeftOut,
    Mark,
    Photos,
    Pixels,
    Quad,
    Reason,
    Sighting,
    Verdict,
    ViewGuess,
    Wishes,
)


@dataclass(frozen=True)
class Studio:
    """What all cars' pictures are made with. `cover` is the dealer's own plate image, (h, w, 3) uint8 RGB."""

    search: Search
    profile: Profile
    grammars: Grammars
    cover: Pixels | None = None
    each: Each = map
    texts: TextReader | None = None  # what reads writing, where a car's number in it is to be covered, too

    def search_of(self, mark: Mark | None) -> Search:
        """The search of the finished pictures of the car that has this mark."""
        return replace(self.search, written=Written(self.texts, mark)) if self.texts and mark else self.search


@dataclass(frozen=True)
class Said:
    """What a person said: whether the decision is theirs, where plates are, what they want of pictures."""

    confirmed: bool = False
    corners: Mapping[str, Quad] = field(default_factory=dict)
    wishes: Wishes = NO_WISHES


def car_gallery(
    studio: Studio,
    shelf: Photos,
    good: Mapping[str, Examined],
    guesses: Mapping[str, ViewGuess],
    decision: Decision,
    own: Mapping[str, Sequence[Sighting]] | None,
    said: Said,
) -> Gallery:
    """The finished pictures. `own` are the sightings of the car's own plate, None where it is not known.

    In review nothing is published, and a person sees every photo.
    """
    plates = {key: one.plates for key, one in good.items()}
    aside = {key: one.aside for key, one in good.items()}
    views = said.wishes.views
    insides = {k for k, guess in guesses.items() if is_inside(guess) and views.get(k, guess.view) in INSIDES}
    grammars, confirmed = studio.grammars, said.confirmed
    hidden = all_to_cover(plates, aside, own, decision, grammars, confirmed=confirmed, insides=insides)
    hidden = covered_as_wished(with_said(hidden, said.corners), own, said.wishes)
    strangers = decision.strangers if decision.verdict is Verdict.ACCEPTED else ()
    looks = [one.look for key, one in good.items() if one.look and key not in strangers]
    made = make_gallery(
        shelf,
        hidden,
        studio.search_of(decision.mark),
        studio.profile,
        studio.cover,
        own,
        guesses,
        looks,
        studio.each,
        said.wishes,
    )
    strange = [LeftOut(good[key].path, Reason("other_car")) for key in good if key in strangers]
    return replace(made, left_out=(*made.left_out, *strange))
