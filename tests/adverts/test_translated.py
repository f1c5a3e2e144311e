"""An advert in another language is what a dealer of that language would have got."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.adverts_data import LEAF, OFFER, accepted

from kilpi.adverts.listing import TemplateWriter
from kilpi.adverts.public_advert import public_advert
from kilpi.adverts.translated import told_in
from kilpi.adverts.wording import LANGUAGES
from kilpi.schemas import read_public_advert, to_json
from kilpi.types import PublicAdvert


def written(language: str) -> PublicAdvert:
    car = accepted(language=language, count=3)
    assert car.listing is not None
    return public_advert(car, car.listing, "leaf")


@pytest.mark.parametrize("source", LANGUAGES)
@pytest.mark.parametrize("target", LANGUAGES)
def test_it_is_what_would_have_been_written(source: str, target: str) -> None:
    told = told_in(written(source), target)
    assert told.advert == written(target)
    own = told.own if source != target else 1
    assert told.advert.paragraphs[-own:] == (OFFER.description,), "the dealer's own words are not translated"
    assert told.written == source


@pytest.mark.parametrize("target", LANGUAGES)
def test_so_is_a_car_that_no_register_knows(target: str) -> None:
    def without(language: str) -> PublicAdvert:
        offer = replace(OFFER, make="Skoda", model="Octavia", year=2015)
        car = replace(accepted(language=language, count=3), vehicle=None, offer=offer)
        return public_advert(car, TemplateWriter(language).write(None, offer), "skoda")

    assert told_in(without("fi"), target).advert == without(target)


def test_it_is_so_after_the_file_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("a") / "listing.json"
    path.write_text(to_json(written("fi")))
    read = read_public_advert(path)
    assert read and told_in(read, "sv").advert == written("sv")


def test_an_advert_of_an_older_kilpi_is_shown_as_it_was_written() -> None:
    """Its data lack what its text says: weight, consumption, the register's mileage."""
    new = written("fi")
    bare = replace(new.vehicle, mass_kg=None, kwh_per_100km=None, register_km=None)
    old = replace(new, vehicle=bare)
    told = told_in(old, "en")
    assert told.advert == old and told.own == len(old.paragraphs) and told.written == "fi"


def test_a_text_that_was_taken_out_does_not_come_back() -> None:
    new = written("fi")
    held = replace(new, paragraphs=new.paragraphs[1:])
    assert told_in(held, "sv").advert.paragraphs == held.paragraphs
    assert str(LEAF.vin) not in to_json(told_in(new, "sv").advert)
