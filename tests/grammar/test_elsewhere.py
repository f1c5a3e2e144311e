"""Marks of countries without a grammar are not bent to another country's rules."""

import pytest

from kilpi.grammar import load_grammars
from kilpi.grammar.elsewhere import load_elsewhere
from kilpi.types import CountryGuess, Guess, Reading

GRAMMARS = load_grammars()


def of_nowhere(text: str, score: float = 0.99, sure: float = 0.99) -> Reading:
    """Read on a plate of no country that the reader knows; each slot's confusable has what is left."""
    twins = {"O": "0", "0": "O", "I": "1", "1": "I"}
    slots = tuple((Guess(c, score), Guess(twins.get(c, "#"), 1 - score)) for c in text)
    return Reading(slots, "test", None, countries=(CountryGuess("XX", sure), CountryGuess("FI", 1 - sure)))


@pytest.mark.parametrize("mark", ["ABC1D23", "7ABC123", "ABC1234", "06AB123", "AB1234CD", "12345"])
def test_formats_of_other_parts_of_the_world_are_known(mark: str) -> None:
    assert load_elsewhere().fits(mark)


@pytest.mark.parametrize("mark", ["", "A", "1A2B3C4D5E", "ABCDEFGH"])
def test_what_has_none_of_the_formats_fits_none(mark: str) -> None:
    assert not load_elsewhere().fits(mark)


@pytest.mark.parametrize("part", ["american", "brazilian", "mercosur", "gulf", "british"])
def test_every_part_has_formats_of_known_signs(part: str) -> None:
    formats = load_elsewhere().parts[part]
    assert formats and all(
        set(one) <= set("LC9 ") and 1 <= len(one.replace(" ", "")) <= 10 for one in formats
    )


@pytest.mark.parametrize(
    ("read", "settled"),
    [
        ("LJBOK62", "LJB0K62"),  # Mercosur: the fourth is a digit
        ("1OS986", "10S986"),  # Nevada: the first two are
        ("TN09S74", "TNO9S74"),  # and here the third a letter
        ("VRF7I69", "VRF7I69"),  # as it was read, where that has a format
        ("GO4IT", "GO4IT"),  # no format at all
        ("8BC1234", "8BC1234"),  # nothing but 0 and O, 1 and I is settled
    ],
)
def test_confusables_are_settled_by_the_formats(read: str, settled: str) -> None:
    assert GRAMMARS.rank(of_nowhere(read, 0.9))[0].mark.compact == settled


def test_formats_of_elsewhere_settle_nothing_on_what_may_be_a_known_countrys_plate() -> None:
    """A Polish plate whose strip is hardly seen: GO 660 OH would be an Argentine one."""
    assert GRAMMARS.rank(of_nowhere("GO6600H", 0.9, sure=0.67))[0].mark.compact == "GO6600H"


def test_what_the_reader_rules_out_stays_out() -> None:
    slots = [{char: 1.0} for char in "LJBOK62"]
    assert load_elsewhere().settled("LJBOK62", slots) == "LJBOK62"


def test_a_mark_of_elsewhere_is_not_bent_to_a_known_countrys_rules() -> None:
    read = of_nowhere("TXI4723", 0.6)  # Norway has TX 14723
    best = GRAMMARS.rank(read)[0].mark
    assert best.compact == "TXI4723" and best.country is None
    at_home = Reading(read.slots, "test", "NO", countries=(CountryGuess("NO", 0.9), CountryGuess("XX", 0.1)))
    assert GRAMMARS.rank(at_home)[0].mark.text == "TX 14723"


def test_a_reader_that_is_hardly_unsure_of_the_country_changes_nothing() -> None:
    read = of_nowhere("BCI7O7", 0.7, sure=0.2)
    assert GRAMMARS.rank(read)[0].mark.text == "BCI-707"


def test_scores_sum_to_one_and_what_was_read_stays_among_them() -> None:
    ranked = GRAMMARS.rank(of_nowhere("LJBOK62", 0.9), keep=3)
    assert sum(candidate.score for candidate in ranked) == pytest.approx(1.0)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    assert "LJBOK62" in {candidate.mark.compact for candidate in ranked}
