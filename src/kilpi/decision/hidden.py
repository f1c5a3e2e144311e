"""What speaks against a mark by how the plate is laid out: a part of it may be hidden, cut off, or split elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from kilpi.decision.diacritics import doubts_of_diacritics
from kilpi.decision.spacing import (
    NARROW_HIDDEN,
    Fit,
    Seen,
    cost_of,
    is_sealed,
    lines_of,
    longer_marks,
    other_spellings,
    seen_places,
    spaces_of,
)
from kilpi.decision.tracks import Track, text_of
from kilpi.grammar import load_grammars
from kilpi.types import Mark, Plate, Reason

# Costs are sums of squares in standard deviations (see `decision.spacing`). Chosen on the folders `patch`,
# `patch-two`, `part`, `clean` and `clean-short` of seed 0 (`kilpi.evaluation.mishaps`).
CLEARER = 1.5  # by so much a mark must explain the places better than any longer one
MUCH_CLEARER = 12.0  # the same where something stands in the place of the character supposed hidden
STUFF = 0.35  # part of the characters' height from which something stands in a gap or margin
SPLIT = 6.0  # by so much a mark must explain the places better than one that is split elsewhere
ODD, ODD_ALONE = 0.17, 0.25  # cells that a character may be away from its place: by several photos, by one
LONGER = 0.5  # score of the weakest character from which a longer reading counts
MOST_LOST = 2  # characters that a shorter reading may have lost


def doubts_of_layout(track: Track) -> list[Reason]:
    """All of it for one plate over its photos; nothing where no photo was measured."""
    mark = track.candidates[0].mark if track.candidates else None
    if mark is None or not any(plate.layout for plate in track.plates):
        return []
    longer = doubts_of_longer(mark, track.plates)
    seen = seen_places(mark, track.plates)
    if seen is None:
        return [*longer, Reason("cut_off", {"photos": len(track.plates)})]
    return [*longer, *doubts_of_places(mark, seen, track), *doubts_of_diacritics(mark, track.plates)]


def doubts_of_longer(mark: Mark, plates: Sequence[Plate]) -> list[Reason]:
    """Where any photo reads a longer mark that holds this one, no majority makes the shorter one right."""
    longer = [plate for plate in plates if plate.reading and is_longer(mark, plate)]
    return [Reason("longer_elsewhere", {"photos": len(longer)})] if longer else []


def is_longer(mark: Mark, plate: Plate) -> bool:
    """Whether a photo's plate reads as the mark with one or two characters more, and is a country's."""
    text = text_of(plate)
    if not 0 < len(text) - len(mark.compact) <= MOST_LOST or not contains(text, mark.compact):
        return False
    sure = plate.reading is not None and plate.reading.score >= LONGER
    return sure and bool(plate.candidates) and plate.candidates[0].mark.series is not None


def contains(longer: str, shorter: str) -> bool:
    """Whether the shorter text's characters stand in the longer one in their order."""
    rest = iter(longer)
    return all(char in rest for char in shorter)


def doubts_of_places(mark: Mark, seen: Seen, track: Track) -> list[Reason]:
    """What the characters' places say: one may be hidden, the mark may be split elsewhere, or they fit none."""
    rows, sealed = [len(row) for row in seen.rows], is_sealed(mark.country, mark.series)
    own = cost_of(lines_of(mark, None, False, spaces_of(mark.text), rows), seen, sealed)
    doubts = []
    hidden = hidden_place(mark, seen, own, track)
    most = ODD if seen.photos > 1 else ODD_ALONE
    if hidden is not None:
        doubts.append(Reason("maybe_hidden", {"place": hidden + 1}))
    elif own.worst > most:
        doubts.append(Reason("spacing_odd", {"away": round(own.worst, 2), "most": most}))
    if lead_over_splits(mark, seen, own) < SPLIT:
        doubts.append(Reason("split_unsure", {"marks": spellings(mark)}))
    return doubts


def hidden_place(mark: Mark, seen: Seen, own: Fit, track: Track) -> int | None:
    """The place of a character that a longer mark has and that may not be seen; None where the mark explains
    the places clearly better than every longer one.
    """
    rows, sealed = [len(row) for row in seen.rows], is_sealed(mark.country, mark.series)
    filled = spaces_of(mark.text)[:1] if sealed else ()
    for at, spaces in longer_marks(mark.country, mark.compact):
        limit = MUCH_CLEARER if at not in filled and something_at(at, track) else CLEARER
        for narrow in (False, True):
            lines = lines_of(mark, at, narrow, spaces, rows)
            cost = cost_of(lines, seen, sealed).cost + NARROW_HIDDEN * narrow
            if cost - own.cost < limit:
                return at
    return None


def something_at(at: int, track: Track) -> bool:
    """Whether something that is no ground stands before character `at` (or after the last), in the median
    photo. At an end either margin counts: a sticker in one hides how lopsided the mark is.
    """
    shares = []
    for plate in track.plates:
        layout = plate.layout
        if layout is None or len(layout.middles) != len(track.text) or not layout.margins:
            continue
        if at in (0, len(layout.middles)):
            shares.append(max(layout.margins[layout.rows[-1 if at else 0]]))
        else:
            shares.append(layout.gaps[at - 1])
    return bool(shares) and median(shares) > STUFF


def lead_over_splits(mark: Mark, seen: Seen, own: Fit) -> float:
    """By how much the mark's spaces explain the places better than those of another mark's spelling."""
    if len(seen.rows) > 1:
        return float("inf")  # the break between the rows settles it
    rows, sealed = [len(row) for row in seen.rows], is_sealed(mark.country, mark.series)
    costs = [
        cost_of(lines_of(mark, None, False, spaces, rows), seen, sealed).cost + rarer
        for spaces, rarer in other_spellings(mark)
    ]
    return min(costs, default=float("inf")) - own.cost


def spellings(mark: Mark) -> list[str]:
    """The marks with these letters and digits."""
    return sorted({other.text for other in load_grammars().parse(mark.compact, mark.country)})
