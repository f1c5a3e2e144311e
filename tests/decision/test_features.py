"""Evidence becomes tokens: sure and doubtful reads look different, and a card brings the same tokens back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.drawn_cars import drawn_plate

from kilpi.decision.features import (
    CHARACTER_NUMBERS,
    CONTEXT,
    LENGTH,
    WIDTH,
    Evidence,
    Tokeniser,
    character_features,
    weigh,
)
from kilpi.decision.tracks import Track, find_tracks
from kilpi.grammar import load_grammars
from kilpi.plates.reader import KEPT
from kilpi.types import Box, Guess, Mark, Plate

EDGES = dict.fromkeys(CONTEXT, (1.5, 2.5)) | dict.fromkeys(CHARACTER_NUMBERS, (0.5, 0.9, 0.99))
TOKENISER = Tokeniser("ABC123", ("FI", "SE"), ("FI/ordinary",), EDGES)


def track(*plates: Plate) -> Track:
    return find_tracks(plates, load_grammars())[0]


def evidence(clear: float = 1.0, photos: int = 2) -> Evidence:
    rng = np.random.default_rng(1)
    found = weigh(track(*(drawn_plate(str(i), "ABC123", rng, clear) for i in range(photos))), load_grammars())
    assert found is not None
    return found


def test_evidence_counts_photos_and_weighs_characters() -> None:
    sure = evidence()
    assert sure.mark.compact == "ABC123" and sure.numbers["photos"] == sure.numbers["agree"] == 2
    assert all(one.worst <= one.score <= 1 and one.lead > 0 for one in sure.characters)
    assert [one.char for one in sure.characters] == list("ABC123")


def test_doubtful_photos_weigh_less() -> None:
    assert min(s.lead for s in evidence(0.3).characters) < min(s.lead for s in evidence(1.0).characters)


def test_what_is_drawn_alike_and_cannot_stand_there_counts_as_the_character() -> None:
    slot = {"O": 0.6, "0": 0.35, "D": 0.05}
    column = [tuple(Guess(char, score) for char, score in slot.items())]
    settled, open_ = character_features("O0", slot, column), character_features("O", slot, column)
    assert settled.char == open_.char == "O"
    assert settled.score == settled.worst == pytest.approx(0.95) and open_.score == pytest.approx(0.6)
    assert settled.lead == pytest.approx(np.log(0.95 / 0.05), abs=1e-3) and open_.lead < 1


def test_one_blurred_photo_takes_nothing_from_the_two_best() -> None:
    said = [0.99, 0.98, 0.4]
    found = character_features("A", {"A": 1.0}, [(Guess("A", score),) for score in said])
    assert found.best == pytest.approx((0.99 * 0.98) ** 0.5)
    assert found.score == pytest.approx(np.prod(said) ** (1 / 3)) and found.worst == 0.4
    assert character_features("A", {"A": 0.7}, [(Guess("A", 0.7),)]).best == pytest.approx(0.7)


def test_the_weakest_character_and_what_was_left_out_are_told() -> None:
    found = evidence(0.5)
    assert found.numbers["weakest"] == min(one.best for one in found.characters) < 0.99
    plate = drawn_plate("a", "ABC123", np.random.default_rng(0))
    assert plate.reading is not None
    longer = replace(plate, reading=replace(plate.reading, left_out=0.4))
    one, two = (
        weigh(track(*plates), load_grammars())
        for plates in ((longer,), (longer, replace(plate, photo_id="b")))
    )
    assert one is not None and one.numbers["left_out"] == 0.4
    assert two is not None and two.numbers["left_out"] == 0.2


def test_a_plate_known_to_be_the_cars_own_counts_as_no_less_prominent() -> None:
    small = track(drawn_plate("a", "ABC123", np.random.default_rng(0), box=Box(20, 500, 180, 540)))
    plain, tied, large = (weigh(small, load_grammars(), least) for least in (0.0, 0.12, 0.01))
    assert plain is not None and tied is not None and large is not None
    assert plain.numbers["prominence"] == large.numbers["prominence"] == pytest.approx(0.074, abs=0.01)
    assert tied.numbers == dict(plain.numbers) | {"prominence": 0.12}


def test_a_track_without_candidates_has_no_evidence() -> None:
    one = track(drawn_plate("a", "ABC123", np.random.default_rng(0)))
    assert weigh(Track(one.plates, one.reading, (), one.columns), load_grammars()) is None


def test_tokens_have_their_fields_and_empty_places_first() -> None:
    tokens = TOKENISER.encode([evidence()])
    assert tokens.shape == (1, LENGTH, WIDTH) and tokens.dtype == np.int64
    empty = LENGTH - 2 - len(CONTEXT) - 6
    assert not tokens[0, :empty].any() and tokens[0, empty:, 0].all()
    assert 0 < tokens.max() < TOKENISER.size
    starts = TOKENISER.starts
    assert tokens[0, empty, 0] == starts["country"] + 1 and tokens[0, empty + 1, 0] == starts["series"] + 1


def test_no_two_fields_share_a_token() -> None:
    starts = TOKENISER.starts
    assert list(starts.values()) == sorted(set(starts.values()))
    assert all(0 < first < end <= TOKENISER.size for first, end in TOKENISER.ladders())


@pytest.mark.parametrize(("value", "place"), [(None, 0), (0.1, 1), (0.5, 2), (0.95, 3), (1.0, 4)])
def test_bins(value: float | None, place: int) -> None:
    assert TOKENISER.bin("score", value) == place


def test_unknown_names_are_unknown_tokens() -> None:
    sure = evidence()
    foreign = Evidence(Mark("ABC123", "NO", None), sure.characters, sure.numbers)
    tokens = TOKENISER.encode([foreign])[0]
    used = tokens[tokens[:, 0] > 0]
    assert used[0, 0] == TOKENISER.starts["country"] and used[1, 0] == TOKENISER.starts["series"]


def test_a_card_brings_the_tokeniser_back() -> None:
    again = Tokeniser.from_state(TOKENISER.state())
    assert np.array_equal(again.encode([evidence(0.5)]), TOKENISER.encode([evidence(0.5)]))
    with pytest.raises(KeyError):
        Tokeniser.from_state({"alphabet": "ABC"})


def test_a_long_mark_is_cut() -> None:
    sure = evidence()
    long = Evidence(Mark("A" * 12), tuple(sure.characters) * 2, sure.numbers)
    assert TOKENISER.encode([long])[0, 0, 0] > 0
    assert KEPT >= 2  # a lead needs a second guess
