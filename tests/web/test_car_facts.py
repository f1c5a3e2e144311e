"""Make, model and year of a car that no register knows: given in the browser, by the link, by /v1."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cases.test_picture_answers import Yard
from tests.fakes import FakeReader, FakeRegister
from tests.sent_cars import a_photo, send_car
from tests.web.serving import DEALER, Server, server

from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.wording import load_wording
from kilpi.cases import SaidFacts, SaidMark, SaidNoPlate, SaidVin, State, answer, history, question, rerun
from kilpi.cases.answers import combine
from kilpi.cases.incoming.dealers import DealerSettings, change_dealer
from kilpi.cases.making.maker import Maker
from kilpi.cases.tally import gap_of
from kilpi.errors import NotRegistered
from kilpi.photos.intake import survey
from kilpi.pipeline import Kilpi
from kilpi.schemas import read_public_advert
from kilpi.types import Mark, Offer, PublicAdvert, PublicVehicle, Reason, Vehicle
from kilpi.web.accounts import Role
from kilpi.web.car_page import facts_of
from kilpi.web.serving import maker_of

__all__ = ["server"]
VEHICLE = PublicVehicle(make="Volkswagen", model="Golf 1.5 TSI")
CAR = {"make": "skoda", "model": "OCTAVIA Combi", "year": "2015"}


class Whole(FakeRegister):
    """Tells models too."""

    def look_up(self, mark: Mark) -> Vehicle:
        return replace(super().look_up(mark), model="V60")


@pytest.fixture
def yard(server: Server, tmp_path: Path) -> Yard:
    """A car whose mark no register knows, its price and mileage known: a draft."""
    made = Yard(server.store, tmp_path / "photos", out=server.serving.data, dealer=DEALER)
    server.serving.maker = made.maker
    figures = SaidFacts(price=Decimal(15900), currency="EUR", odometer_km=84200)
    answer(server.store, made.case.id, SaidMark("XYZ-999", "FI"), figures, by="anna", sure=True)
    made.run()
    assert made.case.state is State.DRAFT
    return made


def shown(yard: Yard) -> PublicAdvert:
    found = read_public_advert(yard.maker.folder(yard.case) / LISTING)
    assert found
    return found


def test_they_finish_the_advert_from_the_cars_own_page(server: Server, yard: Yard) -> None:
    client, page = server.client(Role.DEALER), f"/cars/{yard.case.id}"
    assert 'name="model"' in client.get(page).text
    sent = client.post(f"{page}/facts", data={"seen": yard.case.seq, **CAR})
    assert sent.status_code == 303
    yard.run()
    assert (yard.case.state, yard.case.title) == (State.READY, "Škoda Octavia Combi 2015")
    car = shown(yard).vehicle
    assert (car.make, car.model, car.first_year) == ("Škoda", "Octavia Combi", 2015)
    assert car.first_registered is None and car.by_dealer == ("make", "model", "year")
    html = client.get(page).text
    assert "Facts given – Make, Model, Year" in html and 'name="model"' in html, "they can be corrected"


def test_what_makes_no_sense_comes_back_with_what_was_typed(server: Server, yard: Yard) -> None:
    client, page = server.client(), f"/cars/{yard.case.id}"
    for wrong, words in (
        ({"year": "3018"}, "not a year"),
        ({"year": "18"}, "not a year"),
        ({"make": "--"}, "A make has letters"),
        ({"model": "TMBZZZ1Z9C2012345"}, "A model has letters"),
        ({"price": "cheap"}, "not a price"),
    ):
        sent = client.post(f"{page}/facts", data={"seen": yard.case.seq, **CAR, **wrong})
        assert sent.status_code == 422 and words in sent.text, wrong
        assert 'value="skoda"' in sent.text or "make" in wrong
    assert combine(history(server.store, yard.case.id)).facts.make is None


def test_review_asks_for_them_and_takes_them(server: Server, yard: Yard) -> None:
    client = server.client()
    html = client.get(f"/review/{yard.case.id}").text
    assert 'name="make"' in html and "No register tells make" in html
    form = {"seq": yard.case.seq, "take": "facts", **CAR}
    assert client.post(f"/review/{yard.case.id}/look", data={**form, "year": "x"}).status_code == 422
    assert client.post(f"/review/{yard.case.id}/look", data=form).status_code == 303
    yard.run()
    assert yard.case.state is State.READY


def test_one_of_the_three_is_not_enough(server: Server, yard: Yard) -> None:
    for said in (SaidFacts(make="Skoda"), SaidFacts(year=2015)):
        answer(server.store, yard.case.id, said, by="anna")
        yard.run()
        assert yard.case.state is State.DRAFT
    assert 'name="make" value="Skoda"' in server.client().get(f"/review/{yard.case.id}").text
    answer(server.store, yard.case.id, SaidFacts(model="Octavia"), by="staff")
    yard.run()
    assert yard.case.state is State.READY


def test_the_dealer_gives_them_by_the_link_where_asked(server: Server, yard: Yard) -> None:
    staff, nobody = server.client(), server.nobody()
    asked = staff.get(f"/cars/{yard.case.id}/ask").text
    assert 'value="vehicle" checked' in asked
    form = {"seen": str(yard.case.seq), "wanted": ["vehicle"]}
    secret = staff.post(f"/cars/{yard.case.id}/ask", data=form).text.split("/link/")[1][:43]
    assert 'name="model"' in nobody.get(f"/link/{secret}").text
    wrong = nobody.post(f"/link/{secret}", data={**CAR, "year": "3000"})
    assert wrong.status_code == 422 and "not a year" in wrong.text
    assert nobody.post(f"/link/{secret}", data=CAR).status_code == 200
    yard.run()
    assert yard.case.state is State.READY
    assert f"{DEALER} (link)" in {event.by for event in history(server.store, yard.case.id)}


def test_a_program_gives_them(server: Server, yard: Yard) -> None:
    client, place = server.client(), f"/v1/cases/{yard.case.id}/facts"
    assert client.post(place, json={"year": 15}).status_code == 422
    assert client.post(place, json={"make": "Skoda", "model": "Octavia", "year": 2015}).status_code == 200
    yard.run()
    assert yard.case.state is State.READY


def test_where_no_register_was_named_the_pages_say_so(server: Server, tmp_path: Path) -> None:
    yard = Yard(server.store, tmp_path / "photos", out=server.serving.data, dealer=DEALER)
    line = Kilpi(detector=yard.detector, reader=FakeReader())
    server.serving.maker = yard.maker = Maker(line, yard.maker.out)
    client = server.client()
    for said, words in (
        (SaidMark("XYZ-999", "FI"), "No register is named that could be asked for XYZ-999."),
        (SaidVin("WVWZZZAUZJW000417"), "No register is named that could tell which car this is."),
    ):
        figures = SaidFacts(price=Decimal(15900), currency="EUR", odometer_km=84200)
        answer(server.store, yard.case.id, said, figures, by="staff", sure=True)
        yard.run()
        assert [gap_of(gap) for gap in yard.case.missing] == ["vehicle_unasked"]
        review, car = (client.get(f"/{room}/{yard.case.id}").text for room in ("review", "cars"))
        assert words in review
        for html in (review, car):
            assert "KILPI_REGISTER" in html and 'name="model"' in html
            assert "the register gave no vehicle" not in html
        assert "no register was named" in car
        wanted = client.get(f"/cars/{yard.case.id}/ask").text
        assert 'value="vehicle" checked' in wanted


def test_a_vin_that_no_register_knows_is_called_a_vin(server: Server, yard: Yard) -> None:
    class Known(FakeRegister):
        def look_up_vin(self, vin: str) -> Vehicle:
            raise NotRegistered("no car has this VIN")

    yard.maker.line.register = Known({})
    yard.say(SaidVin("WVWZZZAUZJW000417"))
    html = server.client().get(f"/review/{yard.case.id}").text
    assert "No register gave a car for the VIN that was given" in html and "No number was given" not in html
    assert "does not know this chassis number (VIN)." in html and "compare with the papers" in html


def test_without_a_number_make_model_and_year_finish_the_advert(server: Server, yard: Yard) -> None:
    client = server.client()
    form = {"seq": yard.case.seq, "take": "no_plate"}
    sure = client.post(f"/review/{yard.case.id}/look", data=form).text
    assert "The car comes back here, and make, model and year are asked for" in sure
    yard.say(SaidNoPlate())
    assert yard.case.state is State.DRAFT and yard.case.mark is None
    html = client.get(f"/review/{yard.case.id}").text
    assert "No number was given" in html and 'name="make"' in html
    answer(server.store, yard.case.id, SaidFacts(make="Skoda", model="Octavia", year=2015), by="staff")
    yard.run()
    assert (yard.case.state, yard.case.title) == (State.READY, "Škoda Octavia 2015")


def test_what_the_dealer_says_stands_in_the_form_and_is_not_said_again(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    facts = 'make = "Skoda"\nyear = 2015\nprice = 15900\nkm = 84200\n'
    (tmp_path / "photos" / "car.toml").write_text(facts)
    yard = Yard(server.store, tmp_path / "photos", out=server.serving.data, dealer=DEALER)
    server.serving.maker = yard.maker
    yard.maker.know(survey([tmp_path / "photos"]).cars[0])
    answer(server.store, yard.case.id, SaidMark("XYZ-999", "FI"), by="staff", sure=True)
    yard.run()
    client = server.client()
    for page in (f"/review/{yard.case.id}", f"/cars/{yard.case.id}"):
        html = client.get(page).text
        assert re.search(r'name="make" value="Skoda"', html) and re.search(r'name="year" value="2015"', html)
        assert re.search(r'name="model" value=""', html)
    form = {"seen": yard.case.seq, "make": "Skoda", "model": "Octavia", "year": "2015"}
    assert client.post(f"/cars/{yard.case.id}/facts", data=form).status_code == 303
    said = combine(history(server.store, yard.case.id)).facts
    assert (said.make, said.model, said.year) == (None, "Octavia", None), "only what was added"
    yard.run()
    assert (yard.case.state, yard.case.title) == (State.READY, "Škoda Octavia 2015")


def test_the_registers_word_stands_and_the_other_is_shown(server: Server, tmp_path: Path) -> None:
    yard = Yard(server.store, tmp_path / "photos", out=server.serving.data, dealer=DEALER)
    server.serving.maker = yard.maker
    yard.maker.line.register = Whole({"ABC123": "Volvo"})
    rerun(server.store, yard.case.id, by="anna", why="register")
    yard.run()
    client = server.client()
    assert 'name="model"' not in client.get(f"/cars/{yard.case.id}").text, "the register knows this one"
    yard.say(SaidFacts(make="Skoda", model="Octavia"))
    assert [why.code for why in yard.case.reasons if "make" in why.code] == ["contradiction_make"]
    assert yard.case.state is State.REVIEW
    html = client.get(f"/cars/{yard.case.id}").text
    assert (
        '<tr class="differs"><th scope="row">Make and model</th><td>Skoda Octavia</td><td>Volvo</td>' in html
    )
    figures = SaidFacts(price=Decimal(15900), currency="EUR", odometer_km=84200)
    answer(server.store, yard.case.id, SaidMark("ABC-123", "FI"), figures, by="anna", sure=True)
    yard.run()
    assert [yard.case.state] == [State.READY]
    html = client.get(f"/cars/{yard.case.id}").text
    assert "What speaks against it" in html, "who publishes it sees that"


def test_what_a_contradiction_says_of_the_register_stands_in_its_column() -> None:
    offer = Offer(make="Toyota", model="Yaris", year=2019)
    reasons = [
        Reason("contradiction_make", {"registered": "NISSAN", "dealer": "Toyota"}),
        Reason("contradiction_year", {"registered": 2011, "dealer": 2019}),
        Reason("contradiction_colour", {"registered": "red", "seen": "blue"}),
    ]
    rows = {row.key: row for row in facts_of(offer, None, None, load_wording("en"), True, reasons)}
    assert (rows["make"].register, rows["make"].differs) == ("Nissan", True)
    assert (rows["year"].register, rows["year"].differs) == ("2011", True)
    assert rows["colour"].register == "red"
    golf = PublicAdvert("golf", "en", "", (), (), (), (), vehicle=VEHICLE)
    known = {row.key: row for row in facts_of(offer, None, golf, load_wording("en"), True, reasons)}
    assert known["make"].register == "Volkswagen Golf 1.5 TSI", "what the advert has of it stands"


@pytest.mark.parametrize(
    ("make", "model", "differs"),
    [("VW", None, False), ("skoda", None, True), ("Volkswagen", "golf", False), ("VW", "Polo", True)]
    + [("VW", "Golf 1.5 TSI Style DSG", False)],
)
def test_a_make_has_several_names(make: str, model: str | None, differs: bool) -> None:
    golf = PublicAdvert("golf", "en", "", (), (), (), (), vehicle=VEHICLE)
    rows = {row.key: row for row in facts_of(Offer(make=make, model=model), None, golf, load_wording("en"))}
    assert rows["make"].differs is differs


def test_a_lists_price_is_told_in_the_money_of_the_dealers_own_home(server: Server, tmp_path: Path) -> None:
    """As the flow reads it: of a Swedish dealer a page said 249 000 euros, or that no price is known."""
    sent = {"leaf/1.jpg": a_photo(tmp_path, 1), "leaf/price.txt": b"Pris: 249 000\nKm: 84 500\n"}
    (made,) = send_car(server.store, server.serving.data, sent, dealer=DEALER).cars
    page = f"/cars/{made.case.id}"
    asked = question(server.store, maker_of(server.serving), made.case, server.serving.beside)
    assert (asked.offer.price, asked.offer.currency) == (Decimal(249000), "EUR")
    change_dealer(server.store, DealerSettings(DEALER, home=("SE",)), by="bo")
    asked = question(server.store, maker_of(server.serving), made.case, server.serving.beside)
    assert (asked.offer.price, asked.offer.currency) == (Decimal(249000), "SEK")
    assert "SEK" in server.client().get(page).text
