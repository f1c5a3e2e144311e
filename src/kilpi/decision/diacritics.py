"""Whether a letter's ring or dots may be hidden: A, where the same mark with Å or Ä is another car's.

Salt, snow or the frame's lip over the dots of an Ä leave an A that reads surely. What tells is the room: with
dots above them the characters stand lower on the plate, or the letter itself is smaller than its neighbours.
So an A is only an A where its ground is seen, is clean, and has no room for dots. And where the reader itself
sees a little of a dotted letter again and again, whatever letter it took, it may be one: an Å under dirt is
read as an X. Where all characters stand low and none has dots, snow may hide the plate's upper edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.unseen import hides_room, shows_room
from kilpi.grammar import Grammars
from kilpi.types import Ink, Mark, Plate, PlateLayout, Reason

# In plate heights, chosen on drawn plates (folders `clean`, `clean-short` and `dots` of `kilpi.evaluation.
# mishaps`, seed 0): of 94 letters without dots the tops lay at 0.15 to 0.21, of 82 with hidden ones at 0.24
# to 0.44 or under a lip.
LOWEST_TOP = {1: 0.222, 2: 0.1}  # a letter that begins lower, by rows, has room for dots above it
LOW_UPPER = 0.13  # the same of two rows where no letter has dots: 42 clean ones begin at 0.113 at most
HIGHEST_TOP = {1: 0.11, 2: 0.02}  # one that begins higher shows no ground above it
LOW = 0.09  # room above less room below from which the characters stand low
SMALL = 0.9  # of its neighbours' height: a smaller letter makes room for dots
TALL = 1.055  # of its neighbours' height: a taller letter has a rest of dots or ring on it
FAINT = 0.34  # contrasts by which what is above may differ from the ground in the photo that shows it best
# Plate heights of clear ground above a letter that say as much where a plate's border is dark: frames' lips
# that hide dots leave 0.02 or less in three of four (71 drawn), real plates, whose border is near, 0.04.
ROOM = 0.036
# Plate heights of even ground all along the characters' tops below which a frame's lip may hide dots: of 21
# plates with such a frame, as grey as they are, the most has 0.009 (recipes/LOG.md, a lip).
NO_ROOM = 0.01
CLEAN = 0.35  # contrasts by which what is above may differ from the ground, more than above its neighbours
DOTS = 0.4  # contrasts from which dots are seen
DOTTED = "ÅÄÖÜ"
SUNK = 0.1  # of its neighbours' height: a letter's top is lower by 0.08 at most (99.5 of 100 drawn ones)
# Score from which the reader sees a dotted letter as well, in half of the photos: on the folders of
# `kilpi.evaluation.mishaps` and real plates two of 952 rightly accepted marks have one (recipes/LOG.md).
GUESSED = 0.03


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one photo, in plate heights; `share` is of its neighbours' height."""

    top: float
    low: float  # room above less room below
    share: float
    above: float  # contrasts
    cleaner: float  # the same less what it is above its neighbours
    clear: float  # ground above it
    sunk: float  # of its neighbours' height: how much lower its top is than theirs
    rows: int


def doubts_of_diacritics(
    mark: Mark, plates: Sequence[Plate], grammars: Grammars, policy: DecisionPolicy
) -> list[Reason]:
    """A reason where a letter of the mark may be another one with ring or dots, or has them unseen. `plates`
    are those that read the mark and show it whole.
    """
    low = stands_low(mark, plates)
    chars = enumerate(mark.compact)
    open_letters = [char for at, char in chars if is_open(mark, at, low, plates, grammars, policy)]
    return [Reason("dots_unsure", {"letters": open_letters})] if open_letters else []


def is_open(
    mark: Mark, at: int, low: bool, plates: Sequence[Plate], grammars: Grammars, policy: DecisionPolicy
) -> bool:
    """Whether the character in place `at` may be another, dotted or not. `low`: all of them `stands_low`."""
    if may_be_dotted(mark, at, plates, grammars):
        return True
    char = mark.compact[at]
    if not char.isalpha():
        return False
    seen, roomy = letters(mark, at, plates, grammars), shows_room(at, plates, policy)
    lower = (low and not roomy) or is_sunk(char, seen)
    if lower and any(grammars.has_with(mark, at, other) for other in DOTTED):
        return True
    if not grammars.diacritic_variants(mark, at):
        return False
    if hides_room(at, plates, policy):
        return True
    if not seen:
        return low or not roomy
    return (is_under_lip(plates) and not roomy) or not settled(char, seen, roomy)


def may_be_dotted(mark: Mark, at: int, plates: Sequence[Plate], grammars: Grammars) -> bool:
    """Whether half of the photos or more give a dotted letter a little in place `at`, where another was read
    (Å under dirt is read as Ä, too), and its series has such a mark.
    """
    others = set(DOTTED) - {mark.compact[at]}
    aligned = [
        plate.reading.slots[at]
        for plate in plates
        if plate.reading and len(plate.reading.slots) == len(mark.compact)
    ]
    guesses = [[guess for guess in slot if guess.char in others] for slot in aligned]
    seen = sum(sum(guess.score for guess in dotted) >= GUESSED for dotted in guesses)
    if not seen or 2 * seen < len(guesses):
        return False
    return any(grammars.has_with(mark, at, guess.char) for dotted in guesses for guess in dotted)


def stands_low(mark: Mark, plates: Sequence[Plate]) -> bool:
    """Whether the upper or only row stands as low as under dots, and none has any: snow on the plate's upper
    edge hides them, and the tops of the letters too, so that an Ä is read as an H and an Ö as a U.
    """
    if set(mark.compact) & set(DOTTED):
        return False
    uppers = [upper for plate in plates if plate.layout and (upper := upper_inks(plate.layout))]
    rows = {max(plate.layout.rows) + 1 for plate in plates if plate.layout and plate.layout.rows}
    if not uppers or len(rows) != 1:
        return False
    top = median(median(ink.top for ink in upper) for upper in uppers)
    low = median(median(ink.top + ink.bottom for ink in upper) - 1 for upper in uppers)
    return top > LOW_UPPER if rows == {2} else top > LOWEST_TOP[1] and low >= LOW


def upper_inks(layout: PlateLayout) -> list[Ink]:
    """The inks of the upper or only row."""
    return [ink for ink, row in zip(layout.inks, layout.rows, strict=True) if ink is not None and row == 0]


def is_under_lip(plates: Sequence[Plate]) -> bool:
    """Whether something lies all along the characters' tops, a frame's lip or snow, in the median photo."""
    rooms = [plate.layout.room for plate in plates if plate.layout and plate.layout.room is not None]
    return bool(rooms) and median(rooms) < NO_ROOM


def is_sunk(char: str, seen: Sequence[Letter]) -> bool:
    """Whether a letter's top is lower than its neighbours': snow over an Ä leaves an H that is too short."""
    if char in DOTTED or not seen or seen[0].rows != 1:
        return False
    return median(letter.sunk for letter in seen) > SUNK


def settled(char: str, seen: Sequence[Letter], roomy: bool) -> bool:
    """Whether the photos show that a letter is what it was read as. `roomy`: nothing hides what is above it,
    so that dim ground there is no lip, and a mark set low on its plate no doubt; what looks like dots, or
    where they would stand, is one all the same. `seen` must not be empty.
    """
    dotted = char in DOTTED
    if dotted and median(letter.above for letter in seen) >= DOTS:
        return True
    rows = seen[0].rows
    top, low = median(letter.top for letter in seen), median(letter.low for letter in seen)
    share = median(letter.share for letter in seen)
    fills = share >= SMALL and (dotted or share <= TALL)
    placed = HIGHEST_TOP[rows] <= top <= LOWEST_TOP[rows] and (low < LOW or rows == 2 or roomy)
    # In the upper of two rows letters without dots reach so high that nothing is to be seen above them.
    best = min(seen, key=lambda letter: letter.above)
    ground = best.above < FAINT or median(letter.clear for letter in seen) >= ROOM
    clean = dotted or rows == 2 or (best.cleaner < (DOTS if roomy else CLEAN) and (ground or roomy))
    return fills and placed and clean


def letters(mark: Mark, at: int, plates: Sequence[Plate], grammars: Grammars) -> list[Letter]:
    """The letter in place `at` in every photo that shows its ink and that of two neighbours in its row."""
    found = []
    for plate in plates:
        layout = plate.layout
        if layout is None or (ink := layout.inks[at]) is None:
            continue
        others = neighbours(mark, at, layout, grammars)
        if len(others) < 2:
            continue
        tall = median(other.bottom - other.top for other, _ in others)
        usual = median(above for _, above in others)
        above = layout.above[at]
        share, low = (ink.bottom - ink.top) / max(tall, 1e-6), ink.top - (1 - ink.bottom)
        clear = layout.clear[at] if layout.clear else 0.0  # kept records of earlier versions have none
        sunk = (ink.top - median(other.top for other, _ in others)) / max(tall, 1e-6)
        rows = max(layout.rows) + 1
        found.append(Letter(ink.top, low, share, above, above - usual, clear, sunk, rows))
    return found


def neighbours(mark: Mark, at: int, layout: PlateLayout, grammars: Grammars) -> list[tuple[Ink, float]]:
    """The ink of the row's other characters, and what is above them; letters that may have dots left out
    where others are enough.
    """
    others = [i for i in range(len(layout.inks)) if i != at and layout.rows[i] == layout.rows[at]]
    sure = [i for i in others if not grammars.diacritic_variants(mark, i)]
    found = [(ink, layout.above[i]) for i in sure if (ink := layout.inks[i]) is not None]
    if len(found) >= 2 or max(layout.rows) == 0:
        return found
    # In the upper of two rows letters stand alone: the lower row's figures are as tall.
    lower = [i for i in range(len(layout.inks)) if layout.rows[i] != layout.rows[at]]
    return found + [(ink, 0.0) for i in lower if (ink := layout.inks[i]) is not None]
