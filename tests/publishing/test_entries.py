from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.adverts_data import LEAF, OFFER, accepted, doubtful

from kilpi.adverts.folders import write_car
from kilpi.adverts.records import DECISION
from kilpi.errors import LabelError, PublishError
from kilpi.publishing.dealer_file import read_dealer
from kilpi.publishing.entries import Entry, Held, read_entry, ready_entries
from kilpi.schemas import read_record
from kilpi.types import Dealer, Mark


def entries(out: Path) -> tuple[list[Entry], list[Held]]:
    held: list[Held] = []
    return list(ready_entries(out, "https://cars.example/", held)), held


def test_only_what_is_ready_comes(tmp_path: Path) -> None:
    write_car(accepted("a"), tmp_path)
    write_car(accepted("b", count=0), tmp_path)
    write_car(doubtful("c"), tmp_path)
    found, held = entries(tmp_path)
    assert [entry.shown.id for entry in found] == ["a"]
    assert {(one.folder, one.why) for one in held} == {("b", "draft"), ("c", "review")}
    names = {"01.jpg", "01-small.jpg", "02.jpg", "02-small.jpg", "advert.html", "listing.json"}
    assert set(found[0].files) == names, "no decision.json"
    assert b"https://cars.example/a/01.jpg" in found[0].files["advert.html"]


def test_a_picture_that_was_changed_stays(tmp_path: Path) -> None:
    folder = write_car(accepted("a"), tmp_path)
    (folder / "02.jpg").write_bytes((folder / "01.jpg").read_bytes())
    found, held = entries(tmp_path)
    assert found == []
    assert "changed after its plates were covered" in held[0].why


@pytest.mark.parametrize("name", ["01.jpg", "01-small.jpg", "listing.json"])
def test_a_folder_that_is_not_whole_stays(tmp_path: Path, name: str) -> None:
    folder = write_car(accepted("a"), tmp_path)
    (folder / name).unlink()
    found, held = entries(tmp_path)
    assert (found, len(held)) == ([], 1)


def test_a_mark_written_in_later_stays(tmp_path: Path) -> None:
    folder = write_car(accepted("a"), tmp_path)
    values = json.loads((folder / "listing.json").read_text())
    values["title"] = "Nissan abc-123"
    (folder / "listing.json").write_text(json.dumps(values))
    found, held = entries(tmp_path)
    assert found == []
    assert "registration mark" in held[0].why
    assert "123" not in held[0].why


def written_in(folder: Path, **changes: object) -> None:
    values = json.loads((folder / "listing.json").read_text())
    (folder / "listing.json").write_text(json.dumps(values | changes))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"paragraphs": ["Vaihdossa tuli XGB-915."]}, "description"),
        ({"equipment": ["Koukku", "Rek. 123 EFG"]}, "equipment"),
        ({"paragraphs": ["alustanumero tmbjg7ne1f0000935"]}, "VIN"),
        ({"equipment": ["VIN WVW ZZZ AUZ JW 000417"]}, "VIN"),
        ({"contact": "Matti, vaihdossa XGB-915"}, "contact"),
        ({"place": "Tampere (rek. 123 EFG)"}, "place"),
    ],
)
def test_another_cars_mark_or_any_vin_stays(tmp_path: Path, changes: dict[str, object], where: str) -> None:
    written_in(write_car(accepted("a"), tmp_path), **changes)
    found, held = entries(tmp_path)
    assert found == [] and where in held[0].why
    assert not any(sign in held[0].why for sign in ("915", "123", "935", "417"))


def test_a_mark_of_another_car_of_the_run_stays(tmp_path: Path) -> None:
    mark, other = Mark("XGB-915", "FI"), accepted("other")
    decision = replace(other.decision, mark=mark)
    write_car(replace(other, decision=decision, vehicle=replace(LEAF, mark=mark)), tmp_path)
    folder = write_car(accepted("a"), tmp_path)
    written_in(folder, paragraphs=["Vaihdossa tuli xgb 915 ja 12 muuta"])
    found, held = entries(tmp_path)
    assert [entry.shown.id for entry in found] == ["other"] and "description" in held[0].why


def test_a_picture_name_from_elsewhere_is_not_followed(tmp_path: Path) -> None:
    folder = write_car(accepted("a"), tmp_path)
    text = (folder / "listing.json").read_text().replace('"01.jpg"', '"../decision.json"')
    (folder / "listing.json").write_text(text)
    assert entries(tmp_path)[0] == []


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    write_car(accepted("a"), tmp_path / "one")
    write_car(accepted("a"), tmp_path / "two")
    write_car(accepted("a", count=1), tmp_path / "three")
    one, two, three = (entries(tmp_path / name)[0][0].digest for name in ("one", "two", "three"))
    assert one == two != three


def test_dealer_file(tmp_path: Path) -> None:
    path = tmp_path / "dealer.toml"
    path.write_text(
        'name = "Malli"\nsite = "https://x.example/cars"\nlatitude = 60\nfeeds = ["meta"]\nshow = ["MALLI"]\n'
    )
    assert read_dealer(path) == Dealer(
        name="Malli", site="https://x.example/cars/", latitude=60, feeds=("meta",), show=("MALLI",)
    )


@pytest.mark.parametrize(
    "text", ["nam = 1", "name = 1", 'site = "x"', "name =", 'feeds = "meta"', "show = [1]", 'site = "a b"']
)
def test_bad_dealer_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dealer.toml"
    path.write_text(text)
    with pytest.raises(LabelError, match=r"dealer\.toml"):
        read_dealer(path)


def test_an_advert_that_was_exchanged_or_edited_since_its_record_was_read_stays(tmp_path: Path) -> None:
    """The pictures are the same, the price is another: a worker wrote the next advert meanwhile."""
    folder = write_car(accepted("a"), tmp_path)
    before = read_record(folder / DECISION)
    assert before is not None and read_entry(folder, before, None).shown.id == "a"
    write_car(accepted("a", offer=replace(OFFER, price=Decimal(1000))), tmp_path)
    with pytest.raises(PublishError, match="not the advert that was decided"):
        read_entry(folder, before, None)
    written_in(folder, amount="2")
    found, held = entries(tmp_path)
    assert found == [] and "not the advert that was decided" in held[0].why
