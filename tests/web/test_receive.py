"""Photos, zips and lists come in: what is told of each file, what becomes of a batch, what is never kept."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.cases.helping import arrive
from tests.fakes import write_car_photo
from tests.web.serving import DEALER, Server, server
from tests.workbooks import xlsx

from kilpi.cases import State, Wanted, backlog, erase, find, history, photos, read_case, sold
from kilpi.cases.incoming.beside import Beside
from kilpi.errors import NoRoom
from kilpi.store import Originals
from kilpi.web.accounts import Role
from kilpi.web.routes import receive as routes

__all__ = ["server"]


@pytest.fixture
def jpegs(tmp_path: Path) -> Callable[[int], bytes]:
    """Small photos, each unlike the others."""
    return lambda seed: write_car_photo(tmp_path / "made" / f"{seed}.jpg", seed, (320, 240)).read_bytes()


def send(client: TestClient, path: str, content: bytes, **headers: str) -> Any:
    from urllib.parse import quote

    named = {"x-file-name": quote(path), "accept": "application/json", **headers}
    return client.post("/receive/file", content=content, headers=named)


def finish(client: TestClient, told: Iterable[Any], **more: str) -> Any:
    files = [{"path": one["path"], "sha256": one["sha256"]} for one in told]
    return client.post("/receive/done", json={"files": files, **more})


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def originals(server: Server) -> set[str]:
    folder = server.serving.data / "originals"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_folders_become_cars_by_the_rule_of_folders(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    paths = ["golf/1.jpg", "golf/kuvat/2.jpg", "leaf/1.jpg"]
    told = [send(client, path, jpegs(n)).json() for n, path in enumerate(paths)]
    assert [one["kind"] for one in told] == ["photo"] * 3
    cars = finish(client, told, dealer="Auto  Oy").json()["cars"]
    assert [(car["reference"], car["how"]) for car in cars] == [("golf", "new"), ("leaf", "new")]
    case = read_case(server.store, cars[0]["id"])
    assert (case.dealer, case.state) == ("Auto Oy", State.RECEIVED)
    assert [photo.name for photo in photos(server.store, case.id)] == ["1.jpg", "2.jpg"]
    assert history(server.store, case.id)[0].by == "staff"
    assert originals(server) == {one["sha256"] for one in told}


def test_the_same_batch_again_changes_nothing(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    told = [send(client, f"golf/{n}.jpg", jpegs(n)).json() for n in (1, 2)]
    first = finish(client, told).json()["cars"]
    again = finish(client, told).json()["cars"]
    assert again[0]["id"] == first[0]["id"] and again[0]["how"] == "same"
    assert len(find(server.store).cases) == 1


def test_a_second_folder_of_the_same_name_is_another_car(
    server: Server, jpegs: Callable[[int], bytes]
) -> None:
    """auto1, kuvat2: a folder's name in an upload says nothing of which car it is."""
    client = server.client()
    for seed in (1, 2):
        assert (
            finish(client, [send(client, "auto1/1.jpg", jpegs(seed)).json()]).json()["cars"][0]["how"]
            == "new"
        )
    assert len(find(server.store).cases) == 2


def test_what_is_here_need_not_be_sent_again(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client, photo = server.client(), jpegs(1)
    digest = hashlib.sha256(photo).hexdigest()
    assert client.post("/receive/have", json={"sha256": [digest]}).json() == {"have": {}}
    send(client, "a.jpg", photo)
    have = client.post("/receive/have", json={"sha256": [digest, "0" * 64]}).json()["have"]
    assert list(have) == [digest] and have[digest]["kind"] == "photo"
    assert finish(client, [{"path": "b.jpg", "sha256": digest}]).status_code == 200


def test_a_sha256_does_not_show_what_others_have(server: Server, jpegs: Callable[[int], bytes]) -> None:
    photo = jpegs(1)
    digest = hashlib.sha256(photo).hexdigest()
    send(server.client(), "a.jpg", photo)
    dealer = server.client(Role.DEALER)
    assert dealer.post("/receive/have", json={"sha256": [digest]}).json() == {"have": {}}
    refused = finish(dealer, [{"path": "a.jpg", "sha256": digest}])
    assert refused.status_code == 400 and "send them again" in refused.json()["detail"]
    other = server.client(Role.DEALER, "other", "Toinen Oy")
    send(dealer, "a.jpg", photo)
    assert finish(other, [{"path": "a.jpg", "sha256": digest}]).status_code == 400


def test_a_broken_photo_is_named_at_once_and_not_kept(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client, whole = server.client(), jpegs(1)
    told = send(client, "golf/half.jpg", whole[: len(whole) // 2]).json()
    assert (told["kind"], told["why"]) == ("refused", "PhotoTruncated") and told["text"]
    assert send(client, "golf/page.jpg", b"<html>").json()["why"] == "PhotoNotAnImage"
    assert send(client, "golf/none.jpg", b"").json()["why"] == "PhotoEmpty"
    assert originals(server) == set()


def test_a_broken_photo_of_a_known_one_leaves_that_one(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    told = send(client, "1.jpg", jpegs(1)).json()
    again = send(client, "thumbs.db", jpegs(1)).json()  # the same bytes under a name that is never a photo's
    assert again["kind"] == "left_out" and originals(server) == {told["sha256"]}


@pytest.mark.parametrize(
    ("name", "why"), [("film.mp4", "video"), ("paper.pdf", "pdf"), ("old.rar", "archive")]
)
def test_what_is_of_no_use_is_said(server: Server, name: str, why: str) -> None:
    told = send(server.client(), name, b"anything").json()
    assert (told["kind"], told["why"]) == ("left_out", why) and told["text"]
    assert originals(server) == set()


def test_a_zip_is_a_folder_that_is_called_like_it(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    files = {"golf/1.jpg": jpegs(1), "golf/half.jpg": jpegs(2)[:900], "leaf/1.jpg": jpegs(3)}
    files |= {"leaf/car.toml": b"price = 9900\n", "../out.jpg": jpegs(4), "__MACOSX/golf/._1.jpg": b"x"}
    archive = zipped(files)
    told = send(client, "cars.zip", archive).json()
    kinds = {one["path"]: one["kind"] for one in told["members"]}
    assert kinds["golf/1.jpg"] == "photo" and kinds["golf/half.jpg"] == "refused"
    assert kinds["leaf/car.toml"] == "beside" and kinds["out.jpg"] == "left_out"
    assert told["sha256"] not in originals(server)
    cars = finish(client, [told]).json()["cars"]
    assert [car["reference"] for car in cars] == ["golf", "leaf"]
    leaf = cars[1]["id"]
    assert [path.name for path in Beside(server.serving.data).texts(leaf)] == ["car.toml"]
    have = client.post("/receive/have", json={"sha256": [told["sha256"]]}).json()["have"]
    assert have[told["sha256"]]["members"] == told["members"]


def test_a_broken_zip_is_named(server: Server) -> None:
    told = send(server.client(), "cars.zip", b"PK\x03\x04 and no more").json()
    assert (told["kind"], told["why"]) == ("refused", "bad_archive") and told["text"]


def test_photos_with_one_name_stay_apart(server: Server, jpegs: Callable[[int], bytes]) -> None:
    """A telephone's camera calls every photo image.jpg."""
    client = server.client()
    told = [send(client, "leaf/image.jpg", jpegs(n)).json() for n in (1, 2, 3)]
    (car,) = finish(client, told).json()["cars"]
    names = [photo.name for photo in photos(server.store, car["id"])]
    assert sorted(names) == ["image-2.jpg", "image-3.jpg", "image.jpg"]


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd.jpg",
        "/etc/a.jpg",
        "C:\\kuvat\\a.jpg",
        "a\x00b.jpg",
        "x/" * 300 + "a.jpg",
        "ä" * 900 + ".jpg",
    ],
)
def test_names_lead_nowhere(server: Server, jpegs: Callable[[int], bytes], path: str) -> None:
    client = server.client()
    told = send(client, path, jpegs(1)).json()
    made = finish(client, [{"path": path, "sha256": told["sha256"]}])
    assert made.status_code == 200 and len(made.json()["cars"]) == 1
    left = server.serving.data / ".laid-out"
    assert list(left.iterdir()) == []


def test_a_cut_connection_leaves_nothing(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client, photo = server.client(), jpegs(1)
    short = send(client, "a.jpg", photo[:500], **{"content-length": str(len(photo))})
    assert short.status_code == 400
    changed = send(client, "a.jpg", photo, **{"x-file-sha256": "0" * 64})
    assert changed.status_code == 409
    assert [path for path in server.serving.data.iterdir() if path.suffix == ".part"] == []
    assert find(server.store).cases == ()


def test_what_is_too_large_is_refused(
    server: Server, jpegs: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAX_PHOTO", 100)
    client = server.client()
    assert send(client, "a.jpg", jpegs(1)).status_code == 413

    def pieces() -> Iterable[bytes]:
        yield jpegs(1)

    assert client.post("/receive/file", content=pieces(), headers={"x-file-name": "a.jpg"}).status_code == 413
    assert originals(server) == set()


def test_a_stock_list_is_the_dealers_from_now_on(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client(Role.DEALER)
    list_ = xlsx([["reference", "price"], ["golf", "12900"]])
    told = send(client, "varasto.xlsx", list_).json()
    assert told["kind"] == "list"
    made = finish(client, [told]).json()
    assert (made["cars"], made["stock"], made["heaps"], made["unlisted"]) == ([], True, 0, [])
    assert made["listed"] == "Cars in the stock list: 1."
    beside = Beside(server.serving.data)
    line = beside.stock(DEALER).line("golf")
    assert line is not None and line.told.values["price"] == 12900
    assert beside.stock("").lines == ()


def test_a_car_that_a_newer_list_lacks_is_named(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client(Role.DEALER)
    first = send(client, "a.csv", b"viite;hinta\ngolf;12900\nleaf;9900\n").json()
    finish(client, [first, send(client, "golf/1.jpg", jpegs(1)).json()])
    (case,) = find(server.store).cases
    newer = send(client, "b.csv", b"viite;hinta\nleaf;9500\n").json()
    made = finish(client, [newer]).json()
    assert "no longer names: 1" in made["listed"]
    assert [(one["href"], one["reference"]) for one in made["unlisted"]] == [(f"/cars/{case.id}", "golf")]
    assert "its price and mileage stay" in made["unlisted"][0]["said"]
    page = client.post("/receive", files=[("files", ("c.csv", b"viite;hinta\nmini;1000\n"))]).text
    assert "no longer names: 1" in page and f"/cars/{case.id}" in page


def test_a_list_that_says_nothing_of_cars_is_left_out(server: Server) -> None:
    told = send(server.client(), "tunnit.csv", b"who,hours\nanna,7\n").json()
    assert (told["kind"], told["why"]) == ("left_out", "list")


def test_the_form_does_the_same_without_script(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    sent = [("files", ("1.jpg", jpegs(1))), ("files", ("2.jpg", jpegs(2)))]
    assert client.post("/receive", files=sent).status_code == 303
    assert backlog(server.store).waiting == 1, "loose photos are sorted first"
    assert client.post("/receive", files=sent[:1]).status_code == 303
    (case,) = find(server.store).cases
    assert len(photos(server.store, case.id)) == 1
    told = client.post("/receive", files=[("files", ("half.jpg", jpegs(3)[:900]))])
    assert told.status_code == 200 and "half.jpg" in told.text


def test_erasing_takes_what_lay_beside(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    told = [
        send(client, "golf/1.jpg", jpegs(1)).json(),
        send(client, "golf/car.toml", b'notes = "x"\n').json(),
        send(client, "golf/info.txt", b"12 900 EUR").json(),
    ]
    (car,) = finish(client, told).json()["cars"]
    beside = Beside(server.serving.data)
    assert [path.name for path in beside.texts(car["id"])] == ["car.toml", "info.txt"]
    case = read_case(server.store, car["id"])
    assert client.post(f"/cars/{case.id}/erase", data={"seen": str(case.seq)}).status_code == 303
    assert not beside.folder(case.id).exists()
    assert told[0]["sha256"] not in originals(server)
    assert find(server.store, Wanted()).cases == ()


def test_a_car_of_another_dealer_stays_theirs(server: Server, jpegs: Callable[[int], bytes]) -> None:
    """The same photos from two dealers are two cases; neither is told of the other."""
    one, two = server.client(Role.DEALER), server.client(Role.DEALER, "other", "Toinen Oy")
    for client in (one, two):
        told = [send(client, "golf/1.jpg", jpegs(1)).json()]
        assert finish(client, told).json()["cars"][0]["how"] == "new"
    assert {case.dealer for case in find(server.store).cases} == {DEALER, "Toinen Oy"}
    first = find(server.store, Wanted(dealer=DEALER)).cases[0]
    erase(server.store, first.id, by="anna")
    assert originals(server), "the other dealer's photo stays"


def test_photos_that_are_here_already_name_their_car(server: Server, jpegs: Callable[[int], bytes]) -> None:
    client = server.client()
    told = send(client, "golf/1.jpg", jpegs(1)).json()
    (first,) = finish(client, [told]).json()["cars"]
    assert (first["reference"], first["how"], first["said"]) == ("golf", "new", "a new car")
    (again,) = finish(client, [told]).json()["cars"]
    assert (again["href"], again["how"]) == (first["href"], "same")
    assert "already" in again["said"]
    sold(server.store, again["id"], by="anna")
    (gone,) = finish(client, [told]).json()["cars"]
    assert (gone["href"], gone["state"]) == (first["href"], "sold") and "no longer for sale" in gone["said"]
    page = client.post("/receive", files=[("files", ("golf/1.jpg", jpegs(1)))])
    assert page.status_code == 200 and f'href="{first["href"]}">golf</a>' in page.text


def test_loose_photos_that_are_cars_already_are_not_sorted_again(
    server: Server, jpegs: Callable[[int], bytes]
) -> None:
    client = server.client()
    for number in (1, 2):
        finish(client, [send(client, f"car {number}/{number}.jpg", jpegs(number)).json()])
    loose = [send(client, f"{number}.jpg", jpegs(number)).json() for number in (1, 2)]
    made = finish(client, loose).json()
    assert made["heaps"] == 0 and {one["how"] for one in made["cars"]} == {"same"}
    assert {one["reference"] for one in made["cars"]} == {"car 1", "car 2"}
    loose.append(send(client, "3.jpg", jpegs(3)).json())
    assert finish(client, loose).json()["heaps"] == 1, "one of them is new"


def without_room(server: Server) -> None:
    """From now on the disk is full, as far as the floor says."""
    kept = server.store.originals
    assert kept is not None
    object.__setattr__(kept, "floor", 1 << 60)


def test_without_room_nothing_is_taken_in_and_what_to_do_is_said(
    server: Server, jpegs: Callable[[int], bytes]
) -> None:
    client = server.client()
    without_room(server)
    for path, content in (("1.jpg", jpegs(1)), ("cars.zip", zipped({"leaf/1.jpg": jpegs(2)}))):
        answer = send(client, path, content)
        assert answer.status_code == 507 and answer.json()["kind"] == "NoRoom"
        assert "KILPI_MIN_FREE_MB" in answer.json()["detail"]
    assert originals(server) == set() and find(server.store).cases == ()


def test_a_zip_that_finds_no_room_halfway_is_not_called_broken(
    server: Server, jpegs: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, checks = server.client(), iter([None, None, None])

    def check(kept: Originals) -> None:
        if next(checks, 1):
            raise NoRoom("originals: full")

    monkeypatch.setattr(Originals, "check_room", check)
    answer = send(client, "cars.zip", zipped({f"leaf/{n}.jpg": jpegs(n) for n in (1, 2, 3)}))
    assert answer.status_code == 507


def test_a_reference_joins_the_photos_that_lie_in_no_folder_alone(
    server: Server, jpegs: Callable[[int], bytes]
) -> None:
    client = server.client()
    for n in (1, 3):
        told = [
            send(client, path, jpegs(seed)).json()
            for path, seed in (("kuvat/1.jpg", n), ("golf/1.jpg", n + 1))
        ]
        finish(client, told, reference="A-17")
    cases = find(server.store).cases
    found = sorted((case.reference, len(photos(server.store, case.id))) for case in cases)
    assert found == [("A-17", 2), ("golf", 1), ("golf", 1)]


def test_the_staff_choose_among_the_dealers_that_are_here(server: Server) -> None:
    arrive(server.store, "a", dealer="Muu Oy")
    assert '<option value="Muu Oy">' in server.client().get("/receive").text
    assert "Muu Oy" not in server.client(Role.DEALER).get("/receive").text


def test_a_form_without_files_is_told_what_to_do(server: Server) -> None:
    client = server.client()
    for nothing in ({"files": [("files", ("", b""))]}, {"data": {"dealer": ""}}):
        page = client.post("/receive", **nothing)
        assert page.status_code == 200 and "Choose photos, a folder or a list first." in page.text
    page = client.post("/receive", files=[("files", ("text.jpg", b"no picture"))])
    assert page.status_code == 200 and "Nothing could be used" in page.text and "is no picture" in page.text
