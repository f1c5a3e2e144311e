"""Bulk: names to photos, photos to rows, rows to parts; what is there is not made again; nothing is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.bulk.fake_looks import FakeLooks, LoadBroken, LoadFake, write_photos
from tests.fakes import FakeDetector, FakeReader, write_car_photo
from typer.testing import CliRunner

pytest.importorskip("pyarrow", reason="kilpi[bulk]") if not os.environ.get("CI") else None
import pyarrow.parquet as pq  # noqa: E402

from kilpi.bulk.batch import KilpiLooks, Loads, Row, read_batch, row_key  # noqa: E402
from kilpi.bulk.engines import Engine, Local, Ray  # noqa: E402
from kilpi.bulk.parts import Parts  # noqa: E402
from kilpi.bulk.run import Report, bulk  # noqa: E402
from kilpi.bulk.sources import photos_named  # noqa: E402
from kilpi.cli import app  # noqa: E402
from kilpi.errors import UsageError, WeightsError  # noqa: E402
from kilpi.pipeline import Kilpi  # noqa: E402


def rows_in(out: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pq.read_table(out).to_pylist()
    return found


def run(names: list[str], out: Path, engine: Engine | None = None, networks: str = "n") -> Report:
    return bulk(names, str(out), engine or Local(2, batch=3), LoadFake(), networks)


@pytest.fixture(scope="module")
def ray_engine() -> Iterator[Ray]:
    ray = pytest.importorskip("ray", reason="kilpi[bulk]")
    yield Ray(2, batch=3)
    ray.shutdown()


def test_a_photo_is_read_and_decided_as_everywhere(tmp_path: Path) -> None:
    photo = write_car_photo(tmp_path / "a.jpg", 1)
    looks = KilpiLooks(Kilpi(detector=FakeDetector(), reader=FakeReader("ABC987")))
    (row,) = read_batch(looks, [str(photo)])
    assert (row["width"], row["height"], row["error"]) == (1200, 900, None)
    assert [plate["text"] for plate in row["plates"]] == ["ABC-987"]
    assert len(row["plates"][0]["quad"]) == 8 and row["verdict"] in {"accepted", "review"}


def test_errors_are_rows(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no photo")
    looks = KilpiLooks(Kilpi(detector=FakeDetector(), reader=FakeReader()))
    rows = read_batch(looks, [str(tmp_path / "text.jpg"), str(tmp_path / "gone.jpg")])
    assert [row["error"] for row in rows] == ["PhotoNotAnImage", "PhotoMissing"]
    assert rows[0]["verdict"] is None and "gone.jpg" in rows[1]["message"]


def test_what_is_done_is_left_out_by_path_and_bytes(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 3)
    (first,) = read_batch(FakeLooks(), names[:1])
    done = {row_key(names[0], first["sha256"])}
    assert [row["photo"] for row in read_batch(FakeLooks(), names, done)] == names[1:]
    Path(names[0]).write_bytes(b"another photo")
    assert len(read_batch(FakeLooks(), names, done)) == 3


def test_names_are_folders_archives_patterns_lists_and_addresses(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 2)
    with ZipFile(tmp_path / "cars.zip", "w") as archive:
        archive.write(names[0], "leaf/1.jpg")
    (tmp_path / "list.txt").write_text("in/1.jpg\n\nin/gone.jpg\n")
    assert list(photos_named([str(tmp_path / "in"), names[0]])) == names
    assert list(photos_named([f"{tmp_path}/*/[0-9].jpg"])) == names
    assert list(photos_named([str(tmp_path / "cars.zip")])) == [str(tmp_path / "cars.zip/leaf/1.jpg")]
    assert list(photos_named([str(tmp_path / "list.txt")])) == [names[1], str(tmp_path / "in/gone.jpg")]
    assert list(photos_named([f"file://{tmp_path}/in"])) == [f"file://{name}" for name in names]
    assert list(photos_named([f"file://{tmp_path}/*/1.jpg"])) == [f"file://{names[1]}"]
    assert list(photos_named([f"file://{names[1]}"])) == [f"file://{names[1]}"]
    for nothing in (f"{tmp_path}/*.png", f"file://{tmp_path}/none"):
        with pytest.raises(UsageError, match="no photos there"):
            list(photos_named([nothing]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no photos in .*empty: looked there and below for"):
        list(photos_named([names[0], str(tmp_path / "empty")]))


def test_a_second_run_makes_nothing_again(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 7)
    first = run(names[:4], tmp_path / "out")
    assert (first.photos, first.read, first.known, first.errors) == (4, 4, 0, 0)
    second = run(names, tmp_path / "out")
    assert (second.photos, second.read, second.known) == (7, 3, 4)
    assert sorted(str(row["photo"]) for row in rows_in(tmp_path / "out")) == names
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


def test_rows_of_other_networks_are_not_mixed(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 1)
    run(names, tmp_path / "out")
    with pytest.raises(UsageError, match="other networks"):
        run(names, tmp_path / "out", networks="newer")


def test_remote_photos_and_a_remote_folder(tmp_path: Path) -> None:
    names = [f"file://{name}" for name in write_photos(tmp_path / "in", 3)]
    out = f"file://{tmp_path}/out"
    for read in (3, 0):
        done = bulk([f"file://{tmp_path}/in"], out, Local(1), LoadFake(), "n")
        assert (done.read, done.errors) == (read, 0)
    assert sorted(str(row["photo"]) for row in rows_in(tmp_path / "out")) == names


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("leaf/listing.json", "adverts or cases"),  # the site of `kilpi serve`
        ("originals/ab/abcd", "adverts or cases"),  # its data, where the cases are in Postgres
        ("leaf/decision.json", "adverts or cases"),
        ("leaf/1.jpg", "photos"),
        ("1.jpg", "photos"),
    ],
)
@pytest.mark.parametrize("address", ["", "file://"])
def test_rows_do_not_go_where_others_may_read_them(
    tmp_path: Path, name: str, holds: str, address: str
) -> None:
    """A site that is published is read by anybody, and rows hold marks."""
    (tmp_path / "out" / name).parent.mkdir(parents=True)
    (tmp_path / "out" / name).write_bytes(b"")
    with pytest.raises(UsageError, match=holds):
        Parts(f"{address}{tmp_path}/out", "n")
    assert not list((tmp_path / "out").glob("*.parquet"))


def test_parts_are_cut_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kilpi.bulk.parts.ROWS", 10)
    parts = Parts(str(tmp_path / "out"), "n")
    parts.add(read_batch(FakeLooks(), write_photos(tmp_path / "in", 25)))
    assert len(parts.paths()) == 2
    parts.close()
    assert len(parts.paths()) == 3 and len(parts.done()) == 25


def test_networks_are_loaded_once_a_worker_and_their_error_is_the_runs(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 12)
    bulk(names, str(tmp_path / "out"), Local(2, batch=2), LoadFake(tmp_path / "loads"), "n")
    assert len((tmp_path / "loads").read_bytes()) <= 2
    with pytest.raises(WeightsError):
        bulk(names, str(tmp_path / "other"), Local(1), LoadBroken(), "n")


def test_a_killed_worker_loses_nothing_and_a_fatal_photo_is_a_row(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 12, n4=b"once", n7=b"always")
    done = run(names, tmp_path / "out")
    assert (done.read, done.errors) == (12, 1)
    rows = {str(row["photo"]): row["error"] for row in rows_in(tmp_path / "out")}
    assert sorted(rows) == sorted(names)
    assert {name for name, error in rows.items() if error} == {names[7]}


@pytest.mark.timeout(110)
def test_ray_gives_the_same_rows_though_an_actor_is_killed(tmp_path: Path, ray_engine: Ray) -> None:
    names = write_photos(tmp_path / "in", 12, n4=b"once")
    done = run(names, tmp_path / "out", ray_engine)
    assert (done.read, done.errors) == (12, 0)
    assert sorted(str(row["photo"]) for row in rows_in(tmp_path / "out")) == sorted(names)
    assert (tmp_path / "in" / "4.seen").exists()


def test_the_first_failures_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    names = write_photos(tmp_path / "in", 2)
    gone = [str(tmp_path / f"gone-{n}.jpg") for n in range(8)]
    done = run([*names, *gone], tmp_path / "out")
    assert (done.read, done.errors, len(done.failures)) == (10, 8, 5)
    assert {one.error for one in done.failures} == {"PhotoMissing"}
    assert all(one.photo in gone and one.photo in one.message for one in done.failures)


OTHERS = ["kilpi.db", "index.html", "listing.json", "decision.json", "advert.html", "1.jpg"]


@pytest.mark.parametrize("name", OTHERS)
def test_rows_go_into_no_folder_of_adverts_cases_or_photos(tmp_path: Path, name: str) -> None:
    names = write_photos(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_bytes(b"")
    with pytest.raises(UsageError, match="holds"):
        run(names, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


class Here:
    """An engine without processes."""

    def run(self, names: Iterable[str], loads: Loads, done: Collection[bytes]) -> Iterator[list[Row]]:
        yield read_batch(loads(), list(names), done)


def test_a_photo_that_cannot_be_read_is_said_and_told_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kilpi.bulk.batch.LoadKilpi", lambda threads, home: LoadFake())
    monkeypatch.setattr("kilpi.bulk.engines.Local", lambda workers, batch: Here())
    names = write_photos(tmp_path / "in", 2)
    (tmp_path / "list.txt").write_text("\n".join([*names, str(tmp_path / "gone.jpg")]))
    for given, code in ((names, 0), ([str(tmp_path / "list.txt")], 3), ([str(tmp_path / "no.jpg")], 2)):
        done = CliRunner().invoke(app, ["bulk", *given, str(tmp_path / f"out-{code}"), "--workers", "1"])
        assert done.exit_code == code, done.output
        told = json.loads(done.stdout)
        assert told["errors"] == (code > 0)
        assert not code or told["failures"][0]["photo"] in done.stderr.replace("\n", "")
