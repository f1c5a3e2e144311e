"""Whether what was found in a picture can be read as a registration mark: what must not be published."""

from __future__ import annotations

import re
from dataclasses import replace

from kilpi.geometry import quad_size
from kilpi.grammar import ANY, Grammars
from kilpi.types import Quad, Reading

# Chosen on the finds of a search at 0.2 in dev-dealer, dev-odometer, dev-market and dev-parking: of 265 real
# plates these numbers pass all but 3, which nobody can read; of 251 dealer's photos without a plate 6 have a
# find that passes, where counting three characters above 0.4 has 78 (recipes/LOG.md, covers).
FEWEST, SEEN = 3, 0.4  # characters, each with at least this score: fewer are no mark
CLEAR, FOUND = 0.45, 0.5  # weakest character and detector's score of what no country's looks vouch for
# Detector's score and mean character together, of what looks like a country's mark, and of what does not. Of
# 487 real plates in those sets two have less than the first, 20 and 48 pixels wide, which nobody reads; of
# nine finds in dev-dealer's pictures without a plate, seen closely at any angle, five have less. The second
# leaves one out of four.
TOGETHER, TOGETHER_UNKNOWN = 1.05, 1.2
SLACK = 0.2  # by which a single look may say less
WORD = re.compile(r"[^\W\d]{6}")  # letters in a row are a name where no country's looks say otherwise
SURE = 0.75  # mean character of what looks like no country's and may be a mark all the same on a car's inside
STRANGE = 0.5  # score from which it looks like no country's
# What is read as letters and digits so clearly, or looks so surely like one country's, the detector may have
# seen by so much less. Of 545 finds in pictures of dev-dealer and dev-odometer without a plate none is read
# as a mark by either; of dev-press's plates, turned, three are.
CLEARLY, SURELY = 0.9, 0.9
CLEARLY_LESS, SURELY_LESS = 0.1, 0.2
PART = 4  # characters: so short a text may be a part of a mark, whatever it is made of
# What reads so clearly as a country's mark is one, though the detector saw no plate there. Chosen on seven
# photos of dev-market and 23 of dev-dealer where halves are looked for: what is a plate reads with 0.87 at
# least, and what is none with 0.46 at most (recipes/LOG.md, plates behind lamps).
CLEAR_ALONE, FEWEST_ALONE = 0.8, 5
CLEARER_BY_LOOKS = 0.2  # by which a single look may say less of it
SHAPES = (1.0, 10.0)  # width over height of anything that a plate can look like


def worth_reading(reading: Reading, score: float) -> bool:
    """Whether a single look leaves room for a mark, as `reads_as_mark` may find it with several."""
    return len(reading.slots) >= FEWEST and score + clarity(reading) >= TOGETHER - SLACK


def worth_reading_clearly(reading: Reading) -> bool:
    """Whether a single look leaves room for a mark, as `reads_clearly` may find it with several: of 89 such
    marks in turned pictures each is of letters and digits at the first look, and as clear.
    """
    return (
        len(reading.slots) >= PART
        and is_mixed(reading)
        and clarity(reading) >= CLEAR_ALONE - CLEARER_BY_LOOKS
    )


def clarity(reading: Reading) -> float:
    """How surely a plate was read, the mean of its characters' scores: more the right way round."""
    return sum(slot[0].score for slot in reading.slots) / max(len(reading.slots), 1)


def reads_as_mark(reading: Reading, score: float, quad: Quad, grammars: Grammars | None = None) -> bool:
    """Whether a find may be a readable mark: `reading` is the reader's, `score` the detector's.

    A mark has letters and digits; where it is of letters or digits alone, a grammar of the country that it
    looks like must know such marks. Words on a wheel, a display or a sign are none.
    """
    if sum(slot[0].score >= SEEN for slot in reading.slots) < FEWEST:
        return False
    width, height = quad_size(quad)
    if not SHAPES[0] <= width / max(height, 1e-6) <= SHAPES[1]:
        return False
    text, mixed = reading.text, is_mixed(reading)
    country = reading.countries[0].code if reading.countries else reading.country
    known = country != ANY  # a reader that tells no country speaks against none
    together = score + clarity(reading)
    if known and mixed:
        return together >= TOGETHER
    if min(slot[0].score for slot in reading.slots) <= CLEAR or score <= FOUND:
        return False
    if not known and (together < TOGETHER_UNKNOWN or WORD.search(text)):
        return False
    if mixed or len(text) <= PART:
        return True
    return known and (grammars is None or bool(grammars.parse(text, country)))


def without_weak_end(reading: Reading) -> Reading:
    """The reading without the weaker of its end characters, where enough are left: a W that an edge or a
    cover cuts says nothing of the mark behind it.
    """
    if len(reading.slots) <= PART + 1:
        return reading
    first, last = reading.slots[0][0].score, reading.slots[-1][0].score
    return replace(reading, slots=reading.slots[1:] if first < last else reading.slots[:-1], places=())


def vouched_for(reading: Reading) -> float:
    """What a finished picture's find gains on the detector's score by how it reads."""
    if not is_mixed(reading):
        return 0.0
    if reading.countries and looks_like_a_countrys(reading) and reading.countries[0].score >= SURELY:
        return SURELY_LESS
    return CLEARLY_LESS if clarity(reading) >= CLEARLY else 0.0


def reads_clearly(reading: Reading, less: float = 0.0, fewest: int = FEWEST_ALONE) -> bool:
    """Whether it is a country's mark, of letters and digits, whatever the detector says; `less` surely than
    is asked for, of `fewest` characters or more.
    """
    if len(reading.slots) < fewest or not is_mixed(reading):
        return False
    return looks_like_a_countrys(reading) and clarity(reading) >= CLEAR_ALONE - less


def is_writing(reading: Reading) -> bool:
    """Whether what may be a mark elsewhere is writing inside a car: a name on a sill, digits on
    a display. It looks like no country's, and is of letters or of digits alone, short, or dimly read.
    """
    if not is_strange(reading):
        return False
    return not is_mixed(reading) or len(reading.text) < PART or clarity(reading) < SURE


def is_mixed(reading: Reading) -> bool:
    """Whether it is of letters and digits, as a mark is: a mileage is of digits, a word of letters."""
    return any(map(str.isdigit, reading.text)) and any(map(str.isalpha, reading.text))


def looks_like_a_countrys(reading: Reading) -> bool:
    """Whether it looks most like a country's that is known; a reader that tells none speaks against none."""
    return not reading.countries or reading.countries[0].code != ANY


def is_strange(reading: Reading) -> bool:
    """Whether it surely looks like no country's that is known."""
    return not looks_like_a_countrys(reading) and reading.countries[0].score >= STRANGE
