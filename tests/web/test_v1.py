"""/v1/cases as machines use it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.cases.helping import arrive, in_state, publish, ready, worked
from tests.fakes import write_car_photo
from tests.sent_cars import a_photo, maker_of
from tests.web.serving import DEALER, Server, server

from kilpi.cases import (
    SaidFacts,
    SaidMark,
    State,
    Traits,
    answer,
    find,
    history,
    photos,
    read_case,
    sold,
)
from kilpi.cases.answers import combine
from kilpi.web import tokens
from kilpi.web.accounts import Role

__all__ = ["server"]
Photo = Callable[[int], bytes]


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    """Small photos, each unlike the others."""
    return lambda seed: write_car_photo(tmp_path / "made" / f"{seed}.jpg", seed, (320, 240)).read_bytes()


@pytest.fixture
def robot(server: Server) -> TestClient:
    """A machine of the staff."""
    client = server.nobody()
    client.headers["authorization"] = f"Bearer {tokens.make(server.store, 'robot', Role.STAFF)}"
    return client


def create(client: TestClient, *contents: bytes, key: str | None = None, **fields: str) -> Any:
    sent = [("photos", (f"{n}.jpg", content, "image/jpeg")) for n, content in enumerate(contents)]
    headers = {"idempotency-key": key} if key else {}
    return client.post("/v1/cases", files=sent, data=fields, headers=headers)


def test_a_stock_system_says_that_a_car_is_sold_and_back(server: Server, robot: TestClient) -> None:
    case = in_state(server.store, State.PUBLISHED)
    url = f"/v1/cases/{case.id}"
    for _ in range(2):  # the answer was lost, so it is sent again
        told = robot.post(f"{url}/sold")
        assert (told.status_code, told.json()["state"]) == (200, "sold")
    again = robot.post(f"{url}/withdraw").json()
    assert (again["status"], again["kind"]) == (409, "CaseRefused")
    for _ in range(2):
        back = robot.post(f"{url}/for-sale")
        assert (back.status_code, back.json()["state"]) == (200, "working"), "its advert is made again"
    kinds = [event.kind.value for event in history(server.store, case.id)]
    assert (kinds.count("sold"), kinds.count("undone"), kinds.count("rerun")) == (1, 1, 1)
    assert robot.post(f"{url}/withdraw", json={"seen": 1}).status_code == 409, "it has changed since"
    assert robot.post(f"{url}/withdraw").json()["state"] == "withdrawn"


def test_a_place_that_adverts_go_to_is_told_without_its_token(server: Server, robot: TestClient) -> None:
    case = publish(server.store, in_state(server.store, State.READY), "https://dms.example/in?token=hush")
    publish(server.store, case, "/srv/data/site")
    told = robot.get(f"/v1/cases/{case.id}/history")
    assert "hush" not in told.text and "/srv" not in told.text
    assert [one["by"] for one in told.json()][-4:] == ["dms.example", "dms.example", "site", "site"]
    page = server.client().get(f"/cars/{case.id}").text
    assert "hush" not in page and "dms.example" in page
    server.serving.desk.erase(case.id, by="anna")
    assert "hush" not in robot.get(f"/v1/cases/{case.id}/history").text


def test_an_answer_is_not_taken_back_as_a_sale(server: Server, robot: TestClient) -> None:
    case = in_state(server.store, State.REVIEW)
    answer(server.store, case.id, SaidMark("ABC-987", "FI"), by="anna")
    assert robot.post(f"/v1/cases/{case.id}/for-sale").status_code == 200
    assert combine(history(server.store, case.id)).identity is not None
    robot.delete(f"/v1/cases/{case.id}")
    assert robot.post(f"/v1/cases/{case.id}/for-sale").status_code == 409
    assert robot.post(f"/v1/cases/{case.id}/sold").status_code == 409


def test_a_dealers_token_ends_only_its_own_cars(server: Server) -> None:
    client = server.nobody()
    client.headers["authorization"] = f"Bearer {tokens.make(server.store, 'dms', Role.DEALER, DEALER)}"
    own = in_state(server.store, State.READY, "own", dealer=DEALER)
    other = in_state(server.store, State.REVIEW, "other", dealer="Another")
    assert client.post(f"/v1/cases/{own.id}/sold").json()["state"] == "sold"
    for verb in ("sold", "withdraw", "for-sale"):
        assert client.post(f"/v1/cases/{other.id}/{verb}").status_code == 404
    assert read_case(server.store, other.id).state is State.REVIEW


def test_photos_become_a_case(server: Server, robot: TestClient, photo: Photo) -> None:
    fields = {
        "reference": "A-17",
        "dealer": DEALER,
        "price": "15900",
        "odometer_km": "84200",
        "mark": "abc-123",
    }
    answer = create(robot, photo(1), photo(2), **fields)
    assert answer.status_code == 201
    case = read_case(server.store, answer.json()["case"]["id"])
    assert answer.headers["location"] == f"/v1/cases/{case.id}"
    assert (case.reference, case.dealer, case.state) == ("A-17", DEALER, State.RECEIVED)
    events = history(server.store, case.id)
    assert {event.by for event in events} == {"robot"}
    answers = combine(events)
    assert answers.identity == SaidMark("ABC-123", "FI")
    assert answers.facts == SaidFacts(price=Decimal(15900), odometer_km=84200)
    assert len(photos(server.store, case.id)) == 2


def test_the_same_key_is_the_same_request(server: Server, robot: TestClient, photo: Photo) -> None:
    first, again = create(robot, photo(1), key="k1"), create(robot, photo(1), key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["case"]["id"] == again.json()["case"]["id"] and again.json()["how"] == "same"
    assert len(find(server.store).cases) == 1


def test_a_price_written_in_another_way_is_the_same_request(robot: TestClient, photo: Photo) -> None:
    asked = [create(robot, photo(1), key="k1", price=price) for price in ("15900", "15900.00", "1.59E4")]
    assert [one.status_code for one in asked] == [201, 200, 200]
    assert create(robot, photo(1), key="k1", price="15901").status_code == 422


@pytest.mark.parametrize("other", ["photos", "reference", "price", "mark"])
def test_a_key_with_another_request_is_refused(
    server: Server, robot: TestClient, photo: Photo, other: str
) -> None:
    fields = {"reference": "A-17", "price": "15900", "mark": "ABC-123"}
    first = create(robot, photo(1), photo(2), key="k1", **fields).json()["case"]["id"]
    seed = 3 if other == "photos" else 2
    changed = {"reference": "A-18", "price": "4990", "mark": "XYZ-123"}
    more = fields | ({other: changed[other]} if other in changed else {})
    refused = create(robot, photo(1), photo(seed), key="k1", **more)
    assert (refused.status_code, refused.json()["kind"]) == (422, "KeyReused")
    assert "ABC" not in refused.text and "XYZ" not in refused.text
    assert [case.id for case in find(server.store).cases] == [first]
    assert len(history(server.store, first)) == 3
    again = create(robot, photo(2), photo(1), key="k1", **fields)
    assert (again.status_code, again.json()["how"]) == (200, "same")
    assert create(robot, photo(1), photo(seed), key="k2", **more).status_code in (200, 201)


def test_a_key_from_before_digests_were_kept_is_the_same_request(
    server: Server, robot: TestClient, photo: Photo
) -> None:
    old = arrive(server.store, "a", by="robot", receipt="key k1 1")
    again = create(robot, photo(1), key="k1")
    assert (again.status_code, again.json()["case"]["id"]) == (200, old.id)


def test_the_same_reference_gets_more_photos(server: Server, robot: TestClient, photo: Photo) -> None:
    first, second = create(robot, photo(1), reference="A-17"), create(robot, photo(2), reference="A-17")
    assert second.json()["how"] == "changed" and second.status_code == 200
    assert first.json()["case"]["id"] == second.json()["case"]["id"]


def test_without_room_machines_hear_507(server: Server, robot: TestClient, photo: Photo) -> None:
    assert server.store.originals is not None
    object.__setattr__(server.store.originals, "floor", 1 << 60)
    answer = create(robot, photo(1))
    assert answer.status_code == 507 and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["kind"] == "NoRoom" and find(server.store).cases == ()


def test_what_cannot_be_used_is_named(robot: TestClient, photo: Photo) -> None:
    answer = create(robot, photo(1), photo(2)[:500])
    assert answer.status_code == 201
    assert [(one["name"], one["why"]) for one in answer.json()["refused"]] == [("1.jpg", "PhotoTruncated")]
    none = create(robot, b"<html>")
    assert none.status_code == 422 and none.headers["content-type"] == "application/problem+json"


def test_more_photos_for_a_case(server: Server, robot: TestClient, photo: Photo) -> None:
    case_id = create(robot, photo(1)).json()["case"]["id"]
    for seed, how in ((2, "changed"), (2, "same")):
        sent = [("photos", ("b.jpg", photo(seed), "image/jpeg"))]
        assert robot.post(f"/v1/cases/{case_id}/photos", files=sent).json()["how"] == how
    listed = robot.get(f"/v1/cases/{case_id}/photos").json()
    assert [one["name"] for one in listed] == ["0.jpg", "b.jpg"]


def test_lists_go_on_from_a_cursor(server: Server, robot: TestClient) -> None:
    ids = [arrive(server.store, str(n)).id for n in range(5)]
    seen, cursor = list[str](), None
    while True:
        page = robot.get("/v1/cases", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [case["id"] for case in page["cases"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]
    assert robot.get("/v1/cases?cursor=nonsense").status_code == 400


def test_states_and_words(server: Server, robot: TestClient) -> None:
    ready = in_state(server.store, State.READY, name="r")
    arrive(server.store, "x")
    assert [case["id"] for case in robot.get("/v1/cases?state=ready").json()["cases"]] == [ready.id]
    found = robot.post("/v1/cases/search", json={"words": "abc"}).json()["cases"]
    assert [case["id"] for case in found] == [ready.id] and found[0]["mark"] == "ABC-987"


def test_answers_and_facts(server: Server, robot: TestClient) -> None:
    case = in_state(server.store, State.REVIEW)
    said = {"answer": {"what": "mark", "text": "abc-987", "country": "FI"}, "seen": case.seq}
    assert robot.post(f"/v1/cases/{case.id}/answer", json=said).json()["state"] == "working"
    assert robot.post(f"/v1/cases/{case.id}/answer", json=said).status_code == 409  # changed since
    assert robot.post(f"/v1/cases/{case.id}/facts", json={"odometer_km": 5}).status_code == 200
    assert robot.post(f"/v1/cases/{case.id}/facts", json={}).status_code == 400
    assert combine(history(server.store, case.id)).facts == SaidFacts(odometer_km=5)


@pytest.mark.parametrize(
    "said",
    [{"what": "mark", "text": "!!!", "country": "FI"}, {"what": "vin", "vin": "short"}, {"what": "who"}],
)
def test_an_answer_that_makes_no_sense_is_refused_without_its_words(
    server: Server, robot: TestClient, said: dict[str, str]
) -> None:
    case = in_state(server.store, State.REVIEW)
    answer = robot.post(f"/v1/cases/{case.id}/answer", json={"answer": said})
    assert answer.status_code in (400, 422)
    assert not any(value in answer.text for name, value in said.items() if name != "what")


def test_publishing_and_erasure(server: Server, robot: TestClient) -> None:
    case = in_state(server.store, State.READY)
    assert robot.post(f"/v1/cases/{case.id}/publish").status_code == 202
    review = in_state(server.store, State.REVIEW, name="b")
    refused = robot.post(f"/v1/cases/{review.id}/publish")
    assert refused.status_code == 409 and refused.json()["kind"] == "CaseRefused"
    assert robot.delete(f"/v1/cases/{case.id}").status_code == 204
    assert robot.get(f"/v1/cases/{case.id}").json()["state"] == "erased"
    assert robot.delete(f"/v1/cases/{case.id}").status_code == 409


def test_problems_are_told_as_rfc_9457_wants(server: Server, robot: TestClient) -> None:
    answer = robot.get("/v1/cases/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["title"], body["kind"]) == (404, "Not Found", "CaseMissing")
    nobody = server.nobody().get("/v1/cases")
    assert nobody.status_code == 401 and nobody.headers["www-authenticate"] == "Bearer"
    assert robot.put("/v1/cases").status_code == 405


def test_the_description_names_every_route_of_v1(server: Server) -> None:
    told = server.nobody().get("/v1/openapi.json").json()
    assert {"/v1/cases", "/v1/cases/{case_id}/answer", "/healthz"} <= set(told["paths"])
    assert "/cars" not in told["paths"]
    assert told["paths"]["/v1/cases"]["post"]["security"] == [{"token": []}]


def test_plates_are_read_and_nothing_is_kept(server: Server, robot: TestClient, tmp_path: Path) -> None:
    server.serving.maker = maker_of(server.store, tmp_path / "data")
    sent = [("photos", ("a.jpg", a_photo(tmp_path, 1))), ("photos", ("b.jpg", b"<html>"))]
    first, second = robot.post("/v1/plates", files=sent).json()
    assert (first["photo"], first["plates"][0]["text"]) == ("a.jpg", "ABC-123")
    assert second["error"]["kind"] == "PhotoNotAnImage"
    assert find(server.store).cases == () and not (server.serving.data / "originals").exists()


def test_the_description_is_one_that_generators_of_clients_understand(server: Server) -> None:
    told = server.nobody().get("/v1/openapi.json").json()
    operations = [one for methods in told["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) and {"cases_create", "plates_read"} <= set(names)
    photos = told["components"]["schemas"]["Body_create_v1_cases_post"]["properties"]["photos"]
    assert photos["items"]["format"] == "binary"


def test_photos_that_come_again_bring_their_new_values(
    server: Server, robot: TestClient, photo: Photo
) -> None:
    one = photo(1)
    first = create(robot, one, price="15900", currency="EUR")
    case_id = first.json()["case"]["id"]
    again = create(robot, one, price="14900", currency="EUR", mark="ABC-987")
    assert (again.status_code, again.json()["how"]) == (200, "changed")
    assert again.json()["changed"] == ["price", "mark"]
    said = combine(history(server.store, case_id))
    assert (said.facts.price, said.identity) == (Decimal(14900), SaidMark("ABC-987", "FI"))
    nightly = create(robot, one, price="14900", currency="EUR", mark="ABC-987")
    assert (nightly.json()["how"], nightly.json()["changed"]) == ("same", [])


def test_what_is_sent_every_night_takes_no_correction_back(
    server: Server, robot: TestClient, photo: Photo
) -> None:
    one = photo(1)
    case_id = create(robot, one, price="15900", currency="EUR", mark="ABC-987").json()["case"]["id"]
    corrected = SaidFacts(price=Decimal(15500)), SaidMark("XYZ-123", "FI")
    answer(server.store, case_id, *corrected, by="anna", staff=True)
    assert create(robot, one, price="15900", currency="EUR", mark="ABC-987").json()["how"] == "same"
    said = combine(history(server.store, case_id))
    assert (said.facts.price, said.identity) == (Decimal(15500), SaidMark("XYZ-123", "FI"))
    sold(server.store, case_id, by="anna")
    assert create(robot, one, price="15900", currency="EUR").json()["how"] == "same"
    assert create(robot, one, price="9900", currency="EUR").json()["how"] == "new", "it is for sale again"


def test_a_dealer_is_not_told_which_case_is_anothers(server: Server) -> None:
    for name, dealer in (("a", "Muu Oy"), ("b", DEALER)):
        worked(server.store, arrive(server.store, name, dealer=dealer), ready(traits=Traits(dealer=dealer)))
    mine, other = (next(c for c in find(server.store).cases if c.dealer == d) for d in (DEALER, "Muu Oy"))
    client = server.client(Role.DEALER)
    asked = {
        path: client.get(path).text for path in (f"/v1/cases/{mine.id}", "/v1/cases", f"/cars/{mine.id}")
    }
    asked["search"] = client.post("/v1/cases/search", json={"words": "abc"}).text
    assert "mark_of_another_car" in asked["/v1/cases"] and mine.id in asked["search"]
    assert [path for path, text in asked.items() if other.id in text] == []
    (why,) = client.get(f"/v1/cases/{mine.id}").json()["reasons"]
    assert why == {"code": "mark_of_another_car", "values": {"differ": []}}
    staff = server.client(Role.STAFF).get(f"/v1/cases/{mine.id}").json()["reasons"]
    assert staff[0]["values"]["case"] == other.id


def test_a_sale_that_is_taken_back_does_not_name_another_dealers_case(server: Server) -> None:
    mine = in_state(server.store, State.SOLD, "a", dealer=DEALER)
    there = worked(server.store, arrive(server.store, "b", dealer="Muu Oy"), ready())
    assert there.state is State.READY
    form = {"last": str(mine.seq)}
    refused = server.client(Role.DEALER).post(f"/cars/{mine.id}/undo", data=form)
    assert refused.status_code == 409 and there.id not in refused.text


def test_a_photos_name_is_a_name(server: Server, robot: TestClient, photo: Photo) -> None:
    sent = [
        ("photos", (name, photo(n), "image/jpeg")) for n, name in enumerate(("a\x07/..", "b\x1b[31m.jpg"))
    ]
    case = robot.post("/v1/cases", files=sent).json()["case"]
    assert [one.name for one in photos(server.store, case["id"])] == ["1.jpg", "b[31m.jpg"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        (
            "answer",
            {"answer": {"what": "ABC-987", "text": "ABC-987"}},
            "answer: 'what' should be one of 'mark'",
        ),
        ("answer", {"answer": {"what": "mark", "text": "ABC-987"}}, "answer.mark.country: Field required"),
        ("facts", {"price": "ABC-987"}, "price: Input should be a valid decimal"),
        ("facts", {"price": -1}, "price: Input should be greater than or equal to 0"),
        ("facts", {"currency": "ABC-987"}, "currency: String should match pattern '^[A-Z]{3}$'"),
    ],
)
def test_a_machine_is_told_what_a_field_should_be(
    server: Server, robot: TestClient, path: str, body: dict[str, Any], told: str
) -> None:
    """And never what stood there: that may be a mark."""
    case = in_state(server.store, State.REVIEW)
    answered = robot.post(f"/v1/cases/{case.id}/{path}", json=body)
    assert (answered.status_code, answered.json()["kind"]) == (422, "UnprocessableContent")
    assert told in answered.json()["detail"] and "ABC-987" not in answered.text


def test_a_machine_is_told_why_no_photo_can_be_used(robot: TestClient, photo: Photo) -> None:
    told = create(robot, photo(7)[:2000], b"%PDF-1.4").json()
    assert (told["status"], told["kind"], told["title"]) == (
        422,
        "UnprocessableContent",
        "Unprocessable Content",
    )
    assert "PhotoTruncated" in told["detail"]
    broken = robot.post("/v1/cases/search", content=b"{", headers={"content-type": "application/json"}).json()
    assert (broken["status"], "the body is no JSON" in broken["detail"]) == (422, True)
