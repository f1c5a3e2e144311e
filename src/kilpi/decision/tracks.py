"""One plate seen in several photos: which sightings belong together, and what they say as one reading.

Readings are summed, not counted: slot by slot the logarithms of the scores are added up, so that a sure
photo outweighs two doubtful ones. Slots are lined up by edit distance first, because a reading may have lost
a character or found one too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, log

from kilpi.grammar import Grammars
from kilpi.types import Candidate, CountryGuess, Guess, Mark, Plate, Reading

Slot = tuple[Guess, ...]

FLOOR = 1e-3  # least score of any character in one photo: no single photo can rule a character out
COUNTRY_FLOOR = 3e-3  # least score of a country in one photo, likewise
GAP = log(0.02)  # what leaving a slot out costs when two readings are lined up
KEPT = 5  # guesses a slot of a fused reading
NEAR = 2  # edits between two readings of one plate, at most; 1 for marks of fewer than 5 characters


@dataclass(frozen=True, slots=True)
class Track:
    """One plate over a car's photos, at most once a photo, and what it may read.

    `reading` is the fused one; `columns` are, for each of its slots, the slots of the photos that have it.
    """

    plates: tuple[Plate, ...]
    reading: Reading
    candidates: tuple[Candidate, ...]
    columns: tuple[tuple[Slot, ...], ...]

    @property
    def text(self) -> str:
        """The first candidate's characters, or the reading's where there is no candidate."""
        return self.candidates[0].mark.compact if self.candidates else self.reading.text


def find_tracks(plates: Sequence[Plate], grammars: Grammars) -> list[Track]:
    """Groups the readable plates of one car's photos and fuses each group; most photos first."""
    groups: list[list[Plate]] = []
    for plate in sorted(plates, key=lambda p: -weight(p)):
        if plate.reading is None or not plate.reading.slots:
            continue
        fitting = [g for g in groups if edits(text_of(g[0]), text_of(plate)) <= allowed(text_of(g[0]))]
        fitting.sort(key=lambda g: edits(text_of(g[0]), text_of(plate)))
        for group in fitting:
            if all(plate.photo_id != other.photo_id for other in group):
                group.append(plate)
                break
        else:
            # The same mark twice in one photo is one plate found twice; a similar one is another car's.
            if not any(text_of(g[0]) == text_of(plate) for g in fitting):
                groups.append([plate])
    tracks = [fuse_group(group, grammars) for group in groups]
    return sorted(tracks, key=lambda t: -len(t.plates))


def weight(plate: Plate) -> float:
    """How much a sighting is worth as the first of its group: sure, and large."""
    score = plate.reading.score if plate.reading else 0.0
    return score * min(1.0, size_of(plate)[1] / 20)


def size_of(plate: Plate) -> tuple[float, float]:
    """Width and height in native pixels, as `geometry.quad_size` without arrays: a car asks this often."""
    tl, tr, br, bl = plate.sighting.quad
    width = hypot(tr.x - tl.x, tr.y - tl.y) + hypot(br.x - bl.x, br.y - bl.y)
    height = hypot(bl.x - tl.x, bl.y - tl.y) + hypot(br.x - tr.x, br.y - tr.y)
    return width / 2, height / 2


def says(plate: Plate, mark: Mark) -> bool:
    """Whether a plate's first candidate has the mark's letters and digits."""
    return bool(plate.candidates) and plate.candidates[0].mark.compact == mark.compact


def showing(plates: Sequence[Plate], mark: Mark) -> list[Plate]:
    """The plates that say a mark. Where none does, of each photo the largest that may be it all the same:
    misread, or not read at all.
    """
    if saying := [plate for plate in plates if says(plate, mark)]:
        return saying
    largest: dict[str, Plate] = {}
    for plate in sorted(plates, key=lambda plate: size_of(plate)[0]):
        if not text_of(plate) or may_be_misread(text_of(plate), mark.compact):
            largest[plate.photo_id] = plate
    return list(largest.values())


def text_of(plate: Plate) -> str:
    """A plate's characters: its first candidate's, else as read."""
    if plate.candidates:
        return plate.candidates[0].mark.compact
    return plate.reading.text if plate.reading else ""


def allowed(text: str) -> int:
    """How many edits may lie between two readings of one plate."""
    return NEAR if len(text) >= 5 else 1


def may_be_misread(read: str, mark: str) -> bool:
    """Whether what was read may be this mark after all, letters and digits alone."""
    return edits(read, mark) <= NEAR


def edits(a: str, b: str) -> int:
    """`edit_distance`; 99 where the lengths alone forbid a match."""
    if a == b:
        return 0
    return 99 if abs(len(a) - len(b)) > NEAR else edit_distance(a, b)


def edit_distance(a: str, b: str) -> int:
    """Levenshtein (1966): insertions, deletions and substitutions, one each."""
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        left_above, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            left_above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left_above + (ca != cb))
    return row[-1]


def fuse_group(group: Sequence[Plate], grammars: Grammars) -> Track:
    """One group's fused reading, ranked by the grammars."""
    fused, columns = fuse([plate.reading for plate in group if plate.reading])
    known = group[0].candidates if len(group) == 1 else ()
    return Track(tuple(group), fused, known or grammars.rank(fused), columns)


def fuse(readings: Sequence[Reading]) -> tuple[Reading, tuple[tuple[Slot, ...], ...]]:
    """Several readings of one plate -> one, and the photos' slots below each of its own.

    Its length is the one that the readings back most. The scores are those of independent photos, which
    photos of one plate are not: a verifier has still to judge them. Raises ValueError without a reading.
    """
    if not readings:
        raise ValueError("no reading to fuse")
    base = best_length(readings)
    lines = [line_up(base, reading) for reading in readings]
    columns = tuple(tuple(slot for slot in column if slot is not None) for column in zip(*lines, strict=True))
    if len(readings) == 1:
        return base, columns
    votes: dict[str | None, float] = {}
    for reading in readings:
        votes[reading.country] = votes.get(reading.country, 0.0) + reading.score
    country = max(votes, key=lambda c: votes[c])
    countries = fuse_countries(readings)
    alike = [reading.left_out for reading in readings if len(reading.slots) == len(base.slots)]
    left_out = sum(alike) / len(alike)
    slots = tuple(map(fuse_slots, columns))
    return Reading(slots, base.reader, country, base.rows, left_out, countries), columns


def fuse_countries(readings: Sequence[Reading]) -> tuple[CountryGuess, ...]:
    """What the looks in several photos say of the country: the sum of their log-scores, rescaled to 1."""
    seen = [dict(reading.countries) for reading in readings if reading.countries]
    codes = {code for scores in seen for code in scores}
    sums = {code: sum(log(max(s.get(code, 0.0), COUNTRY_FLOOR)) for s in seen) for code in codes}
    top = max(sums.values(), default=0.0)
    weights = {code: exp(total - top) for code, total in sums.items()}
    whole = sum(weights.values())
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return tuple(CountryGuess(code, weight / whole) for code, weight in ordered)


def best_length(readings: Sequence[Reading]) -> Reading:
    """The surest of the readings whose number of characters has most backing."""
    backing: dict[int, float] = {}
    for reading in readings:
        backing[len(reading.slots)] = backing.get(len(reading.slots), 0.0) + reading.score
    length = max(backing, key=lambda n: backing[n])
    return max((r for r in readings if len(r.slots) == length), key=lambda r: r.score)


def fuse_slots(slots: Sequence[Slot]) -> Slot:
    """One slot as several photos show it -> its characters by the sum of their log-scores, rescaled to 1."""
    if len(slots) == 1:
        return slots[0]
    sums: dict[str, float] = {guess.char: 0.0 for slot in slots for guess in slot}
    for slot in slots:
        seen = {guess.char: guess.score for guess in slot}
        for char in sums:
            sums[char] += log(max(seen.get(char, 0.0), FLOOR))
    best = sorted(sums.items(), key=lambda item: -item[1])
    top = best[0][1]
    scores = [(char, exp(total - top)) for char, total in best]
    whole = sum(score for _, score in scores)
    return tuple(Guess(char, score / whole) for char, score in scores[:KEPT])


def line_up(base: Reading, other: Reading) -> list[Slot | None]:
    """For every slot of `base` the slot of `other` that shows the same character; None where none does.

    Needleman and Wunsch (1970) with the overlap of two slots' scores as their likeness.
    """
    if base.text == other.text:
        return list(other.slots)
    rows, columns = len(base.slots), len(other.slots)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(1, rows + 1):
        best[i][0] = i * GAP
    for j in range(1, columns + 1):
        best[0][j] = j * GAP
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            same = best[i - 1][j - 1] + likeness(base.slots[i - 1], other.slots[j - 1])
            best[i][j] = max(same, best[i - 1][j] + GAP, best[i][j - 1] + GAP)
    found: list[Slot | None] = [None] * rows
    i, j = rows, columns
    while i and j:
        if best[i][j] == best[i - 1][j] + GAP:
            i -= 1
        elif best[i][j] == best[i][j - 1] + GAP:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found[i] = other.slots[j]
    return found


def likeness(a: Slot, b: Slot) -> float:
    """Logarithm of the chance that two slots show one character."""
    other = {guess.char: guess.score for guess in b}
    shared = sum(guess.score * other.get(guess.char, 0.0) for guess in a)
    return log(max(shared, FLOOR))
