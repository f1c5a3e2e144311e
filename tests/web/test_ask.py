"""A dealer is asked by a link: one car, no account; it reaches nothing else."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.cases.helping import arrive, in_state, ready, review, worked
from tests.cases.test_picture_answers import Yard
from tests.fakes import FakeReader
from tests.web.serving import DEALER, Server, server
from tests.web.test_rules import LEAST, NOBODY, ask

from kilpi.adverts.wording import LANGUAGES
from kilpi.cases import Case, SaidFacts, State, answer, erase, history, photos, read_case
from kilpi.cases.answers import combine
from kilpi.cases.asking.asks import (
    MOST_DAYS,
    Stand,
    answer_ask,
    end_asks,
    find_ask,
    likely_wanted,
    make_ask,
    open_until,
    safe_reference,
)
from kilpi.cases.telling.numbers import numbers
from kilpi.config import Settings
from kilpi.errors import CaseRefused, UsageError
from kilpi.types import Mark
from kilpi.web.rates import Rates
from kilpi.web.routes import ask as asking
from kilpi.web.words import load_words

__all__ = ["server"]


def photo(shade: int = 90) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 80, 70)).save(file, "JPEG")
    return file.getvalue()


def asked(server: Server, name: str = "a", **more: Any) -> tuple[Case, str]:
    """A case in review, and its link's secret as the staff's page shows it."""
    reference = "auto seitsemän" if name == "a" else "auto kahdeksan"
    case = worked(server.store, arrive(server.store, name, dealer=DEALER, reference=reference), review())
    form = {"seen": str(case.seq), "wanted": ["rear", "price"], "note": "thanks!", **more}
    text = server.client(name=f"staff {name}").post(f"/cars/{case.id}/ask", data=form).text
    return read_case(server.store, case.id), re.findall(r"/link/([\w-]+)<", text)[0]


def sent(client: TestClient, secret: str, *shots: bytes, **more: str) -> Any:
    files = [("photos", (f"IMG_{n}.jpg", shot, "image/jpeg")) for n, shot in enumerate(shots)]
    return client.post(f"/link/{secret}", files=files or None, data=more)


def test_staff_asks_the_dealer_answers_and_the_case_goes_on(server: Server) -> None:
    case, secret = asked(server)
    assert case.state is State.WAITING
    shown = server.nobody().get(f"/link/{secret}").text
    assert "auto seitsemän" in shown and "thanks!" in shown
    assert (
        load_words("en").word("want", "rear") in shown and load_words("en").word("want", "front") not in shown
    )
    done = sent(server.nobody(), secret, photo(), photo(190), price="15 900", km="84200")
    assert done.status_code == 200 and load_words("en").say("link", "thanks") in done.text
    now = read_case(server.store, case.id)
    assert now.state is State.WORKING
    events = history(server.store, case.id)
    assert [event.by for event in events[-2:]] == [f"{DEALER} (link)"] * 2
    facts = combine(events).facts
    assert (str(facts.price), facts.odometer_km) == ("15900", 84200)
    assert len(photos(server.store, case.id)) == 3
    assert numbers(server.store).total.unmeasured == 0  # a dealer's time is not the staff's


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_was_answered_is_a_kind_page_in_each_language(server: Server, language: str) -> None:
    _, secret = asked(server)
    assert sent(server.nobody(), secret, price="100").status_code == 200
    client = server.nobody()
    client.cookies.set("kilpi_language", language, domain="testserver.local")
    words = load_words(language)
    again = client.get(f"/link/{secret}")
    assert again.status_code == 200 and words.say("link", "used") in again.text
    assert sent(client, secret, price="200").text.count(words.say("link", "used")) == 2  # title and heading
    never = client.get("/link/" + "x" * 43)
    assert never.status_code == 404 and words.say("link", "over_lead") in never.text


def test_links_end_with_time_by_hand_by_another_and_with_the_car(server: Server) -> None:
    case, first = asked(server)
    second = make_ask(server.store, case.id, by="anna")
    assert [find_ask(server.store, one).stand for one in (first, second)] == [Stand.OVER, Stand.OPEN]
    end_asks(server.store, case.id)
    assert find_ask(server.store, second).stand is Stand.OVER
    third = make_ask(server.store, case.id, by="anna", days=1)
    now = server.store.read(lambda tx: tx.now)
    object.__setattr__(server.store, "clock", lambda: now + timedelta(days=2))
    assert find_ask(server.store, third).stand is Stand.OVER
    assert not answer_ask(server.store, third, (), SaidFacts(odometer_km=1))[1]
    object.__setattr__(server.store, "clock", None)
    fourth = make_ask(server.store, case.id, by="anna")
    erase(server.store, case.id, by="anna")
    assert find_ask(server.store, fourth).stand is Stand.OVER


def test_a_link_reaches_no_route_and_no_other_case(server: Server) -> None:
    """The matrix: the secret in every place where rights are carried, on every route, for both cases."""
    case, secret = asked(server)
    other, other_secret = asked(server, "b")
    before = read_case(server.store, other.id), history(server.store, other.id)
    for name, least in LEAST.items():
        if least == NOBODY:
            continue
        for target in (case.id, other.id):
            client = server.nobody()
            client.headers["authorization"] = f"Bearer {secret}"
            client.headers["x-csrf-token"] = secret
            client.cookies.set("kilpi_session", secret, domain="testserver.local")
            fill = {"case_id": target, "sha256": "0" * 64, "name": "01.jpg"}
            assert ask(client, name, lambda part, fill=fill: fill.get(part, "x")) in (401, 403, 422), name  # type: ignore[misc]
    for path in (
        f"/link/{secret}/{other.id}",
        f"/link/{secret}?case_id={other.id}",
        f"/link/{secret}/../{other.id}",
    ):
        assert "auto kahdeksan" not in server.nobody().get(path).text
    form = {
        "price": "1000",
        "case_id": other.id,
        "seq": "1",
        "id": other.id,
        "text": "XYZ-123",
        "take": "typed",
    }
    sent(server.nobody(), secret, photo(), **form)
    assert (read_case(server.store, other.id), history(server.store, other.id)) == before
    assert find_ask(server.store, other_secret).stand is Stand.OPEN
    assert combine(history(server.store, case.id)).identity is None  # figures, never a mark
    assert find_ask(server.store, secret).stand is Stand.USED


def test_neither_page_nor_address_says_a_mark_or_shows_a_photo(server: Server) -> None:
    case = worked(
        server.store,
        arrive(server.store, "p", dealer=DEALER, reference="ABC-987"),
        review(Mark("ABC-987", "FI")),
    )
    page = server.client().post(f"/cars/{case.id}/ask", data={"seen": str(case.seq), "wanted": "rear"}).text
    secret = re.findall(r"/link/([\w-]+)<", page)[0]
    shown = server.nobody().get(f"/link/{secret}").text
    assert not re.search(r"ABC.?987", shown) and "<img" not in shown and case.id not in shown


@pytest.mark.parametrize("reference", ["XYZ-123", "auto XYZ-123", "xyz123", "AB 12345"])
def test_a_reference_that_could_be_a_mark_is_not_shown(server: Server, reference: str) -> None:
    assert safe_reference(arrive(server.store, "a", reference=reference)) == ""


def test_a_note_that_names_the_mark_is_refused(server: Server) -> None:
    case = worked(server.store, arrive(server.store, "a"), review())
    form = {"seen": str(case.seq), "note": "is abc 987 sold?"}
    answered = server.client().post(f"/cars/{case.id}/ask", data=form)
    assert answered.status_code == 422 and read_case(server.store, case.id).state is State.REVIEW


@pytest.mark.parametrize("note", ["XGB-915 sharp please", "is it ABC 123?", "a photo of 787 LTM, please"])
def test_no_note_names_a_mark_also_where_none_was_read(server: Server, note: str) -> None:
    case = worked(server.store, arrive(server.store, "a"), review(None))
    assert case.mark is None
    form = {"seen": str(case.seq), "note": note}
    assert server.client().post(f"/cars/{case.id}/ask", data=form).status_code == 422
    plain = form | {"note": "4 photos of the rear, before Friday 5.12., and 2 of inside"}
    assert server.client().post(f"/cars/{case.id}/ask", data=plain).status_code == 200


def test_what_could_not_be_used_can_be_sent_again_by_the_same_link(server: Server) -> None:
    case, secret = asked(server)
    half = sent(server.nobody(), secret, b"no photo at all", price="15900")
    assert half.status_code == 200 and load_words("en").say("link", "thanks_part") in half.text
    assert find_ask(server.store, secret).stand is Stand.OPEN
    whole = sent(server.nobody(), secret, photo())
    assert load_words("en").say("link", "thanks_lead") in whole.text
    assert find_ask(server.store, secret).stand is Stand.USED
    assert len(photos(server.store, case.id)) == 2


def test_what_is_no_photo_is_named_and_the_link_stays(server: Server) -> None:
    case, secret = asked(server)
    answered = sent(server.nobody(), secret, b"no photo at all")
    assert answered.status_code == 422 and "IMG_0.jpg" in answered.text
    assert sent(server.nobody(), secret, price="cheap").status_code == 422
    assert sent(server.nobody(), secret).status_code == 422
    assert find_ask(server.store, secret).stand is Stand.OPEN
    assert read_case(server.store, case.id).state is State.WAITING


def test_links_are_looked_at_so_often_and_no_more(server: Server) -> None:
    _, secret = asked(server)
    server.serving.link_rates = Rates(2)
    client = server.nobody()
    assert [client.get(f"/link/{secret}").status_code for _ in range(3)] == [200, 200, 429]


def test_a_large_body_is_read_for_an_open_link_alone(server: Server) -> None:
    _, secret = asked(server)
    big = photo() + b"\0" * 3_000_000
    assert sent(server.nobody(), "x" * 43, big).status_code == 413
    assert sent(server.nobody(), secret, big).status_code == 200


def test_only_what_waits_for_a_person_is_asked_about(server: Server) -> None:
    case = in_state(server.store, State.READY)
    with pytest.raises(CaseRefused):
        make_ask(server.store, case.id, by="anna")
    waiting = in_state(server.store, State.WAITING, "w")
    assert server.client().post(f"/cars/{waiting.id}/ask", data={}).status_code == 200
    with pytest.raises(UsageError):
        make_ask(server.store, waiting.id, by="anna", days=0)


def test_what_the_car_lacks_is_chosen_already(server: Server) -> None:
    draft = worked(
        server.store, arrive(server.store, "a"), ready(state=State.DRAFT, missing=("price", "pictures"))
    )
    assert likely_wanted(draft, ["price", "pictures", "make"]) == ["more_photos", "price", "vehicle"]
    page = server.client().get(f"/cars/{draft.id}/ask").text
    assert re.findall(r'value="(\w+)" checked', page) == ["more_photos", "price"]


def test_figures_that_nobody_gave_are_chosen_before_there_is_an_advert(
    server: Server, tmp_path: Path
) -> None:
    yard = Yard(server.store, tmp_path / "photos", reader=FakeReader(""), out=server.serving.data)
    server.serving.maker = yard.maker
    assert yard.case.state is State.REVIEW and not yard.case.missing
    chosen = re.findall(r'value="(\w+)" checked', server.client().get(f"/cars/{yard.case.id}/ask").text)
    assert {"price", "odometer"} <= set(chosen)
    answer(server.store, yard.case.id, SaidFacts(price=Decimal(9000)), by="anna")
    yard.run()
    chosen = re.findall(r'value="(\w+)" checked', server.client().get(f"/cars/{yard.case.id}/ask").text)
    assert "price" not in chosen and "odometer" in chosen


def test_the_mail_holds_the_link_and_no_mark(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    out: list[Any] = []
    monkeypatch.setattr(asking, "send", lambda mail, settings: out.append(mail))
    server.serving.settings = Settings(language="en", smtp_host="127.0.0.1", smtp_from="kilpi@dealer.example")
    case = worked(server.store, arrive(server.store, "a", reference="auto"), review())
    form = {"seen": str(case.seq), "wanted": "rear", "to": "sales@dealer.example"}
    page = server.client().post(f"/cars/{case.id}/ask", data=form).text
    (mail,) = out
    link = re.findall(r"http://\S+/link/[\w-]+", mail.get_content())[0]
    assert link in page and mail["To"] == "sales@dealer.example"
    words = load_words("en")
    assert words.say("ask", "sent", to="sales@dealer.example") in page
    assert words.say("ask", "not_sent") not in page
    assert "rear" in mail.get_content() and "ABC" not in str(mail)


@pytest.mark.parametrize(("days", "stands"), [("0", 1), ("-3", 1), ("999", MOST_DAYS), ("7", 7)])
def test_days_that_cannot_be_are_the_nearest_that_can(server: Server, days: str, stands: int) -> None:
    before = server.store.read(lambda tx: tx.now)
    case, _ = asked(server, days=days)
    until = open_until(server.store, case.id)
    assert until is not None and round((until - before) / timedelta(days=1)) == stands


def test_a_mail_that_cannot_be_sent_leaves_the_link(server: Server) -> None:
    case = worked(server.store, arrive(server.store, "a"), review())
    form = {"seen": str(case.seq), "to": "sales@dealer.example"}
    page = server.client().post(f"/cars/{case.id}/ask", data=form).text
    assert "/link/" in page and load_words("en").say("ask", "not_sent") in page
