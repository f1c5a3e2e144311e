"""Why a person is asked in words of the page, the other car, and photos that cannot be opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.cases.helping import arrive, ready, review, worked
from tests.fakes import write_car_photo
from tests.web.doubtful import take_doubtful
from tests.web.serving import DEALER, Server, server

from kilpi.cases import State, Traits, find, question, read_case
from kilpi.cases.incoming.dealers import DealerSettings, change_dealer
from kilpi.hashing import sha256_hex
from kilpi.types import Reason
from kilpi.web.accounts import Role
from kilpi.web.review_page import offers_home
from kilpi.web.visitor import Visitor
from kilpi.web.words import load_words

__all__ = ["server"]
SAY = load_words("en").say


def test_pages_tell_no_scores_and_nothing_that_speaks_for_it(server: Server) -> None:
    weak = Reason("low_score", {"score": 0.715, "threshold": 0.93})
    told = review(reasons=(weak, Reason("plates_agree", {"photos": 2})))
    case = worked(server.store, arrive(server.store, "a"), told)
    client = server.client()
    for path in (f"/cars/{case.id}", "/cars", f"/review/{case.id}"):
        html = client.get(path).text
        assert "One character of the plate cannot be read surely." in html, path
        assert "0.715" not in html and "show the same plate" not in html, path


def test_what_is_said_in_the_same_words_is_said_once(server: Server) -> None:
    """Two plates of a photo may be doubted alike; a page has room for three reasons."""
    alike = [Reason("country_unsure", {"countries": ["SE"], "plate": n}) for n in (1, 2)]
    case = worked(server.store, arrive(server.store, "a"), review(reasons=(*alike, Reason("low_score"))))
    for path in (f"/cars/{case.id}", f"/review/{case.id}"):
        html = server.client().get(path).text
        assert html.count("country is not certain") == 1 and "cannot be read surely" in html, path


def test_the_other_car_of_that_number_is_one_click_away_for_the_staff(server: Server) -> None:
    for name in ("a", "b"):
        worked(server.store, arrive(server.store, name, dealer=DEALER), ready(traits=Traits(dealer=DEALER)))
    cars = find(server.store).cases
    asked = next(one for one in cars if one.state is State.REVIEW)
    (other,) = (one for one in cars if one.id != asked.id)
    link = f'href="/cars/{other.id}"'
    staff = server.client()
    assert link in staff.get(f"/cars/{asked.id}").text and link in staff.get(f"/review/{asked.id}").text
    assert other.id not in server.client(Role.DEALER).get(f"/cars/{asked.id}").text


def test_who_can_set_the_home_countries_is_told_where_and_nobody_else(server: Server, tmp_path: Path) -> None:
    """A clerk cannot start a server anew; a dealer's cars have settings of their own."""
    write_car_photo(tmp_path / "yard" / "leaf" / "1.jpg", seed=1)
    taken, maker = take_doubtful(server, tmp_path / "yard")
    case = read_case(server.store, taken.case.id)
    asked = replace(question(server.store, maker, case), doubts=(Reason("country_unsure"),))
    owns = replace(asked, case=replace(case, dealer=DEALER))
    admin, staff = (Visitor("en", role.value, role) for role in (Role.ADMIN, Role.STAFF))
    assert asked.choices and offers_home(server.serving, admin, asked)
    assert offers_home(server.serving, admin, owns) and not offers_home(server.serving, staff, asked)
    change_dealer(server.store, DealerSettings(DEALER, home=("SE",)), by="bo")
    assert not offers_home(server.serving, admin, owns), "it is set"
    assert offers_home(server.serving, admin, asked)


@pytest.mark.parametrize("first", ["0.jpg", "9.jpg"])
def test_a_photo_that_cannot_be_opened_is_named_and_no_broken_picture(
    server: Server, tmp_path: Path, first: str
) -> None:
    folder = tmp_path / "yard" / "leaf"
    write_car_photo(folder / "5.jpg", seed=1)
    (folder / first).write_bytes((folder / "5.jpg").read_bytes()[:900])
    taken, _ = take_doubtful(server, tmp_path / "yard")
    client = server.client()
    html = client.get(f"/review/{taken.case.id}").text
    assert f"<b>{first}</b>" in html and "the picture is damaged or cut off" in html
    broken = sha256_hex((folder / first).read_bytes())
    assert html.count("?side=320") == 1 and f"/photos/{broken}" not in html, "the whole photo alone"
