"""One car's page without a browser: facts, pictures, covers; a dealer's own cars alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cases.helping import arrive, in_state, ready, worked
from tests.cases.test_picture_answers import SIGN, Yard
from tests.web.serving import DEALER, Server, server

from kilpi.adverts.wording import load_wording
from kilpi.cases import (
    CasePhoto,
    SaidFacts,
    State,
    answer,
    history,
    publish_one,
    publisher,
    read_case,
    under_way,
    work,
)
from kilpi.cases.answers import combine
from kilpi.cases.outgoing.corrected import CORRECTED
from kilpi.cases.verbs import published, publishing, sold, taken_down, undo
from kilpi.types import NO_WISHES, Box, LeftOut, Reason, Trouble
from kilpi.web.accounts import Role
from kilpi.web.car_page import FactRow, below, left_of, next_of, points_of

__all__ = ["server"]


@pytest.fixture
def yard(server: Server, tmp_path: Path) -> Yard:
    """A car of the server's, worked on by the line of fakes that also answers."""
    made = Yard(server.store, tmp_path / "photos", out=server.serving.data, dealer=DEALER)
    server.serving.maker = made.maker
    return made


def test_the_pictures_are_put_in_order_left_out_and_shown_again(server: Server, yard: Yard) -> None:
    client = server.client(Role.DEALER)
    first, second, third = (yard.ids[n] for n in yard.shown(yard.run()))
    form = {"seen": yard.case.seq, "order": [third, first, second], "out": [second]}
    assert client.post(f"/cars/{yard.case.id}/arrange", data=form).status_code == 303
    assert [one.photo for one in yard.run().shown] == [third, first]
    html = client.get(f"/cars/{yard.case.id}").text
    assert "left out by a person" in html and "Pictures put in order" in html
    again = {"seen": yard.case.seq, "order": [third, first], "show": [second]}
    client.post(f"/cars/{yard.case.id}/arrange", data=again)
    assert {one.photo for one in yard.run().shown} == {first, second, third}
    seq = yard.case.seq
    same = {"seen": seq, "order": [one.photo for one in yard.run().shown]}
    client.post(f"/cars/{yard.case.id}/arrange", data=same)
    assert read_case(server.store, yard.case.id).seq == seq  # nothing changed, so nothing was said


def test_a_part_is_covered_and_cropped(server: Server, yard: Yard) -> None:
    client, photo = server.client(Role.DEALER), yard.ids[0]
    place = f"/cars/{yard.case.id}/photos/{photo}"
    form = {"seen": yard.case.seq, "corners": points_of(SIGN), "why": "private"}
    assert client.post(f"{place}/cover", data=form).status_code == 303
    yard.run()
    form = {"seen": yard.case.seq, "corners": "0,0 600,0 600,800 0,800"}
    assert client.post(f"{place}/crop", data=form).status_code == 303
    yard.run()
    wishes = combine(history(server.store, yard.case.id)).pictures.wishes
    assert (wishes.covers, wishes.crops) == ({photo: (SIGN,)}, {photo: Box(0, 0, 600, 800)})
    html = client.get(f"{place}/edit").text
    assert html.count('class="cover"') == 2 and 'class="crop"' in html and "/uncover" not in html
    client.post(f"{place}/crop", data={"seen": yard.case.seq, "corners": ""})
    assert combine(history(server.store, yard.case.id)).pictures.wishes.crops == {}


def test_the_staff_say_what_a_photo_shows(server: Server, yard: Yard) -> None:
    place, form = f"/cars/{yard.case.id}/photos/{yard.ids[0]}", {"seen": yard.case.seq, "shows": "document"}
    dealer, staff = server.client(Role.DEALER), server.client(name="anna")
    assert dealer.post(f"{place}/view", data=form).status_code == 403
    assert "/view" not in dealer.get(f"{place}/edit").text and "close-up" in staff.get(f"{place}/edit").text
    for wrong in ("", "unsure", "end", "a plate"):
        assert staff.post(f"{place}/view", data={**form, "shows": wrong}).status_code == 422
    assert staff.post(f"{place}/view", data=form).status_code == 303
    assert yard.ids[0] not in [one.photo for one in yard.run().shown]
    assert '<option value="document" selected>' in staff.get(f"{place}/edit").text
    page = staff.get(f"/cars/{yard.case.id}").text
    assert "Said what a photo shows" in page and "Shows: document" in page and f"{place}/edit" in page
    assert f"{place}/edit" not in dealer.get(f"/cars/{yard.case.id}").text


@pytest.mark.parametrize("corners", ["", "1,1", "0,0 1,1 2,2 3,3", "0,0 9,0 9,9 0,nan", "0,0 9,0 9,9 0,1e9"])
def test_what_are_no_corners_is_refused(server: Server, yard: Yard, corners: str) -> None:
    place = f"/cars/{yard.case.id}/photos/{yard.ids[0]}"
    form = {"seen": yard.case.seq, "corners": corners, "why": "plate"}
    assert server.client().post(f"{place}/cover", data=form).status_code in (400, 422)
    assert read_case(server.store, yard.case.id) == yard.case


def test_a_cover_goes_only_where_nothing_is_read_and_by_the_staff(server: Server, yard: Yard) -> None:
    place = f"/cars/{yard.case.id}/photos/{yard.ids[0]}"
    form = {"seen": yard.case.seq, "corners": "300,450 900,450 900,675 300,675", "why": "no_plate"}
    assert server.client(Role.DEALER).post(f"{place}/uncover", data=form).status_code == 403
    staff = server.client(name="anna")
    answer = staff.post(f"{place}/uncover", data=form)
    assert answer.headers["location"] == f"{place}/edit?told=stays"
    assert "the cover stays" in staff.get(answer.headers["location"]).text
    assert read_case(server.store, yard.case.id) == yard.case
    staff.post(f"{place}/cover", data={**form, "corners": points_of(SIGN), "why": "private"})
    yard.run()
    gone = {"seen": yard.case.seq, "corners": points_of(SIGN), "why": "no_plate"}
    assert staff.post(f"{place}/uncover", data=gone).headers["location"] == f"/cars/{yard.case.id}"
    last = history(server.store, yard.case.id)[-1]
    assert (last.by, last.data["why"]) == ("anna", "no_plate")
    assert "there is no plate" in staff.get(f"/cars/{yard.case.id}").text


def test_price_and_mileage(server: Server, yard: Yard) -> None:
    client = server.client(Role.DEALER)
    page = f"/cars/{yard.case.id}"
    form = {"seen": yard.case.seq, "price": "12 900 €", "km": "84500"}
    assert client.post(f"{page}/facts", data=form).status_code == 303
    facts = combine(history(server.store, yard.case.id)).facts
    assert facts == SaidFacts(Decimal(12900), "EUR", 84500)
    yard.run()
    html = client.get(page).text
    assert "€12,900" in html and "84,500\u00a0km" in html and "version 2" in html
    for wrong in ({"price": "cheap"}, {"km": "far"}):
        form = {"seen": yard.case.seq, **wrong}
        assert client.post(f"{page}/facts", data=form).status_code == 422


def test_the_history_says_why_an_advert_came_down_by_itself(server: Server, yard: Yard) -> None:
    taken_down(server.store, yard.case.id, "site", why=CORRECTED)
    html = server.client(Role.DEALER).get(f"/cars/{yard.case.id}").text
    assert "Taken down – the car or a picture was corrected, and the new advert is not out yet" in html


def test_another_dealers_pictures_are_out_of_reach(server: Server, yard: Yard) -> None:
    client = server.client(Role.DEALER, "other", "Toinen Oy")
    place = f"/cars/{yard.case.id}/photos/{yard.ids[0]}"
    seen = {"seen": yard.case.seq}
    cut = {**seen, "corners": "0,0 600,0 600,800 0,800", "why": "plate"}
    for address, form in (
        (f"/cars/{yard.case.id}/arrange", {**seen, "out": yard.ids[:1]}),
        (f"/cars/{yard.case.id}/facts", {**seen, "price": "1000"}),
        (f"{place}/crop", cut),
        (f"{place}/cover", cut),
    ):
        assert client.post(address, data=form).status_code == 404, address
    assert client.get(f"{place}/edit").status_code == 404
    assert read_case(server.store, yard.case.id) == yard.case


def test_a_photo_that_could_not_be_opened_is_named_not_shown_broken(yard: Yard) -> None:
    known = [CasePhoto("a" * 64, "1.jpg"), CasePhoto("b" * 64, "cut.jpg", 1)]
    problems = (Trouble("/yard/golf/cut.jpg", "PhotoTruncated", "cut.jpg: damaged"),)
    left = left_of(known, (), NO_WISHES, frozenset(), replace(yard.run(), problems=problems))
    assert [one.problem for one in left] == ["", "PhotoTruncated"]


def test_why_a_photo_is_left_out_names_its_figures(yard: Yard) -> None:
    known = [CasePhoto(c * 64, f"{c}.jpg", n, rejected="too_small") for n, c in enumerate("ab")]
    why = Reason("too_small", {"width": 320, "height": 240})
    record = replace(yard.run(), left_out=(LeftOut("/yard/golf/a.jpg", why),))
    words = [
        load_wording("en").left_out(one.reason) for one in left_of(known, (), NO_WISHES, frozenset(), record)
    ]
    assert words == ["too small (320 × 240 pixels)", "too small"]


@pytest.mark.parametrize(("dealer", "register", "falls"), [(84_200, 79_650, False), (79_000, 79_650, True)])
def test_a_mileage_differs_only_where_it_falls(dealer: int, register: int, falls: bool) -> None:
    assert below(dealer, register) is falls
    row = FactRow("odometer", f"{dealer} km", f"{register} km", below(dealer, register))
    assert row.differs is falls


def test_an_older_version_that_is_out_is_said(server: Server) -> None:
    made = worked(server.store, arrive(server.store, "a"), ready())
    assert next_of(made) == "publish"
    assert next_of(replace(made, live=1)) == "publish_again"
    assert next_of(replace(made, state=State.PUBLISHED)) == "out"
    assert next_of(replace(made, state=State.SOLD)) is None


def test_what_is_being_published_is_said_until_it_is_out(server: Server) -> None:
    made = worked(server.store, arrive(server.store, "a"), ready())
    client, page = server.client(), f"/cars/{made.id}"
    ready_page = client.get(page).text
    assert "ready to be published" in ready_page and "data-working" not in ready_page
    assert client.post(f"{page}/publish", data={"seen": made.seq}).status_code == 303
    html = client.get(page).text
    assert "is being published" in html and "data-working" in html
    assert "ready to be published" not in html and f"{page}/publish" not in html, "no second click"
    shows: list[bool] = [False, True]  # the place is down the first time

    def show(case: object, advert: str | None) -> None:
        assert shows.pop(0)

    jobs = publisher(server.store, server.serving.target, show)
    work(server.store, lambda task: pytest.fail("nothing to decide"), handlers=jobs)
    again = client.get(page).text
    assert "is tried again by itself" in again and f"{page}/publish" in again, "or at once, by the button"
    seen = {"seen": read_case(server.store, made.id).seq}
    assert client.post(f"{page}/publish", data=seen).status_code == 303
    work(server.store, lambda task: pytest.fail("nothing to decide"), handlers=jobs)
    out = client.get(page).text
    assert "being published." not in out and "data-working" not in out
    assert read_case(server.store, made.id).state is State.PUBLISHED


def test_an_advert_that_changed_since_it_was_asked_for_is_not_being_published(server: Server) -> None:
    made = worked(server.store, arrive(server.store, "a"), ready())
    publish_one(server.store, made.id, server.serving.target, by="anna")
    answer(server.store, made.id, SaidFacts(odometer_km=1), by="anna")
    made = worked(server.store, made, ready(advert="another"))
    assert made.state is State.READY and under_way(server.store, made, server.serving.target) is None
    assert next_of(made, way=None) == "publish"


def test_after_a_sale_is_undone_each_place_is_told(server: Server) -> None:
    """Two places showed the advert; only this server's site has taken it down yet."""
    made = worked(server.store, arrive(server.store, "a"), ready())
    for target in (server.serving.target, "/srv/north"):
        published(server.store, made.id, target, publishing(server.store, made.id, target))
    client, page = server.client(), f"/cars/{made.id}"
    out = client.get(page).text
    assert "Out at: this site, north<" in out.replace("</p>", "<") and f"{page}/publish" not in out
    sold(server.store, made.id, by="anna")
    jobs = publisher(server.store, server.serving.target, lambda case, advert: None)
    work(server.store, lambda task: pytest.fail("nothing to decide"), handlers=jobs)
    undo(server.store, made.id, by="anna")
    html = client.get(page).text
    assert "Out at: north<" in html.replace("</p>", "<") and "not on this site" in html
    assert f"{page}/publish" in html
    seen = {"seen": read_case(server.store, made.id).seq}
    assert client.post(f"{page}/publish", data=seen).status_code == 303
    work(server.store, lambda task: pytest.fail("nothing to decide"), handlers=jobs)
    assert "Out at: this site, north<" in client.get(page).text.replace("</p>", "<")


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.SOLD, "Sold on"), (State.WITHDRAWN, "Not for sale any more since"), (State.ERASED, "Erased on")],
)
def test_an_ended_cars_page_is_short_and_says_what_happened(server: Server, state: State, words: str) -> None:
    case = in_state(server.store, state, dealer=DEALER)
    text = server.client().get(f"/cars/{case.id}").text
    assert words in text and "Photos that are not shown" not in text and 'name="price"' not in text
    assert ("are kept until" in text) is (state is not State.ERASED)
    advert = {State.SOLD: "is being taken down", State.WITHDRAWN: "was never out"}.get(state, "")
    assert advert in text and 'scope="col">Register' not in text


def test_an_erased_cars_history_is_not_told_as_taken_back(server: Server) -> None:
    case = in_state(server.store, State.ERASED)
    text = server.client().get(f"/cars/{case.id}").text
    assert "taken back" not in text and f"/cars/{case.id}/erase" not in text
