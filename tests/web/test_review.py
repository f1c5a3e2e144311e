"""The review routes without a browser: what is refused, and what a stale page may not do."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.cases.helping import Told, in_state, ready
from tests.fakes import FakeDetector, ShadeReader, write_car_photo
from tests.web.doubtful import take_doubtful
from tests.web.serving import Server, server

from kilpi.adverts.held import take_away
from kilpi.adverts.records import DECISION
from kilpi.cases import Case, SaidFacts, SaidNoPlate, State, answer, history, read_case, take_in, work
from kilpi.cases.asking.preview import photos_of
from kilpi.cases.records import append
from kilpi.errors import StoreError
from kilpi.hashing import sha256_hex
from kilpi.photos.intake import survey
from kilpi.pipeline import Kilpi
from kilpi.schemas import read_record, to_json
from kilpi.types import (
    DistanceReading,
    DistanceUnit,
    Mark,
    OdometerCheck,
    OdometerOutcome,
    Point,
    Quad,
    Reason,
)
from kilpi.web.asking import fits
from kilpi.web.kept_pictures import KeptPictures
from kilpi.web.review_page import asked_of
from kilpi.web.serving import maker_of
from kilpi.web.words import load_words

__all__ = ["server"]


@pytest.fixture
def asked(server: Server, tmp_path: Path) -> Case:
    """A car in review: it was not read surely, and there is no register."""
    write_car_photo(tmp_path / "yard" / "leaf" / "1.jpg", seed=1)
    write_car_photo(tmp_path / "yard" / "leaf" / "2.jpg", seed=2)
    cars = survey([tmp_path / "yard"]).cars
    maker = maker_of(server.serving)
    maker.line = Kilpi(detector=FakeDetector(), reader=ShadeReader(scores=(0.6, 0.6, 0.6)), language="en")
    for car in cars:
        maker.know(car)
    taken = take_in(server.store, cars, "FI")
    work(server.store, maker, watch=maker.settle)
    return read_case(server.store, taken[0].case.id)


def post(client: TestClient, case: Case, verb: str, **form: str) -> tuple[int, str]:
    """Status and page, or where it leads."""
    sent = {"seq": str(case.seq), **form}
    answer = client.post(f"/review/{case.id}/{verb}", data=sent)
    return answer.status_code, answer.headers.get("location") or answer.text


def test_the_question_and_its_pictures_are_shown(server: Server, asked: Case) -> None:
    client = server.client()
    page = client.get(f"/review/{asked.id}")
    assert page.status_code == 200 and "ABC-123" in page.text
    address = re.search(r"/review/[^/]+/plates/([0-9a-f]{64})/([^\"]+)", page.text)
    assert address is not None
    plate = client.get(address[0])
    assert plate.headers["content-type"] == "image/jpeg" and "private" in plate.headers["cache-control"]
    sha256 = page.text.partition("/photos/")[2][:64]
    assert client.get(f"/review/{asked.id}/photos/{sha256}?side=320").status_code == 200
    assert client.get(f"/review/{asked.id}/photos/{sha256}?side=5").status_code == 404
    assert client.get(f"/review/{asked.id}/photos/{'0' * 64}?side=320").status_code == 404
    for corners in ("9", "1_2", "nan_0.0_1.0_0.0_1.0_1.0_0.0_1.0", address[2] + "_1.0", "-" + address[2] * 2):
        assert client.get(f"/review/{asked.id}/plates/{address[1]}/{corners}").status_code == 404
    assert client.get(f"/review/{asked.id}/plates/{'0' * 64}/{address[2]}").status_code == 404
    for flat in (["5.0"] * 8, ["1.0", "1.0", "9.0", "1.0", "5.0", "1.0", "3.0", "1.0"]):
        assert client.get(f"/review/{asked.id}/plates/{address[1]}/{'_'.join(flat)}").status_code == 404
    assert client.get(f"/review/{asked.id}/odometer").status_code == 404


def test_what_makes_no_sense_is_said_on_the_page_and_changes_nothing(server: Server, asked: Case) -> None:
    client = server.client()
    for form, words in (
        ({"take": "typed", "text": "--"}, "at most 16"),
        ({"take": "typed", "text": "ABC-1", "country": "?"}, "at most 16"),
        ({"take": "vin", "vin": "123"}, "17 letters"),
        ({"take": "facts", "price": "cheap"}, "not a price"),
        ({"take": "facts", "km": "many"}, "not a mileage"),
        ({"take": "99"}, "changed this car"),
        ({"take": "facts"}, "at most 16"),
    ):
        for verb in ("look", "answer"):
            status, page = post(client, asked, verb, **form)
            assert status == 422 and words in page, (form, verb)
    assert post(client, asked, "strange")[0] == 422
    assert post(client, asked, "strange", strange="0" * 64)[0] == 400
    assert read_case(server.store, asked.id) == asked


def test_an_old_page_changes_nothing(server: Server, asked: Case) -> None:
    client = server.client()
    answer(server.store, asked.id, SaidFacts(odometer_km=5), by="somebody else")
    status, page = post(client, asked, "look", take="typed", text="ABC-123", country="FI")
    assert status == 409 and "changed this car" in page
    for verb, form in (("answer", {"take": "typed", "text": "ABC-123", "country": "FI"}), ("later", {})):
        status, where = post(client, asked, verb, **form)
        assert status == 303 and where.startswith(f"/review/{asked.id}?trouble=")
    assert [event.by for event in history(server.store, asked.id)][-1] == "somebody else"


def test_a_car_that_is_gone_leads_to_its_page(server: Server) -> None:
    client = server.client()
    case = in_state(server.store, State.SOLD)
    assert client.get(f"/review/{case.id}").headers["location"] == f"/cars/{case.id}"
    assert client.get("/review/nothing").status_code == 404
    assert client.get("/review").status_code == 200, "nothing to review is a page, too"


def test_a_question_on_a_colleagues_screen_is_not_answered_twice(server: Server, asked: Case) -> None:
    first, second = server.client(name="first"), server.client(name="second")
    assert first.get("/review").headers["location"].startswith(f"/review/{asked.id}")
    assert second.get("/review").status_code == 200, "nothing is left for the second"
    assert "colleague" in second.get(f"/review/{asked.id}").text
    status, where = post(second, asked, "answer", take="0")
    assert (status, where) == (303, f"/review/{asked.id}?trouble=held")


@pytest.mark.parametrize(
    ("text", "country", "state"),
    [
        ("abc123", "FI", "fits"),
        ("å-1", "FI", "fits"),
        ("787 ltm", "EE", "fits"),
        ("b-ab 1234", "FI", "fits_elsewhere"),
        ("QQQQQQQQQQQ", "FI", "fits_not"),
        ("", "FI", "empty"),
        ("ABC", "??", "empty"),
    ],
)
def test_what_is_typed_is_held_against_its_country(text: str, country: str, state: str) -> None:
    for language in ("fi", "sv", "en"):
        told = fits(text, country, load_words(language))
        assert told["state"] == state and (told["say"] or country == "??")


def test_a_number_that_fits_elsewhere_is_told_in_whole_sentences() -> None:
    told = {code: fits("AB-123-C", "GB", load_words(code))["say"] for code in ("en", "fi", "sv")}
    assert told["en"] == "United Kingdom: no number looks like this, but elsewhere one does: Sweden."
    assert told["fi"] == "Yhdistynyt kuningaskunta: tällaista tunnusta ei ole, mutta muualla on: Ruotsi."
    assert told["sv"] == "Storbritannien: sådana nummer finns inte, men på annat håll finns de: Sverige."


def test_kept_pictures_stay_within_their_room() -> None:
    kept = KeptPictures(most=25)
    made = [kept.get((n,), lambda: b"0123456789") for n in (1, 2, 3)]
    assert len(set(made)) == 1 and kept.size <= 25 and list(kept.held) == [(2,), (3,)]
    assert kept.get((2,), lambda: b"another") == b"0123456789"
    kept.get((4,), lambda: b"0123456789")
    assert list(kept.held) == [(2,), (4,)], "the one that was not asked for goes"


def test_mark_and_price_count_together_or_not_at_all(
    server: Server, asked: Case, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fails_at_the_price(*given: Any) -> Case:
        if given[4].get("what") == "facts":
            raise StoreError("database: failed (here); see its disk")
        return append(*given)

    monkeypatch.setattr("kilpi.cases.verbs.append", fails_at_the_price)
    form = {"take": "typed", "text": "ABC-123", "country": "FI", "price": "9 900"}
    assert post(server.client(), asked, "answer", **form)[0] == 503
    assert read_case(server.store, asked.id).seq == asked.seq
    monkeypatch.undo()
    assert post(server.client(), asked, "answer", **form)[0] == 303
    assert [event.kind for event in history(server.store, asked.id)][-2:] == ["answered", "answered"]


def test_undo_takes_back_the_own_answer_and_no_later_one(server: Server, asked: Case) -> None:
    mine, other = server.client(), server.client(name="bo")
    assert post(mine, asked, "answer", take="typed", text="ABC-123", country="FI")[0] == 303
    strip = mine.get(f"/review?after={asked.id}&what=answered").text
    last = re.search(r'name="last" value="(\d+)"', strip)
    assert last is not None
    assert 'name="last"' not in other.get(f"/review?after={asked.id}&what=answered").text
    answer(server.store, asked.id, SaidFacts(odometer_km=7), by="bo", staff=True)
    seq = read_case(server.store, asked.id).seq
    refused = mine.post(f"/review/{asked.id}/undo", data={"last": last[1]})
    assert refused.headers["location"].endswith("trouble=changed")
    assert read_case(server.store, asked.id).seq == seq, "the colleague's price stands"
    assert 'name="last"' not in mine.get(f"/review?after={asked.id}&what=answered").text
    assert other.post(f"/review/{asked.id}/undo", data={"last": str(seq)}).status_code == 303
    assert mine.post(f"/review/{asked.id}/undo", data={"last": last[1]}).status_code == 303
    assert [event.kind for event in history(server.store, asked.id)][-2:] == ["undone", "undone"]


def test_photos_whose_names_are_no_utf8_are_shown_too(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "yard" / "leaf"
    for seed in (1, 2):
        write_car_photo(folder / f"{seed}.jpg", seed=seed).rename(
            folder / os.fsdecode(b"auto\xe4%d.jpg" % seed)
        )
    taken, maker = take_doubtful(server, tmp_path / "yard")
    client, case = server.client(), read_case(server.store, taken.case.id)
    page = client.get(f"/review/{case.id}").text
    shown = set(re.findall(r'src="(/review/[^"]+)"', page))
    assert shown and {client.get(one.replace("&amp;", "&")).status_code for one in shown} == {200}
    question = asked_of(server.serving, case)
    assert len(photos_of(maker, question, Mark("ABC-123", "FI"))) == 2


def test_the_odometer_of_a_question_outlives_its_folder(server: Server, asked: Case) -> None:
    """The car is worked on again, without the photo of its instruments, while the page loads."""
    folder = server.serving.folder(asked)
    record = read_record(folder / DECISION)
    assert record is not None
    number = DistanceReading(
        "0" * 64, Quad(Point(0, 0), Point(9, 0), Point(9, 9), Point(0, 9)), 84500, DistanceUnit.KM
    )
    seen = {"seen": 84500, "unit": "km"}
    check = OdometerCheck(OdometerOutcome.NOT_SEEN, Reason("odometer_proposed", seen), number)
    (folder / "odometer.jpg").write_bytes(b"the crop")
    files = {**record.files, "odometer.jpg": sha256_hex(b"the crop")}
    (folder / DECISION).write_text(to_json(replace(record, odometer=check, files=files)))
    answer(server.store, asked.id, SaidNoPlate(), by="anna")
    work(server.store, Told(ready(state=State.DRAFT, missing=("price",))))
    client = server.client()
    page = client.get(f"/review/{asked.id}").text
    address = re.search(r"/review/[^/]+/odometer[^\"]*", page)
    assert address is not None
    take_away(folder)
    assert client.get(address[0]).content == b"the crop"
    assert client.get(f"/review/{asked.id}/odometer?v=1").status_code == 404
