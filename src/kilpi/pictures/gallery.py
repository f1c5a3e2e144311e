"""A car's photos -> the pictures of its advert: chosen, ordered, plates covered, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kilpi.errors import PublishError
from kilpi.photos.quality import look_at
from kilpi.pictures.choice import choose
from kilpi.pictures.frame import frame
from kilpi.pictures.hide import Search, finish
from kilpi.pictures.profile import Profile
from kilpi.types import LeftOut, Photo, Picture, Pixels, Problem, Reason, Sighting


@dataclass(frozen=True)
class Gallery:
    """The finished pictures in order, the photos left out, and those held back because a mark may show."""

    pictures: tuple[Picture, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Reason, ...] = ()  # worth telling: fewer pictures came than were wanted


def make_gallery(
    photos: Sequence[Photo],
    sightings: Mapping[str, Sequence[Sighting]],
    search: Search,
    profile: Profile,
    plate: Pixels | None = None,
    own: Mapping[str, Sequence[Sighting]] | None = None,
) -> Gallery:
    """Choose, order and finish. `sightings` are each photo's plates by photo id, in native pixels.

    All of them are covered; where `own` says which are this car's, only those tell what a photo shows.
    `plate` is the dealer's own plate image, (h, w, 3) uint8 RGB; without one the cover is plain grey.
    """
    known = {photo.id: photo for photo in photos}
    telling = sightings if own is None else own
    choice = choose([look_at(photo, telling.get(photo.id, ())) for photo in photos], profile)
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
    few = {"pictures": len(pictures), "wanted": profile.wanted}
    notes = (Reason("few_pictures", few),) if 0 < len(pictures) < profile.wanted else ()
    return Gallery(tuple(pictures), choice.left_out, tuple(problems), notes)
