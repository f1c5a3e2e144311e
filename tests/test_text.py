from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilpi.text import compact_mark, decode_text, is_vin, letters, natural_key, plain_text, visible
from kilpi.types import Mark


@pytest.mark.parametrize(
    ("written", "compact"),
    [
        ("ABC-123", "ABC123"),
        ("abc 123", "ABC123"),
        ("ÄBC-123", "ÄBC123"),
        (unicodedata.normalize("NFD", "ÄBC-123"), "ÄBC123"),
        (unicodedata.normalize("NFD", "åäö-1"), "ÅÄÖ1"),
        ("B\u00adNO\u200b 1234", "BNO1234"),  # a soft hyphen, a zero-width space
        ("AB 123\u00b2", "AB123²"),  # no separator: without it the mark would be another car's
        ("Q\u0308BC-123", "Q\u0308BC123"),  # a Q with dots is not a Q
        ("", ""),
    ],
)
def test_a_mark_is_compared_in_one_form(written: str, compact: str) -> None:
    assert compact_mark(written) == compact
    assert Mark(written).compact == compact


@given(st.text())
def test_compacting_twice_changes_nothing_and_coding_does_not_matter(text: str) -> None:
    assert compact_mark(compact_mark(text)) == compact_mark(text)
    assert compact_mark(unicodedata.normalize("NFD", text)) == compact_mark(
        unicodedata.normalize("NFC", text)
    )


def test_names_are_sorted_as_people_count() -> None:
    assert sorted(["b10", "b9", "a1", "B2", "b1"], key=natural_key) == ["a1", "b1", "B2", "b9", "b10"]
    assert sorted(["kuva².jpg", "kuva10.jpg", "kuva2.jpg"], key=natural_key)[0] == "kuva2.jpg"


@given(st.lists(st.text()))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    assert len(sorted(names, key=natural_key)) == len(names)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_files_are_read_in_the_encodings_that_people_save(encoding: str) -> None:
    assert decode_text("Hinta (€); Äänekoski\n".encode(encoding)) == "Hinta (€); Äänekoski\n"


@given(st.binary())
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decode_text(data), str)


@pytest.mark.parametrize(
    "vin", ["WVWZZZAUZJW000417", "VF1RFB00112345678", "1G1JC5444R7252367", "YV1CZ59H741012345"]
)
def test_a_chassis_number_is_one(vin: str) -> None:
    assert is_vin(vin)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 17,
        "X" * 17,
        "12345678901234567",
        "WVWZZZ00000000000",
        "ABCDEFGHJKLMNPRST",
        "V1N123456789ABCDE",
        "WVWZZZAUZJW00041",
        "WVWZZZAUZJW00041O",
        "wvwzzzauzjw000417",
    ],
)
def test_what_lists_have_in_its_place_is_none(text: str) -> None:
    assert not is_vin(text)


def test_names_are_compared_by_their_letters() -> None:
    assert letters("Mercedes-Benz") == letters("MERCEDES BENZ") == "mercedesbenz"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "mac_roman", "cp850", "cp1252"])
def test_encodings_that_nothing_names_are_told_by_their_letters(encoding: str) -> None:
    assert decode_text("käytetty;hyvä; öljyt\n".encode(encoding)) == "käytetty;hyvä; öljyt\n"


def test_quotes_and_foreign_letters_of_windows_are_not_taken_for_a_macs() -> None:
    for text in ("Škoda „hyvä”", "Škoda “auto”", "€ 15 900 – 1"):
        assert decode_text(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<b>Hieno</b> auto &amp; siisti<br>Huollettu", "Hieno auto & siisti\nHuollettu"),
        ("<p class='Mso'>Yksi</p>\r\n<p>Kaksi</p>", "Yksi\n\nKaksi"),
        ("<ul><li>Koukku<li>Navi</ul>", "Koukku\nNavi"),
        ("a&amp;amp;lt;b", "a<b"),
        ("&lt;b&gt;x&lt;/b&gt;", "x"),
        ("<style>p {}</style><script>alert(1)</script>x<!-- <b> -->y", "xy"),
        ("10 < 20 <3 a<b R&D AT&T <Merkki>", "10 < 20 <3 a<b R&D AT&T <Merkki>"),
        ("Siisti\u200b auto \u202eabc\ufeff", "Siisti auto abc"),
        ("<![CDATA[x]]>", "x"),
        ("<script>never closed", "never closed"),
    ],
)
def test_pages_become_the_words_that_a_reader_sees(page: str, words: str) -> None:
    assert plain_text(page) == words


@given(st.text())
def test_plain_text_has_nothing_invisible_and_stays_so(text: str) -> None:
    once = plain_text(text)
    assert visible(once) == once
