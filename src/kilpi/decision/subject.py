"""Which plate is the subject's, the car in front, and which a car's behind: by size, place and photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.tracks import Track, size_of
from kilpi.types import Plate

OFF_CENTRE = 0.6  # part of its weight that a plate at the photo's edge loses


class Subject(NamedTuple):
    """A car's plates sorted: the front car's, others as prominent, and those of cars behind."""

    main: Track
    rivals: tuple[Track, ...]
    behind: tuple[Track, ...]


def elsewhere(subject: Subject) -> tuple[Track, ...]:
    """Smaller plates in other photos, where only one photo shows the front plate.

    Nothing then says that the photos are of one car: a stray photo in the folder may be the larger one.
    """
    shown = {plate.photo_id for plate in subject.main.plates}
    if len(shown) > 1:
        return ()
    return tuple(t for t in subject.behind if any(plate.photo_id not in shown for plate in t.plates))


def prominence(plate: Plate) -> float:
    """Width as part of the photo's, less towards its edges; in pixels where no photo size is known."""
    width = size_of(plate)[0]
    if plate.frame is None:
        return width
    across = sum(point.x for point in plate.sighting.quad) / 4 / plate.frame[0]
    return width / plate.frame[0] * (1 - OFF_CENTRE * min(1.0, 2 * abs(across - 0.5)))


def width_share(track: Track) -> float | None:
    """The widest sighting as part of its photo's width; None where no photo size is known."""
    shares = [size_of(p)[0] / p.frame[0] for p in track.plates if p.frame is not None]
    return max(shares, default=None)


def largest(track: Track) -> float:
    """The prominence of a track's most prominent sighting."""
    return max(prominence(plate) for plate in track.plates)


def find_subject(tracks: Sequence[Track], policy: DecisionPolicy) -> Subject:
    """Sorts the tracks of one car's photos; the front car's plate is the most prominent over all photos.

    Raises ValueError where there is no track.
    """
    totals = [sum(prominence(plate) for plate in track.plates) for track in tracks]
    main = tracks[totals.index(max(totals))]
    others = [track for track in tracks if track is not main]
    near = policy.rival * largest(main)
    return Subject(
        main,
        tuple(track for track in others if largest(track) >= near),
        tuple(track for track in others if largest(track) < near),
    )


def overlooked(main: Track, plates: Sequence[Plate], policy: DecisionPolicy) -> int:
    """In how many photos a plate that gave no reading is far more prominent than the front car's anywhere."""
    limit = policy.larger * largest(main)
    unread = [p for p in plates if p.reading is None or not p.reading.slots]
    return len({plate.photo_id for plate in unread if prominence(plate) > limit})
