from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adverts_data import LEAF, MARK, OFFER, accepted, doubtful

from kilpi.adverts.listing import TemplateWriter, credible, mentions
from kilpi.adverts.public_advert import public_advert, public_id
from kilpi.adverts.records import record, state_of
from kilpi.adverts.wording import load_wording
from kilpi.errors import PublishError
from kilpi.geometry import quad_from_box
from kilpi.schemas import read_public_advert, read_record, to_json
from kilpi.types import Box, Candidate, Decision, Mark, Plate, Reason, Sighting, Verdict


def test_states() -> None:
    assert state_of(accepted()) == "ready"
    assert state_of(accepted(count=0)) == "draft"
    assert state_of(accepted(offer=replace(OFFER, price=None))) == "draft"
    assert state_of(doubtful()) == "review"
    assert state_of(replace(accepted(), listing=None)) == "review"


def test_the_public_record_holds_no_mark_no_vin_no_path() -> None:
    car = accepted()
    assert car.listing is not None
    text = to_json(public_advert(car, car.listing, "leaf"))
    assert not mentions(text, MARK)
    assert str(LEAF.vin) not in text
    assert "in/a.jpg" not in text


def test_dealers_texts_with_the_mark_are_held_back_without_a_vehicle() -> None:
    offer = replace(OFFER, description="Soita ja kysy ABC-123!", place="abc 123", contact="ABC123")
    listing = TemplateWriter("en").write(None, offer)
    car = replace(accepted(offer=offer), vehicle=None, listing=listing)
    made = public_advert(car, listing, "leaf")
    assert made.paragraphs == ()
    assert "a description without the registration number" in made.missing
    assert state_of(car) == "draft"


def test_a_mark_in_the_text_is_refused() -> None:
    car = accepted()
    assert car.listing is not None
    with pytest.raises(PublishError) as error:
        public_advert(car, replace(car.listing, title="Nissan abc 123"), "leaf")
    assert "123" not in str(error.value)


@pytest.mark.parametrize(("model", "kept"), [("Octavia XGB-915", False), ("Octavia 1.6 TDI", True)])
def test_a_mark_typed_as_a_model_goes_nowhere_where_nobody_knows_the_cars(model: str, kept: bool) -> None:
    offer = replace(OFFER, make="Škoda", model=model, year=2015, named=True)
    decision = Decision(Verdict.ACCEPTED, None, None, (Reason("answered_no_plate"),))
    listing = TemplateWriter("en").write(None, credible(offer, None, decision))
    car = replace(accepted(offer=offer), vehicle=None, decision=decision, listing=listing)
    made = public_advert(car, listing, "leaf")
    assert ("XGB" in to_json(made)) is False
    assert (f"Škoda {model} 2015" == made.title, made.vehicle.model == model) == (kept, kept)
    assert made.missing == (() if kept else ("make and model without a registration number",))


def test_a_car_without_a_mark_is_asked_for_each_text_that_could_hold_one() -> None:
    description = "Siisti auto. Rekisterinumero EK 12345, alustanumero tmbjg7ne1f0000935."
    offer = replace(OFFER, make="Škoda", model="Octavia", year=2015, named=True, description=description)
    offer = replace(offer, equipment=("Rek. 123 ABC", "Vetokoukku"))
    decision = Decision(Verdict.ACCEPTED, None, None, (Reason("answered_no_plate"),))
    listing = TemplateWriter("en").write(None, offer)
    car = replace(accepted(offer=offer), vehicle=None, decision=decision, listing=listing)
    made = public_advert(car, listing, "leaf")
    assert made.equipment == ("Vetokoukku",) and not any("EK" in text for text in made.paragraphs)
    assert set(made.missing) == {
        "equipment without a registration number or chassis number (VIN)",
        "a description without the registration number",
        "a description without the chassis number (VIN)",
    }


def test_another_cars_mark_in_a_model_is_refused_and_the_own_one_goes_nowhere() -> None:
    sighting = Sighting(quad_from_box(Box(0, 0, 100, 20)), 0.9)
    seen = tuple(
        Plate("a", sighting, candidates=(Candidate(m, 0.9),))
        for m in (MARK, Mark("XYZ-987", "FI", "ordinary"))
    )
    car = accepted(offer=replace(OFFER, model="Leaf xyz 987"))
    car = replace(car, decision=replace(car.decision, plates=seen))
    assert car.listing is not None
    with pytest.raises(PublishError, match="mark that the photos show") as error:
        public_advert(car, car.listing, "leaf")
    assert "987" not in str(error.value)
    own = replace(car, offer=replace(OFFER, model="Leaf abc 123"))
    assert not mentions(to_json(public_advert(own, car.listing, "leaf")), MARK)


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    car = accepted()
    assert car.listing is not None
    advert = public_advert(car, car.listing, "leaf")
    (tmp_path / "a.json").write_text(to_json(advert))
    assert read_public_advert(tmp_path / "a.json") == advert
    decision = record(car, "leaf", advert, {"01.jpg": "00"})
    (tmp_path / "b.json").write_text(to_json(decision))
    assert read_record(tmp_path / "b.json") == decision
    assert decision.mark == "ABC-123"
    assert load_wording("en").reason(decision.reasons[0]) == "2 photos show the same plate."


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": 99}'])
def test_damaged_records_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert read_record(tmp_path / "x.json") is None
    assert read_public_advert(tmp_path / "x.json") is None
    assert read_record(tmp_path / "absent.json") is None


@pytest.mark.parametrize(
    "reference", ["ABC-123", "abc123 front", "lot ABC 123", "XYZ-987", "12-AB", "ÄÖÅ-2", "klt%2D482"]
)
def test_a_reference_that_is_or_could_be_a_mark_is_no_address(reference: str) -> None:
    identity = public_id(accepted(reference))
    assert identity.startswith("car-")
    assert len(identity) == 16


@pytest.mark.parametrize(
    "reference", ["WVWZZZAUZJW000417", "jw000417", "Golf JW-000417", "wvwzzz auz jw000417"]
)
def test_a_reference_with_the_vin_or_its_end_is_no_address(reference: str) -> None:
    car = accepted(reference)
    sold = replace(car, offer=replace(car.offer, vin="WVWZZZAUZJW000417"))
    assert public_id(sold).startswith("car-")
    advert = public_advert(sold, sold.listing, public_id(sold)) if sold.listing else None
    assert advert is None or advert.id == public_id(sold)


@pytest.mark.parametrize(
    ("reference", "slug"), [("Leaf 2019", "leaf-2019"), ("car-01", "car-01"), ("Låda", "låda")]
)
def test_other_references_stay_readable(reference: str, slug: str) -> None:
    assert public_id(accepted(reference)) == slug


def test_the_address_does_not_come_from_the_mark() -> None:
    car = accepted("ABC-123")
    other = Mark("XYZ-987", "FI", "ordinary")
    changed = replace(car, reference="XYZ-987", decision=replace(car.decision, mark=other))
    assert public_id(car) == public_id(changed), "only the photos count"


def test_json_is_plain(tmp_path: Path) -> None:
    car = accepted()
    assert car.listing is not None
    values = json.loads(to_json(public_advert(car, car.listing, "leaf")))
    assert values["schema"] == 1
    assert values["vehicle"]["first_registered"] == "2019-05-03"
    assert values["facts"][0] == ["Mileage", "84,500\u00a0km"]
