"""A mark or VIN is found however it is spelled, and ordinary text is taken for neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilpi.disclosure import all_texts, mentions, mentions_vin, quoted, redacted
from kilpi.types import Fact, Mark

MARK = Mark("KLT-482", "FI")
VIN = "WVWZZZAUZJW000417"


@pytest.mark.parametrize(
    "written",
    [
        "K L T - 4 8 2",
        "KLT482",
        "klt_482",
        "K.L.T 482",
        "K-L-T-4-8-2",
        "KLT 4.8.2",
        "KLT\n\n482",
        "(KLT)(482)",
        "КЛТ-482",  # Cyrillic letters of the same shape or sound
        "ΚLΤ 482",  # Greek ones
        "ＫＬＴ－４８２",
        "𝐊𝐋𝐓𝟒𝟖𝟐",
        "🅺🅻🆃 ➍➑➋",
        "4️⃣8️⃣2️⃣: KLT 4️⃣8️⃣2️⃣",
        "K\u200bL\u00adT\u2060-48\u202e2",
        "K\u3164LT 482",
        "K̶L̶T̶-4̲8̲2̲",
        "K&#76;T&nbsp;482",
        "K<b>L</b>T-482",
        "KLT ٤٨٢",
    ],
)
def test_a_mark_is_seen_through_its_disguise(written: str) -> None:
    assert mentions(f"Hieno auto {written} myynnissä", MARK)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("XABC-1234, A BC 12 3", "ABC-123"),
        ("KLT-4821 AKLT-482 KLT-48", "KLT-482"),
        ("hinta on 5 900 €", "ON-5"),
        ("2 avainta ja 2 renkaat, km 120 000", "JA-2"),
        ("ajettu km 120 000", "KM-120"),
        ("auki 10-5 arkisin", "IO-5"),
        ("tab1, cab 12", "AB-1"),
        ("Huollettu 482 km sitten, KLT ja muut", "KLT-482"),
        ("ÄÖÅ-2", "AOA-2"),
        ("fi", "F1"),  # the advert's own language
        ("Ei ole ail", "AI-1"),
    ],
)
def test_ordinary_text_is_no_mark(text: str, mark: str) -> None:
    assert not mentions(text, Mark(mark))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Kysy JA-2", "JA-2"),
        ("ON 5", "ON-5"),
        ("BN O1234", "BN-O 1234"),
        ("äöå2", "ÄÖÅ-2"),
        ("abc 12 d", "ABC12D"),
    ],
)
def test_marks_that_look_like_words_are_still_found(text: str, mark: str) -> None:
    assert mentions(text, Mark(mark))


@pytest.mark.parametrize(
    "text",
    [
        f"VIN {VIN}.",
        VIN.lower(),
        "WVW ZZZ AUZ JW 000417",
        "W-V-W-Z-Z-Z-A-U-Z-J-W-0-0-0-4-1-7",
        "WVWZZZАUZJWOOO417",
    ],
)
def test_the_cars_vin_is_found(text: str) -> None:
    assert mentions_vin(text, VIN)


def test_any_vin_is_found_and_long_words_are_none() -> None:
    assert mentions_vin(f"alusta {VIN}")
    for text in (
        "HUOLLETTU2018KESÄLLÄ",
        "12345678901234567",
        "Puhelin 0401234567, y-tunnus 1234567-8",
        "A" * 17,
        "hp 220 ajettu 84200",
        "BMW X5 M50D AWD 14000 km",
    ):
        assert not mentions_vin(text, "12")


@pytest.mark.parametrize(
    "text",
    [VIN.lower(), "WVW ZZZ AUZ JW 000417", "wvw-zzz-auz-jw-000417", "W V W Z Z Z A U Z J W 0 0 0 4 1 7"]
    + ["1m8 gdm9 axkp 042788", "SJN FAAZE1U0 000258", "tmbjg7ne1f0000935"],
)
def test_a_vin_that_nobody_told_is_found_in_small_letters_and_with_gaps(text: str) -> None:
    assert mentions_vin(f"Alustanumero {text}. Siisti.")
    assert "417" not in redacted(text) and "0258" not in redacted(text)


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    assert mentions(text + " KLT-482", MARK) or text.endswith(("<", "&")) or "<" in text
    mentions_vin(text, VIN)


def test_values_in_messages_are_cut_and_hold_no_mark() -> None:
    assert quoted("19.900") == "'19.900'"
    assert quoted("x" * 500) == repr("x" * 59 + "…")
    assert quoted("alk. 9900, BMW X5, oli KLT-482") == "'alk. 9900, BMW X5, oli …'"
    assert quoted("km 120 ja EUR 900") == "'km 120 ja EUR 900'"
    assert "482" not in quoted("oli k l t 4 8 2", "KLT-482") and "WVW" not in quoted(VIN)


def test_every_text_of_a_structure_is_looked_at() -> None:
    assert list(all_texts({"a": [Fact("b", "c"), 1, None], "d": ("e",)})) == ["a", "d", "b", "c", "e"]
