from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilpi.errors import LabelError
from kilpi.publishing.colours import BLACK, DARK, LEAST, LIGHT, WHITE, contrast, ink_on, palette, readable

COLOUR = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01), "just too little"
    assert contrast("#123456", "#123456") == pytest.approx(1)


@given(COLOUR)
def test_text_of_any_colour_and_on_it_can_be_read(colour: str) -> None:
    assert contrast(readable(colour, LIGHT, BLACK), LIGHT) >= LEAST
    assert contrast(readable(colour, DARK, WHITE), DARK) >= LEAST
    assert contrast(ink_on(colour), colour) >= LEAST


def test_a_colour_that_can_be_read_stays_and_a_bright_one_is_darkened_and_told() -> None:
    dark, bright = palette("#0D5C63", ""), palette("#ffd400", "#ffd400")
    assert dark and "--brand:#0d5c63" in dark.css and dark.notes == ()
    assert bright and bright.theme == "#ffd400" and "--head:#ffd400;--head-ink:#000000" in bright.css
    (note,) = bright.notes
    used = re.findall(r"#[0-9a-f]{6}", note)[-1]
    assert f"--brand:{used}" in bright.css and contrast(used, LIGHT) >= LEAST > contrast("#ffd400", LIGHT)


def test_no_colours_and_no_such_colours() -> None:
    assert palette("", "") is None
    for wrong in ("red", "#fff", "#12345g", "#123456;}body{display:none"):
        with pytest.raises(LabelError, match="six hexadecimal digits"):
            palette(wrong, "")
