"""A car's photos -> the pictures of its advert: chosen, ordered, plates covered, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kilpi.errors import KilpiError, PhotoError, PublishError
from kilpi.photos.quality import Look, measure, told, view_in
from kilpi.pictures.choice import Choice, choose, views_missing
from kilpi.pictures.frame import frame
from kilpi.pictures.hide import finish
from kilpi.pictures.profile import Profile
from kilpi.pictures.search import Search
from kilpi.pictures.wished import crop_of, stays_covered
from kilpi.types import (
    NO_WISHES,
    LeftOut,
    Photo,
    Photos,
    Picture,
    Pixels,
    Problem,
    Reason,
    Sighting,
    View,
    ViewGuess,
    Wishes,
    by_id,
)


@dataclass(frozen=True)
class Gallery:
    """The finished pictures in order, the photos left out, and those held back because a mark may show."""

    pictures: tuple[Picture, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Reason, ...] = ()  # worth telling: fewer pictures than wanted, views that none shows
    views: Mapping[str, View] = field(default_factory=dict)  # by path, of every photo, left out or not


Each = Callable[[Callable[[Look], Any], Sequence[Look]], Iterable[Any]]
"""How one thing is done to several photos: `map`, or as many at a time as there are threads, in order."""


def make_gallery(
    photos: Photos,
    sightings: Mapping[str, Sequence[Sighting]],
    search: Search,
    profile: Profile,
    plate: Pixels | None = None,
    own: Mapping[str, Sequence[Sighting]] | None = None,
    guesses: Mapping[str, ViewGuess] | None = None,
    looks: Sequence[Look] | None = None,
    each: Each = map,
    wishes: Wishes = NO_WISHES,
) -> Gallery:
    """Choose, order and finish. `sightings` are each photo's plates by photo id, in native pixels.

    All of them are covered; where `own` says which are this car's, only those tell what a photo shows.
    `plate` is the dealer's own plate image, (h, w, 3) uint8 RGB; without one the cover is plain grey.
    `guesses` are the view network's, by photo id; `looks` are the photos as `measure`d already; `wishes` are
    a person's for order, choice, crops and views (`sightings` have those for covers already).
    """
    known, guessed = by_id(photos), guesses or {}
    telling = sightings if own is None else own

    def seen(look: Look) -> Look:
        if said := wishes.views.get(look.photo_id):
            return replace(look, view=said, best=said)
        guess = guessed.get(look.photo_id)
        if told(guess) is not None:
            return look
        return replace(look, view=view_in(known[look.photo_id], telling.get(look.photo_id, ()), guess))

    def done(look: Look) -> Picture | KilpiError:
        plates = sightings.get(look.photo_id, ()), telling.get(look.photo_id, ())
        try:
            guess = guessed.get(look.photo_id)
            return finish_one(known[look.photo_id], look, *plates, search, profile, plate, wishes, guess)
        except (PublishError, PhotoError) as error:
            return error

    measured = [measure(known[key], guessed.get(key)) for key in known] if looks is None else looks
    views = list(each(seen, measured))
    choice = choose(views, profile, wishes)
    gallery = assembled(views, choice, list(each(done, choice.kept)), profile)
    return replace(gallery, notes=(*gallery.notes, *stays_covered(gallery.pictures, wishes)))


def finish_one(
    photo: Photo,
    look: Look,
    plates: Sequence[Sighting],
    telling: Sequence[Sighting],
    search: Search,
    profile: Profile,
    cover: Pixels | None,
    wishes: Wishes = NO_WISHES,
    guess: ViewGuess | None = None,
) -> Picture:
    """One chosen photo finished as the profile wants it, without its number. Raises PublishError."""
    crop = crop_of(photo.id, photo.width, photo.height, wishes)
    return finish(
        photo,
        plates,
        search,
        plate=cover,
        long_side=profile.long_side,
        quality=profile.quality,
        view=look.view,
        window=crop or frame(photo.width, photo.height, profile.aspect, [one.quad for one in telling]),
        guess=guess,
    )


def assembled(
    looks: Sequence[Look], choice: Choice, done: Sequence[Picture | KilpiError], profile: Profile
) -> Gallery:
    """The pictures numbered in order, those that were held back named."""
    finished = [one for one in done if isinstance(one, Picture)]
    pictures = tuple(replace(one, name=f"{n:02d}.jpg") for n, one in enumerate(finished, 1))
    pairs = list(zip(choice.kept, done, strict=True))
    problems = tuple(Problem(look.path, one) for look, one in pairs if isinstance(one, KilpiError))
    shown = [look for look, one in pairs if isinstance(one, Picture)]
    views = {look.path: look.view for look in looks}
    return Gallery(pictures, choice.left_out, problems, notes_on(shown, profile), views)


def notes_on(shown: Sequence[Look], profile: Profile) -> tuple[Reason, ...]:
    """What a person should know of the pictures that came: too few, or a side of the car that none shows."""
    notes = []
    if 0 < len(shown) < profile.wanted:
        notes.append(Reason("few_pictures", {"pictures": len(shown), "wanted": profile.wanted}))
    if missing := views_missing(shown, profile):
        notes.append(Reason("views_missing", {"views": list(missing)}))
    return tuple(notes)
