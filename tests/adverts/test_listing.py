from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.adverts_data import LEAF, MARK, OFFER, pictures

from kilpi.adverts.inspection import coming, inspection_notes
from kilpi.adverts.listing import TemplateWriter, credible, mentions, with_pictures, without_mark
from kilpi.adverts.wording import LANGUAGES
from kilpi.types import Consumption, Decision, Mark, Offer, Reason, Verdict

FINNISH = (
    "Myynnissä valkoinen Nissan Leaf Tekna, otettu käyttöön 3.5.2019. Auto on viisiovinen viistoperä, ja"
    " istuimia on viisi.",
    "Voimanlähteenä on sähkömoottori, jonka teho on 110 kW (150 hv), ja vaihteisto on automaattinen."
    " Yhdistetty kulutus on 17,1 kWh/100 km (WLTP).",
    "Mittarissa on nyt 84 500 km. Rekisterin viimeisin lukema on 78 120 km (2.5.2025). Seuraava katsastus on"
    " tehtävä viimeistään 3.5.2127.",
    "Huollettu merkkiliikkeessä.",
)


def test_a_whole_finnish_advert() -> None:
    listing = TemplateWriter("fi").write(LEAF, OFFER)
    assert listing.title == "Nissan Leaf Tekna 2019"
    assert listing.price == "19\u00a0900\u00a0€"
    assert tuple(p.replace("\u00a0", " ") for p in listing.paragraphs) == FINNISH
    assert not listing.is_draft
    facts = {fact.label: fact.value.replace("\u00a0", " ") for fact in listing.facts}
    assert facts["Ajettu"] == "84 500 km"
    assert facts["Teho"] == "110 kW (150 hv)"
    assert facts["Sijainti"] == "Turku"


@pytest.mark.parametrize("language", LANGUAGES)
def test_neither_mark_nor_vin_is_told(language: str) -> None:
    text = str(TemplateWriter(language).write(LEAF, OFFER))
    assert not mentions(text, MARK)
    assert str(LEAF.vin) not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sparse_vehicle_gives_no_empty_words(language: str) -> None:
    bare = replace(
        LEAF,
        body=None,
        colour=None,
        doors=None,
        seats=None,
        fuels=(),
        gearbox=None,
        power_kw=None,
        consumption=None,
        first_registered=None,
        next_inspection=None,
        odometer_km=None,
        odometer_date=None,
        vehicle_class=None,
        variant=None,
    )
    listing = TemplateWriter(language).write(bare, Offer())
    assert len(listing.paragraphs) == 1
    assert "None" not in str(listing.paragraphs)
    assert listing.title == "Nissan Leaf"
    assert len(listing.missing) == 2


def test_a_price_or_mileage_that_can_be_none_is_missing_whoever_gave_it() -> None:
    """A person's, or a program's by /v1, comes by no file that is held against these rules."""
    told = TemplateWriter("en").write(LEAF, replace(OFFER, price=Decimal(1), odometer_km=0)).missing
    assert told[:2] == ("price – given, but not clear: '1'", "current mileage – given, but not clear: '0'")


def test_a_status_that_no_table_has_is_to_be_cleared_up() -> None:
    unknown = replace(LEAF, status=None, raw={"status": {"from": "tila", "value": "7"}})
    assert TemplateWriter("en").write(unknown, OFFER).missing == (
        "a clarification: the register gives the vehicle's status as “7”",
    )


def test_what_is_missing_is_named() -> None:
    writer = TemplateWriter("en")
    assert writer.write(LEAF, Offer()).missing == ("price", "current mileage")
    assert writer.write(None, OFFER).missing == ("vehicle data: the register gave no vehicle",)
    assert writer.write(replace(LEAF, model=None), OFFER).missing == ("make and model",)
    (alone,) = TemplateWriter("en", asks=False).write(None, OFFER).missing
    assert alone.startswith("vehicle data: no register was named")
    assert TemplateWriter("en", asks=False).write(replace(LEAF, model=None), OFFER).missing == (
        "make and model",
    )
    listing = writer.write(LEAF, OFFER)
    assert with_pictures(listing, ()).missing == ("pictures",)
    assert with_pictures(with_pictures(listing, ()), pictures(1)).missing == ()


def test_peoples_make_model_and_year_are_enough_where_the_register_tells_nothing() -> None:
    writer, said = TemplateWriter("en"), replace(OFFER, make="Skoda", model="octavia", year=2015)
    listing = writer.write(None, said)
    assert (listing.missing, listing.title) == ((), "Škoda octavia 2015")
    assert {fact.label: fact.value for fact in listing.facts}["Year"] == "2015"
    for less in (replace(said, make=None), replace(said, model=None), replace(said, year=None)):
        assert writer.write(None, less).missing == ("vehicle data: the register gave no vehicle",)
    assert writer.write(replace(LEAF, model=None), replace(OFFER, model="Leaf")).missing == ()
    assert writer.write(LEAF, said).title == "Nissan Leaf Tekna 2019", "the register's word stands"


def test_beside_a_registers_car_only_a_person_gives_the_make() -> None:
    writer, row = TemplateWriter("en"), replace(OFFER, make="Nissan", model="Leaf")
    no_make = replace(LEAF, make=None)
    assert writer.write(no_make, row).missing == ("make and model",)
    assert writer.write(no_make, replace(row, named=True)).missing == ()
    assert writer.write(no_make, replace(OFFER, make="Nissan", named=True)).title == "Nissan Leaf Tekna 2019"


def test_without_a_register_make_model_and_year_need_a_mark_that_no_register_denies() -> None:
    row = replace(OFFER, make="Skoda", model="Octavia", year=2015)
    asked = Decision(Verdict.ACCEPTED, MARK, 0.99, ())
    unknown = replace(asked, reasons=(Reason("answered"), Reason("not_registered")))
    refused = replace(asked, reasons=(Reason("answered"), Reason("register_refused", {"message": ""})))
    without = replace(OFFER, make=None, model=None, year=None)
    assert credible(row, None, asked) == credible(row, None, refused) == row
    assert credible(row, None, unknown) == without, "a register was asked, and has no such car"
    assert credible(replace(row, named=True), None, unknown).model == "Octavia", "a person said so"
    doubtful = replace(asked, reasons=(Reason("answered"), Reason("register_doubtful", {"message": ""})))
    assert credible(row, None, doubtful) == without, "it has two such cars, say"
    nobodys = replace(asked, mark=None)
    assert credible(row, None, nobodys) == without, "only the folder's name ties it to its row"
    assert credible(replace(row, named=True), None, nobodys).model == "Octavia"
    assert credible(row, LEAF, unknown) == row


def test_make_and_model_hold_no_mark_also_together() -> None:
    decision = Decision(Verdict.ACCEPTED, MARK, 0.99, ())
    for make, model, left in (
        ("Skoda", "Octavia abc 123", ("Skoda", None)),
        ("ABC", "123", (None, None)),
        ("Skoda", "123", ("Skoda", "123")),
    ):
        kept = credible(replace(OFFER, make=make, model=model, year=2015), None, decision)
        assert (kept.make, kept.model) == left


def test_a_mileage_below_the_registers_makes_a_draft_and_no_claim() -> None:
    listing = TemplateWriter("en").write(LEAF, replace(OFFER, odometer_km=70000))
    assert listing.is_draft
    assert "78,120" in listing.missing[0]
    assert "78,120" not in " ".join(listing.paragraphs)


@pytest.mark.parametrize("change", [{"status": "stolen"}, {"restrictions": ("sales ban",)}])
def test_a_blocked_vehicle_makes_a_draft(change: dict[str, object]) -> None:
    assert TemplateWriter("en").write(replace(LEAF, **change), OFFER).is_draft  # type: ignore[arg-type]
    assert not TemplateWriter("en").write(replace(LEAF, status="decommissioned"), OFFER).is_draft


def test_hybrids_and_two_fuel_engines_are_told_apart() -> None:
    def text(*fuels: str) -> str:
        vehicle = replace(LEAF, fuels=fuels, displacement_cc=1798, consumption=Consumption(4.5, None, "WLTP"))
        return " ".join(TemplateWriter("en").write(vehicle, OFFER).paragraphs).replace("\u00a0", " ")

    assert "a 1.8-litre petrol engine and an electric motor" in text("electricity", "petrol")
    assert "4.5 l/100 km" in text("petrol")
    assert "engine" not in text("petrol", "ethanol"), "one engine that burns both is not two engines"


def test_an_inspection_in_the_past_is_not_told_as_coming() -> None:
    listing = TemplateWriter("en").write(replace(LEAF, next_inspection=date(2026, 1, 1)), OFFER)
    assert "inspection" not in " ".join(listing.paragraphs)
    assert "Next inspection due" not in {fact.label for fact in listing.facts}


def test_a_day_of_inspection_that_is_over_is_told_to_the_person_alone() -> None:
    today = date.today()
    told = {
        day: inspection_notes(replace(LEAF, next_inspection=day)) for day in (today, today - timedelta(1))
    }
    assert told[today] == [] and [why.code for why in told[today - timedelta(1)]] == ["inspection_over"]
    assert coming(replace(LEAF, next_inspection=today)) == today
    assert inspection_notes(None) == inspection_notes(replace(LEAF, next_inspection=None)) == []


@pytest.mark.parametrize("written", ["ABC-123", "abc123", "Abc 123", "(ABC–123)", "rek. ABC-123."])
def test_the_mark_is_known_in_any_spelling(written: str) -> None:
    assert mentions(f"Hieno auto {written} myynnissä", MARK)


def test_other_words_are_not_the_mark() -> None:
    assert not mentions("XABC-1234, A BC 12 3", MARK)
    assert not mentions("tab1, cab 12", Mark("AB-1", "FI"))
    assert mentions("Myyn ÄÖÅ 2", Mark("ÄÖÅ-2", "FI"))


def test_texts_with_the_mark_are_held_back() -> None:
    offer = replace(OFFER, description="Katso abc 123!", equipment=("Kilpi ABC-123", "Koukku"))
    listing = TemplateWriter("en").write(LEAF, offer)
    assert not mentions(str(listing), MARK)
    assert listing.equipment == ("Koukku",)
    assert listing.missing == (
        "equipment without a registration number or chassis number (VIN)",
        "a description without the registration number",
    )
    assert without_mark(OFFER, MARK) == OFFER


def test_the_dealers_paragraphs_follow_as_they_are() -> None:
    listing = TemplateWriter("sv").write(
        LEAF, replace(OFFER, description="Ett\nstycke.\r\n\r\nEtt <b>till</b>.")
    )
    assert listing.paragraphs[-2:] == ("Ett stycke.", "Ett <b>till</b>.")


@pytest.mark.parametrize("name", ["dealer", "place", "contact"])
@pytest.mark.parametrize("text", ["Matti, vaihdossa XGB-915", "Halli 2, rek. 123 EFG"])
def test_what_stands_beside_an_advert_names_no_other_car(name: str, text: str) -> None:
    """A list's cell holds what somebody noted."""
    told = replace(OFFER, **{name: text})  # type: ignore[arg-type]
    assert getattr(without_mark(told, MARK), name) is None
    assert TemplateWriter().write(LEAF, told).missing, "a draft: somebody must look"


@pytest.mark.parametrize(
    "text",
    ["LV-1004 Rīga", "Auto-Center 24 Oy", "puh. 040-123 4567", "Y-tunnus 1234567-8", "E-18, halli A-12"],
)
def test_addresses_and_numbers_beside_an_advert_are_no_marks(text: str) -> None:
    assert TemplateWriter().write(LEAF, replace(OFFER, dealer=text, place=text, contact=text)).missing == ()


def test_price_in_another_currency() -> None:
    offer = replace(OFFER, price=Decimal(249000), currency="SEK")
    assert TemplateWriter("sv").write(LEAF, offer).price == "249\u00a0000\u00a0kr"
    assert TemplateWriter("fi").write(LEAF, offer).price == "249\u00a0000\u00a0SEK"
