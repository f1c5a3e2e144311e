from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from tests.adverts_data import LEAF, MARK, OFFER, accepted, doubtful

from kilpi.adverts.folders import write_car
from kilpi.adverts.listing import mentions
from kilpi.errors import UsageError
from kilpi.files import locked_folder
from kilpi.publishing.entries import Entry
from kilpi.publishing.folder_target import FolderTarget
from kilpi.publishing.ledger import STATE, Sent
from kilpi.publishing.publish import WebhookTarget, destination, publish
from kilpi.publishing.webhook import Webhook
from kilpi.types import Dealer

PAGES = {"advert.html", "advert-fi.html", "advert-sv.html"}
FILES = {"01.jpg", "01-small.jpg", "02.jpg", "02-small.jpg", "listing.json", *PAGES}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two ready cars, one of them in a folder named by its mark; a draft; a review."""
    folder = tmp_path / "out"
    write_car(accepted("leaf"), folder)
    write_car(accepted("ABC-123", count=1), folder)
    write_car(accepted("draft", offer=replace(OFFER, price=None)), folder)
    write_car(doubtful(), folder)
    return folder


def test_only_ready_cars_leave_and_no_mark_with_them(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    report = publish(out, str(to))
    assert len(report.sent) == 2
    assert {held.why for held in report.held} == {"draft", "review"}
    assert {path.name for path in (to / "leaf").iterdir()} == FILES
    for path in to.rglob("*"):
        assert not mentions(path.relative_to(to).as_posix(), MARK)
        if path.suffix in {".html", ".json", ".csv"}:
            assert not mentions(path.read_text(), MARK)
            assert str(LEAF.vin) not in path.read_text()
    assert not list(to.rglob("decision.json"))


def test_a_second_run_changes_nothing(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    publish(out, str(to))
    before = {path: path.stat().st_ino for path in (to / "leaf").iterdir()}
    report = publish(out, str(to))
    assert (report.sent, report.unchanged) == ((), 2)
    assert {path: path.stat().st_ino for path in (to / "leaf").iterdir()} == before


def test_what_changed_is_replaced_and_what_is_ready_no_more_is_withdrawn(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    publish(out, str(to))
    (to / "leaf" / "theirs.txt").write_text("stays")
    write_car(accepted("leaf", count=1), out)
    report = publish(out, str(to))
    assert report.sent == ("leaf",)
    assert not (to / "leaf" / "02.jpg").exists()
    write_car(doubtful("leaf"), out)
    report = publish(out, str(to))
    assert report.withdrawn == ("leaf",)
    assert [path.name for path in (to / "leaf").iterdir()] == ["theirs.txt"]
    assert publish(out, str(to)).withdrawn == ()


@pytest.mark.parametrize("done", range(5))
def test_a_withdrawal_that_is_killed_is_finished_by_the_next(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    to, unlink = tmp_path / "www", Path.unlink
    publish(out, str(to))
    assert len(list((to / "leaf").iterdir())) > 5
    left = iter([True] * done)

    def killed(self: Path, missing_ok: bool = False) -> None:
        if next(left, False):
            unlink(self, missing_ok)
        else:
            raise SystemExit("killed")

    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(Path, "unlink", killed)
        FolderTarget(to).deliver("leaf", None, Sent())
    assert (to / "leaf").is_dir()
    assert FolderTarget(to).deliver("leaf", None, Sent()) is True
    assert not (to / "leaf").exists()


@pytest.mark.parametrize("content", [None, b"", b'{"schema": 99, "id": "leaf", "cars": []}'])
def test_an_advert_is_taken_down_whatever_became_of_its_listing(
    out: Path, tmp_path: Path, content: bytes | None
) -> None:
    """Lost, empty after the power failed, or of another version of Kilpi."""
    publish(out, str(tmp_path / "www"))
    listing = tmp_path / "www" / "leaf" / "listing.json"
    listing.unlink() if content is None else listing.write_bytes(content)
    write_car(doubtful("leaf"), out)
    assert publish(out, str(tmp_path / "www")).withdrawn == ("leaf",)
    assert not listing.parent.exists()


def test_a_page_that_cannot_be_taken_down_is_told_and_not_noted_as_gone(out: Path, tmp_path: Path) -> None:
    publish(out, str(tmp_path / "www"))
    folder = tmp_path / "www" / "leaf"
    (folder / "listing.json").unlink()
    for page in folder.glob("advert*.html"):
        page.write_text("<p>written anew by somebody</p>")
    write_car(doubtful("leaf"), out)
    for _ in range(2):
        report = publish(out, str(tmp_path / "www"))
        assert report.withdrawn == () and [held.folder for held in report.failed] == ["leaf"]
        assert "remove it" in report.failed[0].why


def test_what_was_lost_at_the_target_is_put_back(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    publish(out, str(to))
    (to / "leaf" / "01.jpg").unlink()
    assert publish(out, str(to)).sent == ("leaf",)
    assert (to / "leaf" / "01.jpg").exists()


def test_a_folder_of_somebody_else_is_not_overwritten(out: Path, tmp_path: Path) -> None:
    other = tmp_path / "www" / "leaf"
    other.mkdir(parents=True)
    (other / "advert.html").write_text("mine")
    report = publish(out, str(tmp_path / "www"))
    assert [failed.folder for failed in report.failed] == ["leaf"]
    assert (other / "advert.html").read_text() == "mine"
    assert len(report.sent) == 1, "the others go on"


def test_feeds_follow(out: Path, tmp_path: Path) -> None:
    dealer = Dealer(
        name="M", store_code="1", street="K 1", city="T", postal_code="1", country="FI",
        site="https://x.example/", feeds=("meta",),
    )  # fmt: skip
    report = publish(out, str(tmp_path / "www"), dealer=dealer)
    plain, meta = report.feeds
    assert plain.cars == 2
    assert {fault.column for fault in meta.faults} == {"vin"}, "both cars have one VIN here"
    assert len(json.loads((tmp_path / "www" / "feeds" / "vehicles.json").read_text())) == 2


@pytest.mark.parametrize("to", ["out", "out/public"])
def test_the_folder_with_the_marks_is_no_target(out: Path, to: str) -> None:
    with pytest.raises(UsageError, match="outside"):
        publish(out, str(out.parent / to))


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="kilpi advert"):
        publish(tmp_path / "nothing", str(tmp_path / "www"))


@dataclass
class Receiver:
    """Notes what is posted; refuses while `away`."""

    away: bool = False
    events: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.away:
            return httpx2.Response(400)
        body = json.loads(request.content)
        self.events.append((body["event"], body["id"], request.headers["Idempotency-Key"]))
        return httpx2.Response(200)

    def target(self) -> WebhookTarget:
        return WebhookTarget(Webhook("https://h.example/", "s", httpx2.MockTransport(self)))


def test_webhook_tells_every_change_once(out: Path) -> None:
    receiver = Receiver()

    def run() -> None:
        publish(out, "https://h.example/", target=receiver.target())

    run()
    run()
    assert [event for event, _, _ in receiver.events] == ["advert.published"] * 2
    write_car(doubtful("leaf"), out)
    run()
    run()
    assert receiver.events[-1][:2] == ("advert.withdrawn", "leaf")
    write_car(accepted("leaf"), out)
    run()
    assert receiver.events[-1][:2] == ("advert.published", "leaf")
    assert len(receiver.events) == 4
    assert len({key for _, _, key in receiver.events}) == 4, "the same car again is another event"


def test_a_failed_post_is_sent_by_the_next_run(out: Path) -> None:
    receiver = Receiver(away=True)
    report = publish(out, "https://h.example/", target=receiver.target())
    assert (report.sent, len(report.failed)) == ((), 2)
    receiver.away = False
    assert len(publish(out, "https://h.example/", target=receiver.target()).sent) == 2


def test_a_run_that_waits_for_a_receiver_sends_nothing_after_a_newer_run(out: Path) -> None:
    """The first one has read the advert with its former price; it is what the receiver showed at the end."""
    slow, go = threading.Event(), threading.Event()
    prices: list[str] = []

    def receive(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        if body["id"] == "leaf" and not slow.is_set():
            slow.set()
            go.wait(10)
        prices.extend([body["listing"]["amount"]] if body["id"] == "leaf" else [])
        return httpx2.Response(200)

    target = WebhookTarget(Webhook("https://h.example/", "s", httpx2.MockTransport(receive)))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(publish, out, "https://h.example/", target=target)
        assert slow.wait(10)
        write_car(accepted("leaf", offer=replace(OFFER, price=Decimal(1000))), out)
        second = pool.submit(publish, out, "https://h.example/", target=target)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        go.set()
        assert (len(first.result(10).sent), second.result(10).sent) == (2, ("leaf",))
    assert (prices[-1], len(prices)) == ("1000", 2)


def test_where_the_file_of_what_was_sent_is_lost_no_key_is_given_twice(out: Path) -> None:
    """A receiver acts on each key once: what it had before, sent once more, would not come out."""
    receiver = Receiver()
    for price in (1000, 2000, 1000):
        write_car(accepted("leaf", offer=replace(OFFER, price=Decimal(price))), out)
        publish(out, "https://h.example/", target=receiver.target())
        (out / STATE).unlink()
    keys = [key for _, name, key in receiver.events if name == "leaf"]
    assert len(keys) == len(set(keys)) == 3


def test_feeds_tell_of_a_car_that_could_not_be_sent_what_stands_there(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "www"
    publish(out, str(to))
    before = (to / "feeds" / "vehicles.csv").read_text()
    write_car(accepted("leaf", offer=replace(OFFER, price=Decimal(1000))), out)
    write_car(accepted("new"), out)

    def full(self: FolderTarget, identity: str, entry: Entry | None, before: Sent) -> bool:
        raise OSError(28, "No space left on device", identity)

    monkeypatch.setattr(FolderTarget, "deliver", full)
    assert {"leaf", "new"} <= {held.folder for held in publish(out, str(to)).failed}
    assert (to / "feeds" / "vehicles.csv").read_text() == before


def test_a_full_disk_is_said_without_numbers(out: Path) -> None:
    class Full:
        def deliver(self, identity: str, entry: Entry | None, before: Sent) -> bool:
            raise OSError(28, "No space left on device", "x.jpg")

    report = publish(out, "https://h.example/", target=Full())
    assert {held.why for held in report.failed} == {"No space left on device"}


def test_a_run_that_is_killed_sends_nothing_twice(out: Path) -> None:
    @dataclass
    class Once:
        got: list[str] = field(default_factory=list)
        most: int = 1

        def deliver(self, identity: str, entry: Entry | None, before: Sent) -> bool:
            if entry and before.digest == entry.digest:
                return False
            if len(self.got) == self.most:
                raise KeyboardInterrupt
            self.got.append(identity)
            return True

    target = Once()
    with pytest.raises(KeyboardInterrupt):
        publish(out, "x", target=target)
    target.most = 9
    publish(out, "x", target=target)
    assert len(target.got) == len(set(target.got)) == 2


def test_withdrawing_what_was_never_there(tmp_path: Path) -> None:
    assert FolderTarget(tmp_path / "www").deliver("absent", None, Sent()) is False


def test_withdrawing_beside_a_strange_file_shows_on_the_folder_above(tmp_path: Path) -> None:
    folder = tmp_path / "www" / "leaf"
    folder.mkdir(parents=True)
    for name in ("01.jpg", "notes.txt"):
        (folder / name).write_bytes(b"x")
    os.utime(folder.parent, (1, 1))
    assert FolderTarget(tmp_path / "www").withdraw(folder, ["01.jpg"])
    assert (folder / "notes.txt").is_file() and folder.parent.stat().st_mtime > 1


@pytest.mark.parametrize(
    "to", ["ftp://cars.example/", "s3://bucket/cars", "https:/cars.example", "file:///srv/cars"]
)
def test_an_unknown_address_is_an_error_and_no_folder(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError, match="no folder and no https:// address"):
        publish(out, to)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("HTTPS://cars.example/Hook", ("https://cars.example/Hook", True)),
        ("http://localhost/x", ("http://localhost/x", True)),
        ("www/cars", ("www/cars", False)),
        ("C:\\www", ("C:\\www", False)),
    ],
)
def test_destinations(to: str, place: tuple[str, bool]) -> None:
    assert destination(to) == place


def test_what_a_killed_run_put_out_is_known_to_the_next(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"

    @dataclass
    class Dies:
        """The car is out, and the process gone before that was written down."""

        place: FolderTarget

        def deliver(self, identity: str, entry: Entry | None, before: Sent) -> bool:
            self.place.deliver(identity, entry, before)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(out, str(to), target=Dies(FolderTarget(to)))
    (shown,) = [path.name for path in to.iterdir() if path.is_dir()]
    for car in out.iterdir():
        if (car / "decision.json").is_file():
            (car / "decision.json").unlink()  # sold meanwhile: no car is ready any more
    assert publish(out, str(to)).withdrawn == (shown,)
    assert [path.name for path in to.iterdir() if path.is_dir()] == ["feeds"]


def test_one_publisher_at_a_time_sends_to_a_folder(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    with ThreadPoolExecutor(1) as pool, locked_folder(to):
        waiting = pool.submit(publish, out, str(to))
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        assert list(to.iterdir()) == []
        write_car(accepted("leaf", offer=replace(OFFER, price=Decimal(1000))), out)
    assert len(waiting.result(10).sent) == 2
    assert json.loads((to / "leaf" / "listing.json").read_text())["amount"] == "1000", "read in its turn"
