"""Photos, pictures and adverts reach signed-in people, and nothing else of a folder does."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from tests.cases.helping import arrive
from tests.fakes import write_car_photo
from tests.sent_cars import a_photo, send_car, work_all
from tests.web.serving import Server, server

from kilpi.cases import photos, read_case, receive
from kilpi.cases.incoming.arrival import Arrival, Sent
from kilpi.geometry import quad_from_box
from kilpi.types import Box
from kilpi.web.kept_pictures import around

__all__ = ["server"]


def test_a_photo_is_shown_as_a_jpeg_without_metadata(server: Server, tmp_path: Path) -> None:
    assert server.store.originals is not None
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    path = tmp_path / "a.png"
    Image.open(write_car_photo(tmp_path / "a.jpg", 1)).save(path, exif=exif)
    with path.open("rb") as file:
        sha256 = server.store.originals.add(file)
    case = receive(server.store, Arrival((Sent(sha256, "a.png"),))).case
    client = server.client()
    for side in (320, 800):
        answer = client.get(f"/cars/{case.id}/photos/{sha256}?side={side}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert "private" in answer.headers["cache-control"]
        shown = Image.open(io.BytesIO(answer.content))
        assert max(shown.size) == side and not shown.getexif()
    assert client.get(f"/cars/{case.id}/photos/{'0' * 64}").status_code == 404
    other = arrive(server.store, "b")
    assert client.get(f"/cars/{other.id}/photos/{sha256}").status_code == 404


def test_a_photo_that_is_gone_is_told(server: Server) -> None:
    case = arrive(server.store, "a")
    sha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"  # of "a", as helping has it
    answer = server.client().get(f"/cars/{case.id}/photos/{sha256}", headers={"accept": "application/json"})
    assert answer.status_code == 404 and answer.json()["kind"] in ("PhotoMissing", "NotFound")


def made(server: Server, tmp_path: Path) -> str:
    """A case with a folder as the line writes it. Its id."""
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}
    send_car(server.store, server.serving.data, files)
    (case,) = work_all(server.store, server.serving.data)
    return case.id


@pytest.mark.parametrize(
    "name", ["decision.json", "..%2Fkilpi.db", "kilpi.db", "advert.html", "99.jpg", "%2e%2e"]
)
def test_only_pictures_of_the_folder_are_shown(server: Server, tmp_path: Path, name: str) -> None:
    case_id = made(server, tmp_path)
    assert server.client().get(f"/cars/{case_id}/pictures/{name}").status_code == 404


def test_pictures_thumbnail_and_advert_of_a_car(server: Server, tmp_path: Path) -> None:
    case_id, client = made(server, tmp_path), server.client()
    case = read_case(server.store, case_id)
    names = [path.name for path in server.serving.folder(case).glob("*.jpg")]
    assert "01.jpg" in names and "01-small.jpg" in names
    for name in names:
        for below in ("pictures", "advert"):
            answer = client.get(f"/cars/{case_id}/{below}/{name}")
            assert answer.status_code == 200 and answer.content[:2] == b"\xff\xd8"
    assert client.get(f"/cars/{case_id}/thumbnail").content[:2] == b"\xff\xd8"
    assert client.get(f"/cars/{case_id}/advert").headers["location"].endswith("/advert/")
    advert = client.get(f"/cars/{case_id}/advert/")
    assert advert.status_code == 200 and "Nissan" in advert.text
    assert case.mark is not None and case.mark.text not in advert.text


def test_no_picture_is_shown_from_a_browsers_cache_without_being_asked_for(
    server: Server, tmp_path: Path
) -> None:
    """Also to who has signed out, and of a case that is erased; photos as they came among them."""
    case_id, client = made(server, tmp_path), server.client()
    photo = photos(server.store, case_id)[0].sha256
    corners = "1.0_1.0_40.0_1.0_40.0_12.0_1.0_12.0"
    paths = [f"/cars/{case_id}/{below}" for below in ("thumbnail", "pictures/01.jpg", "advert/01.jpg")]
    paths += [f"/cars/{case_id}/photos/{photo}", f"/review/{case_id}/photos/{photo}"]
    paths += [f"/review/{case_id}/{kind}/{photo}/{corners}" for kind in ("plates", "around")]
    known = {path: client.get(path).headers["etag"] for path in paths}
    for path, tag in known.items():
        answer = client.get(path, headers={"if-none-match": tag})
        assert (answer.status_code, answer.headers["cache-control"]) == (304, "private, no-cache"), path
        assert client.get(path, headers={"if-none-match": '"other"'}).content[:2] == b"\xff\xd8"
        assert server.nobody().get(path, headers={"if-none-match": tag}).status_code == 303
    server.serving.desk.erase(case_id, by="anna")
    for path, tag in known.items():
        answer = client.get(path, headers={"if-none-match": tag})
        assert answer.status_code == 404 or "svg" in answer.headers["content-type"], path


def test_the_page_of_a_car_says_what_is_known(server: Server, tmp_path: Path) -> None:
    case_id = made(server, tmp_path)
    page = server.client().get(f"/cars/{case_id}").text
    for words in ("Nissan Leaf", "ABC-123", "2 photos show the same plate", "draft"):
        assert words in page, words
    assert page.count(f'src="/cars/{case_id}/pictures/') == 2


@pytest.mark.parametrize("language", ["", "fi", "sv", "en"])
def test_the_preview_lets_nothing_run_that_is_not_the_adverts_own(
    server: Server, tmp_path: Path, language: str
) -> None:
    case_id = made(server, tmp_path)
    answer = server.client().get(f"/cars/{case_id}/advert/?language={language}")
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200 and "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'self'"} <= set(policy.split("; "))
    assert f'<html lang="{language or "en"}">' in answer.text
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        assert inside
        for text in inside:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_the_part_around_a_plate_lies_in_the_photo() -> None:
    frame = (1200, 900)
    for box in (
        Box(500, 400, 700, 450),
        Box(0, 0, 60, 20),
        Box(1100, 850, 1200, 900),
        Box(0, 100, 1200, 700),
    ):
        x1, y1, x2, y2 = around(quad_from_box(box), frame)
        assert 0 <= x1 < x2 <= 1200 and 0 <= y1 < y2 <= 900
        assert x1 <= box.x1 and box.x2 <= x2 and y1 <= box.y1 and box.y2 <= y2
    assert around(quad_from_box(Box(580, 440, 620, 460)), frame)[2] - 440 == 320, "not closer than that"
