"""The list of cars and what is done with many of them, without a browser."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from tests.cases.helping import arrive, in_state, ready, worked
from tests.web.serving import DEALER, Server, server

from kilpi.cases import Case, SaidFacts, State, history, read_case
from kilpi.cases.answers import combine
from kilpi.types import Mark
from kilpi.web.accounts import Role

__all__ = ["server"]


def made(server: Server, name: str, title: str, price: str | None = None, dealer: str = DEALER) -> Case:
    case = arrive(server.store, name, dealer=dealer, reference=f"ref-{name}")
    amount = None if price is None else Decimal(price)
    mark = Mark(f"ABC-{len(name)}{ord(name[0]) - 96}", "FI")
    return worked(server.store, case, ready(mark, title=title, price=amount, currency="EUR"))


def order(html: str, *cases: Case) -> list[str]:
    """Titles, in the order of the page."""
    return [case.title for case in sorted(cases, key=lambda case: html.find(case.id)) if case.id in html]


@pytest.fixture
def two(server: Server) -> tuple[Case, Case]:
    return made(server, "a", "Volvo V60", "900"), made(server, "b", "Audi A3", "15900", "Toinen Oy")


def test_by_column_state_dealer_and_age(server: Server, two: tuple[Case, Case]) -> None:
    client = server.client()

    def page(query: str) -> list[str]:
        return order(client.get(f"/cars?{query}").text, *two)

    assert page("sort=title") == page("sort=price") == ["Audi A3", "Volvo V60"]
    assert page("sort=title&turned=1") == page("sort=price&turned=1") == ["Volvo V60", "Audi A3"]
    assert page("dealer=Toinen+Oy") == ["Audi A3"]
    assert (page("state=sold"), page("age=over_month"), len(page("age=day"))) == ([], [], 2)
    for wrong in ("state=erased", "sort=mark", "age=x", "cursor=x"):
        assert client.get(f"/cars?{wrong}").status_code == 400, wrong


def test_a_dealer_can_ask_for_no_other_dealer(server: Server, two: tuple[Case, Case]) -> None:
    own, other = two
    html = server.client(Role.DEALER).get("/cars?dealer=Toinen+Oy").text
    assert own.id in html and other.id not in html and other.title not in html


def test_no_address_on_a_page_of_a_search_holds_its_words(server: Server, two: tuple[Case, Case]) -> None:
    for n in range(51):
        arrive(server.store, f"more{n}", dealer=DEALER, reference=f"XYZ-9{n}")
    client = server.client()
    html = client.post("/cars?sort=title", data={"words": "xyz"}).text
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', html)
    assert addresses and not any("xyz" in one.lower() for one in addresses)
    (cursor,) = re.findall(r'name="cursor" value="([^"]*)"', html)
    rest = client.post("/cars?sort=title", data={"words": "xyz", "cursor": cursor}).text
    found = [set(re.findall(r'href="/cars/([0-9a-f-]{36})"', page)) for page in (html, rest)]
    assert (len(found[0]), len(found[1]), found[0] & found[1]) == (50, 1, set())


def test_a_thumbnail_is_never_a_photo_as_it_came(server: Server, two: tuple[Case, Case]) -> None:
    """There is no picture yet: what is shown is a drawing."""
    answer = server.client().get(f"/cars/{two[0].id}/thumbnail?v=1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


def chosen(*cases: Case) -> list[str]:
    return [f"{case.id}:{case.seq}" for case in cases]


def test_of_many_each_outcome_is_told(server: Server, two: tuple[Case, Case]) -> None:
    over = in_state(server.store, State.SOLD, "c")
    asked = {
        "verb": "sold",
        "chosen": [*chosen(two[0], over), f"{two[1].id}:1", "x"],
        "back": "//evil.example",
    }
    html = server.client().post("/cars/many", data=asked).text
    assert "1 of 3 done" in html and "the car is sold" in html and "Somebody changed" in html
    assert "evil" not in html
    states = [read_case(server.store, case.id).state for case in (*two, over)]
    assert states == [State.SOLD, State.READY, State.SOLD]


def test_a_price_for_many(server: Server, two: tuple[Case, Case]) -> None:
    client = server.client(name="anna")
    asked = {"verb": "price", "price": "12 900 €", "chosen": chosen(*two)}
    assert "2 of 2 done" in client.post("/cars/many", data=asked).text
    for case in two:
        facts = combine(history(server.store, case.id)).facts
        assert facts == SaidFacts(Decimal(12900), "EUR")
        assert history(server.store, case.id)[-1].by == "anna"
    asked["price"] = "cheap"
    assert client.post("/cars/many", data=asked).status_code == 422


def test_erasing_many_asks_first_and_names_how_many(server: Server, two: tuple[Case, Case]) -> None:
    asked = {"verb": "erase", "chosen": chosen(*two)}
    html = server.client().post("/cars/many", data=asked).text
    assert "Erase 2 cars?" in html and two[0].title in html
    assert all(read_case(server.store, case.id) == case for case in two)
    assert "2 of 2 done" in server.client().post("/cars/many", data={**asked, "sure": "yes"}).text
    assert all(read_case(server.store, case.id).state is State.ERASED for case in two)


def test_a_dealer_does_nothing_with_others_cars_and_erases_none(
    server: Server, two: tuple[Case, Case]
) -> None:
    own, other = two
    client = server.client(Role.DEALER)
    for verb in ("publish", "sold", "withdraw", "price"):
        html = client.post("/cars/many", data={"verb": verb, "price": "1000", "chosen": chosen(other)}).text
        assert "0 of 1 done" in html and other.title not in html
    erase = {"verb": "erase", "sure": "yes", "chosen": chosen(own, other)}
    assert client.post("/cars/many", data=erase).status_code == 403
    assert read_case(server.store, other.id) == other and read_case(server.store, own.id) == own


def test_a_new_server_leads_to_where_cars_come_from(server: Server) -> None:
    client = server.client()
    assert (
        "No cars yet" in client.get("/cars").text
        and 'class="button main" href="/receive"' in client.get("/cars").text
    )
    for none in (client.get("/cars?state=review").text, client.post("/cars", data={"words": "audi"}).text):
        assert "No car fits" in none and "No cars yet" not in none
    assert 'class="button main" href="/receive"' in client.get("/sort").text


def test_sorting_is_one_click_away_for_who_may_sort(server: Server) -> None:
    for role, links in ((Role.STAFF, 1), (Role.DEALER, 0)):
        assert server.client(role).get("/cars").text.count('href="/sort"') == links
