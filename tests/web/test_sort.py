"""Sorting photos on the page: to another car, to a new one, and what cannot be."""

from __future__ import annotations

import io
from pathlib import Path

from tests.sent_cars import a_photo
from tests.web.serving import Server, server

from kilpi.cases import Case, find, photos, receive
from kilpi.cases.incoming.arrival import Arrival, Sent

__all__ = ["server"]


def car(server: Server, tmp_path: Path, name: str, first: int, count: int = 2, dealer: str = "") -> Case:
    """A case of some photos."""
    originals = server.store.originals
    assert originals is not None
    seeds = range(first, first + count)
    sent = [Sent(originals.add(io.BytesIO(a_photo(tmp_path, seed))), f"{seed}.jpg") for seed in seeds]
    return receive(server.store, Arrival(tuple(sent), reference=name, dealer=dealer)).case


def chosen(server: Server, case: Case, count: int) -> list[str]:
    return [f"{case.id} {photo.sha256}" for photo in photos(server.store, case.id)[:count]]


def counts(server: Server) -> list[int]:
    """How many photos each car has."""
    return sorted(len(photos(server.store, one.id)) for one in find(server.store).cases)


def test_a_photo_becomes_a_car_of_its_own(server: Server, tmp_path: Path) -> None:
    golf = car(server, tmp_path, "golf", 1)
    client = server.client()
    told = client.post("/sort", data={"to": "new", "photo": chosen(server, golf, 1)})
    assert told.status_code == 303 and told.headers["location"] == "/sort?moved=1"
    assert "Photos moved: 1" in client.get("/sort?moved=1").text
    assert counts(server) == [1, 1]


def test_photos_of_two_cars_become_one_new_car(server: Server, tmp_path: Path) -> None:
    golf, leaf = car(server, tmp_path, "golf", 1, 4), car(server, tmp_path, "leaf", 11, 1)
    some = chosen(server, leaf, 1) + chosen(server, golf, 2)  # all of the leaf, two of the golf
    assert server.client().post("/sort", data={"to": "new", "photo": some}).status_code == 303
    assert len(photos(server.store, golf.id)) == 2
    assert 3 in counts(server)


def test_photos_of_two_dealers_make_no_car_not_even_half(server: Server, tmp_path: Path) -> None:
    golf, leaf = car(server, tmp_path, "golf", 1, 3), car(server, tmp_path, "leaf", 11, 3, dealer="Other Oy")
    some = chosen(server, golf, 1) + chosen(server, leaf, 1)
    assert server.client().post("/sort", data={"to": "new", "photo": some}).status_code == 409
    assert counts(server) == [3, 3]


def test_what_cannot_be_moved_is_said_on_the_page(server: Server, tmp_path: Path) -> None:
    golf = car(server, tmp_path, "golf", 1)
    client = server.client()
    nothing = client.post("/sort", data={"to": "new"})
    assert nothing.status_code == 422 and "Choose one photo" in nothing.text
    whole = client.post("/sort", data={"to": "new", "photo": chosen(server, golf, 2)})
    assert whole.status_code == 422 and "car of their own already" in whole.text
    finnish = client.post("/sort", data={"to": "new"}, headers={"accept-language": "fi"})
    assert "Valitse" in finnish.text
