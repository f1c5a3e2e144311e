"""What speaks against a mark by its plate's layout: a part may be hidden, cut off, or split elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kilpi.decision.covered import cell_of, doubts_of_covers, doubts_of_feet, gap_at, margin_at
from kilpi.decision.diacritics import doubts_of_diacritics
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.spacing import (
    NARROW_HIDDEN,
    Fit,
    Seen,
    is_sealed,
    laid_out,
    longer_marks,
    other_spellings,
    prior_of,
    rarer,
    seen_places,
    shows_whole,
    spaces_of,
)
from kilpi.decision.tracks import Track, text_of
from kilpi.decision.unseen import doubts_of_unseen
from kilpi.grammar import Grammars
from kilpi.types import Mark, Plate, PlateLayout, Reason

MOST_LOST = 2  # characters that a shorter reading may have lost


def doubts_of_layout(track: Track, grammars: Grammars, policy: DecisionPolicy) -> list[Reason]:
    """All of it for one plate over its photos; nothing where no photo was measured."""
    mark = track.candidates[0].mark if track.candidates else None
    if mark is None or not any(plate.layout for plate in track.plates):
        return []
    longer = doubts_of_longer(mark, track.plates, policy)
    seen = seen_places(mark, track.plates, policy.at_edge)
    if seen is None:
        return [*longer, Reason("cut_off", {"photos": len(track.plates)})]
    whole = [plate for plate in track.plates if shows_whole(plate, mark, policy.at_edge)]
    layouts = tuple(plate.layout for plate in whole if plate.layout)
    doubts = Places(mark, seen, track, grammars, policy, layouts).doubts()
    if not any(doubt.code == "maybe_hidden" for doubt in doubts):  # its place is a gap as well
        doubts += doubts_of_covers(mark, whole, policy) or doubts_of_unseen(whole, policy)
    dots = doubts_of_diacritics(mark, whole, grammars, policy)
    return [*longer, *doubts, *doubts_of_feet(whole, policy), *dots]


def doubts_of_longer(mark: Mark, plates: Sequence[Plate], policy: DecisionPolicy) -> list[Reason]:
    """Where any photo reads a longer mark that holds this one, no majority makes the shorter one right."""
    longer = [plate for plate in plates if is_longer(mark, plate, policy.longer)]
    return [Reason("longer_elsewhere", {"photos": len(longer)})] if longer else []


def is_longer(mark: Mark, plate: Plate, least: float) -> bool:
    """Whether a photo's plate reads as the mark with one or two characters more, and is a country's."""
    text = text_of(plate)
    if not 0 < len(text) - len(mark.compact) <= MOST_LOST or not contains(text, mark.compact):
        return False
    sure = plate.reading is not None and plate.reading.score >= least
    return sure and bool(plate.candidates) and plate.candidates[0].mark.series is not None


def contains(longer: str, shorter: str) -> bool:
    """Whether the shorter text's characters stand in the longer one in their order."""
    rest = iter(longer)
    return all(char in rest for char in shorter)


@dataclass(frozen=True)
class Places:
    """Where a mark's characters stand, with all that is needed to weigh it."""

    mark: Mark
    seen: Seen
    track: Track
    grammars: Grammars
    policy: DecisionPolicy
    whole: tuple[PlateLayout, ...] = ()  # of the photos that read the mark and show the plate whole

    def doubts(self) -> list[Reason]:
        """One character may be hidden, the mark may be split elsewhere, or the places fit no layout."""
        own = self.fit(spaces_of(self.mark.text))
        doubts = []
        most = self.policy.odd if self.seen.photos > 1 else self.policy.odd_alone
        if (hidden := self.hidden(own)) is not None:
            doubts.append(Reason("maybe_hidden", {"place": hidden + 1}))
        elif own.worst > most:
            doubts.append(Reason("spacing_odd", {"away": round(own.worst, 2), "most": most}))
        if self.lead_over_splits(own) < self.policy.split:
            marks = {other.text for other in self.grammars.parse(self.mark.compact, self.mark.country)}
            doubts.append(Reason("split_unsure", {"marks": sorted(marks)}))
        return doubts

    def fit(self, spaces: tuple[int, ...], hidden: int | None = None, narrow: bool = False) -> Fit:
        """The mark laid out with these spaces, and perhaps with a character that is not seen."""
        return laid_out(self.mark, self.seen, self.grammars, spaces, hidden, narrow)

    @property
    def sealed(self) -> bool:
        """Whether seals or a sticker stand in the first space."""
        return is_sealed(self.grammars, self.mark.country, self.mark.series)

    def hidden(self, own: Fit) -> int | None:
        """The place of a character that a longer mark has and that may not be seen; None where the mark
        explains the places clearly better than every longer one, and more so the rarer its own series is.
        """
        own_prior = prior_of(self.grammars, self.mark)
        filled = spaces_of(self.mark.text)[:1] if self.sealed else ()
        for at, spaces, prior in longer_marks(self.grammars, self.mark.country, self.mark.compact):
            if self.no_room_at(at):
                continue
            if self.ends_early(at) or self.goes_on(at):
                return at
            beside = at not in filled and self.something_at(at)
            limit = self.policy.clearer_beside if beside else self.policy.clearer
            limit += rarer(own_prior, prior) + self.policy.vague * self.is_vague_at(at)
            for narrow in (False, True):
                cost = self.fit(spaces, at, narrow).cost + NARROW_HIDDEN * narrow
                if cost - own.cost < limit:
                    return at
        return None

    def ends_early(self, at: int) -> bool:
        """Whether character `at` would stand at the end of a row whose ground ends before the plate does, in
        the median photo: a bar at its end.
        """
        ends = [
            photo.grounds[photo.rows[at - 1]][1]
            for photo in self.whole
            if at and (at == len(photo.rows) or photo.rows[at] != photo.rows[at - 1])
        ]
        return bool(ends) and median(ends) < self.policy.ground_end

    def goes_on(self, at: int) -> bool:
        """Whether the plate may go on behind something at this end: a post, a fender or a bank of snow leaves
        no margin there, and cells too large for the ground that is seen.
        """
        seen = [photo for photo in self.whole if len(photo.grounds) == 1]
        rooms = [room for photo in seen if (room := margin_at(photo, at)) is not None]
        cells = [cell for photo in seen if (cell := cell_of(photo, spaces_of(self.mark.text))) is not None]
        if not rooms or not cells:
            return False
        return median(rooms) < self.policy.no_margin and median(cells) > self.policy.large_cells

    def no_room_at(self, at: int) -> bool:
        """Whether the inks before and after a place are too close for any character, in the median photo."""
        gaps = [gap for photo in self.whole if (gap := gap_at(photo, at)) is not None]
        return bool(gaps) and median(gaps) < self.policy.no_room

    def something_at(self, at: int) -> bool:
        """Whether something that is no ground stands before character `at` (or after the last), in the median
        photo. At an end either margin counts: a sticker in one hides how lopsided the mark is. Where a row
        ends, its right margin counts and the next one's left.
        """
        shares = []
        for plate in self.track.plates:
            layout = plate.layout
            if layout is None or len(layout.middles) != len(self.mark.compact) or not layout.margins:
                continue
            if at in (0, len(layout.middles)):
                shares.append(max(layout.margins[layout.rows[-1 if at else 0]]))
            elif (row := layout.rows[at - 1]) != (after := layout.rows[at]):
                shares.append(max(layout.margins[row][1], layout.margins[after][0]))
            else:
                shares.append(layout.gaps[at - 1])
        return bool(shares) and median(shares) > self.policy.stuff

    def is_vague_at(self, at: int) -> bool:
        """Whether places say less of place `at`: two rows are set less exactly than one, and what lies over a
        character beside it in any photo may reach so far.
        """
        if len(self.seen.rows) > 1:
            return True
        seen = [photo.hidden.ink for photo in self.whole if photo.hidden]
        beside = [ink[i] for ink in seen for i in (at - 1, at) if 0 <= i < len(ink)]
        return max(beside, default=0.0) >= self.policy.unseen

    def lead_over_splits(self, own: Fit) -> float:
        """By how much the mark's spaces explain the places better than those of another mark's spelling."""
        if len(self.seen.rows) > 1:
            return float("inf")  # the break between the rows settles it
        others = other_spellings(self.grammars, self.mark)
        return min((self.fit(spaces).cost + more for spaces, more in others), default=float("inf")) - own.cost
