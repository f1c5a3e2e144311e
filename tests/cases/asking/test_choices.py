"""Which marks a person can choose from by one key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kilpi.cases.asking.choices import choices_of
from kilpi.cases.case import Case, State
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.types import Box, Guess, Mark, Plate, Reading, Reason, Record, Sighting

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CASE = Case("id", "", "car", "car", "", 1, NOW, NOW, State.REVIEW)
RECORD = Record(
    "car", "id", "review", "review", None, None, None, None, None, "", None, None, 0, (), (), (), (), (), {}
)


def plate(text: str, photo: str = "a", score: float = 0.95) -> Plate:
    reading = Reading(tuple((Guess(char, score),) for char in text), "fake")
    seen = Sighting(quad_from_box(Box(300, 400, 500, 450)), 0.9)
    return Plate(photo, seen, reading, load_grammars().rank(reading), (1000, 750), 0.5)


def choices(*plates: Plate, case: Case = CASE, views: dict[str, str] | None = None) -> list[str]:
    found = choices_of(RECORD, case, plates, views or {}, load_grammars())
    return [mark.text for mark in found]


def test_what_a_display_says_is_no_choice() -> None:
    found = choices(plate("NVE390", "a"), plate("PUHELIN", "b"), views={"b": "cockpit"})
    assert found[0] == "NVE-390" and not [text for text in found if "HELIN" in text]


def test_letters_alone_in_one_photo_are_lettering_wherever_they_are() -> None:
    assert not [text for text in choices(plate("NVE390"), plate("MALLI", "b")) if "MALLI" in text]


def test_a_personal_mark_in_two_photos_or_decided_is_a_choice() -> None:
    assert "MALLI" in choices(plate("MALLI", "a"), plate("MALLI", "b"))
    said = replace(CASE, mark=Mark("MALLI", "SE"), p=0.9)
    assert "MALLI" in choices(plate("MALLI", "a"), case=said)


def test_a_trade_plate_is_no_choice_nor_what_else_it_might_read() -> None:
    case = replace(CASE, mark=Mark("KOE 1207", "FI"), p=0.99, reasons=(Reason("trade_plate"),))
    found = choices(plate("KOE1207", "a"), plate("NVE390", "b"), case=case)
    assert found and not [text for text in found if "KO" in text]


def test_a_show_plates_word_is_no_choice() -> None:
    case = replace(CASE, mark=Mark("KIA-1", "FI"), p=0.99, reasons=(Reason("show_plate"),))
    assert choices(plate("KIA1"), case=case) == []


def test_a_guess_is_no_choice_and_is_not_shown() -> None:
    guess = replace(CASE, mark=Mark("AG-101-AL", "FR"), p=0.003)
    assert guess.likely_mark is None
    assert choices(plate("AG101AL", score=0.2), case=guess) == []
    sure = replace(guess, p=0.9)
    assert sure.likely_mark is not None
    assert replace(sure, reasons=(Reason("trade_plate"),)).likely_mark is None
    assert "AG-101-AL" in choices(plate("AG101AL", score=0.2), case=sure), "it was decided"


def test_a_sure_reading_of_an_unlikely_mark_is_no_choice_either() -> None:
    """A dealer's lettering in two photos that a country's personal plates allow."""
    guess = replace(CASE, mark=Mark("VZCARS", "SE"), p=0.0067)
    assert choices(plate("VZCARS", "a"), plate("VZCARS", "b"), case=guess) == []
    assert choices(plate("VZCARS", "a"), plate("NVE390", "b"), case=guess)[0] == "NVE-390"


def test_where_a_person_said_that_no_plate_is_there_none_is_offered() -> None:
    for code in ("answered_no_plate", "answered_vin"):
        said = replace(CASE, state=State.DRAFT, reasons=(Reason(code),))
        assert choices(plate("VZCARS", "a"), plate("VZCARS", "b"), case=said) == []


def test_rings_and_dots_stay_a_choice_below_the_floor_of_the_others() -> None:
    slots = (Guess("Ö", 0.99), Guess("Ä", 0.004)), (Guess("Å", 0.99), Guess("A", 0.005)), (Guess("7", 0.99),)
    reading = Reading(slots, "fake", "FI")
    one = replace(plate("ÖÅ7"), reading=reading, candidates=load_grammars().rank(reading))
    found = choices(one)
    assert found[0] == "ÖÅ-7" and "ÖA-7" in found and "ÄÅ-7" not in found


def test_every_choice_is_a_mark_of_its_country() -> None:
    grammars = load_grammars()
    for mark in choices_of(RECORD, CASE, [plate("NVE39O"), plate("AU1O1", "b")], {}, grammars):
        assert grammars.parse(mark.text, mark.country)
