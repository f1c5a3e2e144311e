"""Taking a cover away: only where nothing can be read there, which is tried on the finished picture first."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.adverts.reading import record_in
from kilpi.cases.answers import combine
from kilpi.cases.case import Case, CasePhoto
from kilpi.cases.lists import history, photos
from kilpi.cases.making.maker import Maker
from kilpi.cases.picture_answers import SaidUncovered, with_answer
from kilpi.cases.verbs import answer
from kilpi.decision.tracks import says
from kilpi.errors import CaseRefused, PublishError, UsageError
from kilpi.images import open_photo
from kilpi.pictures.hide import finish
from kilpi.pictures.wished import covered_as_wished, same_place
from kilpi.store import Store
from kilpi.types import Mark, Photo, Plate, Sighting, Wishes


def uncover(
    store: Store, maker: Maker, case: Case, said: SaidUncovered, *, by: str, seen: int | None = None
) -> Case:
    """Records that a cover is to go, and why; the case is made again without it.

    Raises CaseRefused, and records nothing, where the finished picture could be read there, or where the
    car's own mark was read there. What a later run can read is covered again in any case.
    """
    photo = next((one for one in photos(store, case.id) if one.sha256 == said.photo), None)
    if photo is None:
        raise UsageError(f"case {case.id}: name one of its photos by its sha256")
    wishes = with_answer(combine(history(store, case.id)).pictures, said).wishes
    if not may_go(maker, case, photo, said, wishes):
        raise CaseRefused(
            f"case {case.id}: a mark can be read there, so the cover stays; leave the photo out"
        )
    return answer(store, case.id, said, by=by, seen=seen)


def may_go(maker: Maker, case: Case, photo: CasePhoto, said: SaidUncovered, wishes: Wishes) -> bool:
    """Whether a picture without this cover shows nothing that can be read there. Raises PhotoError."""
    record = record_in(maker.folder(case))
    plates = [plate for plate in record.plates if plate.photo_id == photo.sha256] if record else []
    if any(same_place(one.quad, said.quad) for one in own_of(plates, case.mark)):
        return False
    opened = open_photo(maker.path(photo))
    known = [Sighting(quad, 1.0) for one in (record.shown if record else ()) for quad in one.covers
             if one.photo == photo.sha256]  # fmt: skip
    hidden = {photo.sha256: [*(plate.sighting for plate in plates), *known]}
    covered = covered_as_wished(hidden, None, wishes)[photo.sha256]
    shown = wishes.views.get(photo.sha256) or photo.view or "unsure"
    return not is_read_there(maker, opened, covered, said, shown, case.mark)


def is_read_there(
    maker: Maker,
    photo: Photo,
    covered: Sequence[Sighting],
    said: SaidUncovered,
    view: str,
    mark: Mark | None,
) -> bool:
    """Whether the search of the finished picture finds a mark there, or cannot be brought to an end."""
    profile, search = maker.line.profile, maker.line.studio.search_of(mark)
    try:
        made = finish(
            photo,
            covered,
            search,
            long_side=profile.long_side,
            quality=profile.quality,
            view=view,
        )
    except PublishError:
        return True
    return any(same_place(quad, said.quad) for quad in made.covers)


def own_of(plates: Sequence[Plate], mark: Mark | None) -> list[Sighting]:
    """What was read as the car's own mark."""
    return [plate.sighting for plate in plates if mark is not None and says(plate, mark)]
