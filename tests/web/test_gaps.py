"""What is missing, in the visitor's language, whatever language the adverts are in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.adverts_data import LEAF, OFFER

from kilpi.adverts.listing import TemplateWriter
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.types import Offer
from kilpi.web.gaps import gap_in, title_in
from kilpi.web.words import load_words


def told(text: str, language: str) -> str:
    return gap_in(text, load_words(language), load_wording(language))


@pytest.mark.parametrize("written", LANGUAGES)
@pytest.mark.parametrize("read", LANGUAGES)
def test_gaps_are_told_in_the_language_that_is_read(written: str, read: str) -> None:
    unclear = Offer(unclear=(("price", "hinta: 'alk. 9900' (car.toml)"),))
    given = TemplateWriter(written).write(None, unclear)
    wanted = TemplateWriter(read).write(None, unclear)
    (unasked,) = TemplateWriter(written, asks=False).write(None, OFFER).missing
    assert (told(unasked, read),) == TemplateWriter(read, asks=False).write(None, OFFER).missing
    assert [told(gap, read) for gap in given.missing] == list(wanted.missing)
    assert title_in(given.title, load_wording(read)) == wanted.title


def test_figures_stay_in_their_language_and_are_left_out_of_another() -> None:
    (gap,) = TemplateWriter("fi").write(LEAF, replace(OFFER, odometer_km=5)).missing
    assert told(gap, "fi") == gap
    assert told(gap, "en") == "mileage: the register had more already"
    assert told("something else", "sv") == "something else"
    assert title_in("Nissan Leaf", load_wording("fi")) == "Nissan Leaf"
