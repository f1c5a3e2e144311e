"""Which of two marks with the same letters and digits a plate shows by its spaces: B-NO 1 or BN-O 1."""

from __future__ import annotations

from dataclasses import replace

from kilpi.decision.spacing import laid_out, seen_places, spaces_of
from kilpi.decision.tracks import Track
from kilpi.grammar import Grammars
from kilpi.types import Candidate


def settle_spelling(track: Track, grammars: Grammars, at_edge: float) -> Track:
    """The track with that mark first whose spaces explain the places best; the same where only one fits.

    Whether it explains them clearly better is asked later (`hidden.doubts_of_layout`).
    """
    mark = track.candidates[0].mark if track.candidates else None
    if mark is None or mark.country is None:
        return track
    others = [m for m in grammars.parse(mark.compact, mark.country) if m.series == mark.series]
    if len(others) < 2:
        return track
    seen = seen_places(mark, track.plates, at_edge)
    if seen is None or len(seen.rows) > 1:
        return track
    best = min(others, key=lambda other: laid_out(mark, seen, grammars, spaces_of(other.text)).cost)
    if best == mark:
        return track
    rest = [c for c in track.candidates if c.mark != best]
    return replace(track, candidates=(Candidate(best, track.candidates[0].score), *rest))
