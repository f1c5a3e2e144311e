"""A car's photos -> the pictures of its advert: chosen, ordered, plates covered, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kilpi.errors import PublishError
from kilpi.photos.quality import Look, look_at
from kilpi.pictures.choice import choose, views_missing
from kilpi.pictures.frame import frame
from kilpi.pictures.hide import Search, finish
from kilpi.pictures.profile import Profile
from kilpi.types import LeftOut, Photo, Picture, Pixels, Problem, Reason, Sighting, View, ViewGuess


@dataclass(frozen=True)
class Gallery:
    """The finished pictures in order, the photos left out, and those held back because a mark may show."""

    pictures: tuple[Picture, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Reason, ...] = ()  # worth telling: fewer pictures than wanted, views that none shows
    views: Mapping[str, View] = field(default_factory=dict)  # by path, of every photo, left out or not


def make_gallery(
    photos: Sequence[Photo],
    sightings: Mapping[str, Sequence[Sighting]],
    search: Search,
    profile: Profile,
    plate: Pixels | None = None,
    own: Mapping[str, Sequence[Sighting]] | None = None,
    guesses: Mapping[str, ViewGuess] | None = None,
) -> Gallery:
    """Choose, order and finish. `sightings` are each photo's plates by photo id, in native pixels.

    All of them are covered; where `own` says which are this car's, only those tell what a photo shows.
    `plate` is the dealer's own plate image, (h, w, 3) uint8 RGB; without one the cover is plain grey.
    `guesses` are the view network's, by photo id.
    """
    known = {photo.id: photo for photo in photos}
    telling = sightings if own is None else own
    told = guesses or {}
    looks = [look_at(photo, telling.get(photo.id, ()), told.get(photo.id)) for photo in photos]
    choice = choose(looks, profile)
    pictures: list[Picture] = []
    problems: list[Problem] = []
    for look in choice.kept:
        photo, number = known[look.photo_id], len(pictures) + 1
        seen = [sighting.quad for sighting in telling.get(photo.id, ())]
        try:
            picture = finish(
                photo,
                sightings.get(photo.id, ()),
                number,
                search,
                plate=plate,
                long_side=profile.long_side,
                quality=profile.quality,
                view=look.view,
                window=frame(photo.width, photo.height, profile.aspect, seen),
            )
        except PublishError as error:
            problems.append(Problem(photo.path, error))
        else:
            pictures.append(picture)
    shown = {picture.photo_id for picture in pictures}
    notes = notes_on([look for look in choice.kept if look.photo_id in shown], profile)
    views = {look.path: look.view for look in looks}
    return Gallery(tuple(pictures), choice.left_out, tuple(problems), notes, views)


def notes_on(shown: Sequence[Look], profile: Profile) -> tuple[Reason, ...]:
    """What a person should know of the pictures that came: too few, or a side of the car that none shows."""
    notes = []
    if 0 < len(shown) < profile.wanted:
        notes.append(Reason("few_pictures", {"pictures": len(shown), "wanted": profile.wanted}))
    if missing := views_missing(shown, profile):
        notes.append(Reason("views_missing", {"views": list(missing)}))
    return tuple(notes)
