"""Sets that hold more than plates: what is taken, what is left out, what is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from kilpi.errors import UsageError
from kilpi.labels.classes import Kind, choose, kind_of, mark_of
from kilpi.labels.importing import Imported, import_labels


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("ABC-123", Kind.MARK),
        ("ÅBC-12", Kind.MARK),
        ("A\u030aBC-12", Kind.MARK),
        ("license_plate", Kind.PLATE),
        ("License-Plate", Kind.PLATE),
        ("Vehicle registration plate", Kind.PLATE),
        ("Rekisterikilpi", Kind.PLATE),
        ("Nummernschild", Kind.PLATE),
        ("LP", Kind.PLATE),
        ("PLATE1", Kind.PLATE),
        ("lp1", Kind.PLATE),
        ("object", Kind.NEUTRAL),
        ("???", Kind.NEUTRAL),
        ("", Kind.NEUTRAL),
        (None, Kind.NEUTRAL),
        ("abc-123", Kind.SMALL_MARK),
        ("7", Kind.CHARACTER),
        ("A", Kind.CHARACTER),
        ("Car", Kind.OTHER),
        ("traffic light", Kind.OTHER),
        ("TRUCK2", Kind.OTHER),
        ("2-wheeler", Kind.OTHER),
        ("no_plate", Kind.OTHER),
        ("Without Plate", Kind.OTHER),
        ("plate frame", Kind.UNKNOWN),
        ("template", Kind.UNKNOWN),
        ("zebra crossing", Kind.UNKNOWN),
    ],
)
def test_what_a_label_says(label: str | None, kind: Kind) -> None:
    assert kind_of(label) is kind


def test_three_letters_and_digits_stay_a_mark_whatever_they_spell() -> None:
    assert [mark_of(text) for text in ("CAR-123", "BUS-1", "LP-12")] == ["CAR-123", "BUS-1", "LP-12"]


def chosen(*labels: str | None, wanted: Sequence[str] = ()) -> list[bool | None]:
    choice = choose(labels, wanted)
    return [choice.of(label) for label in labels]


def test_beside_a_plate_class_known_things_are_left_out_and_unknown_ones_asked() -> None:
    assert chosen("license_plate", "car", "person") == [True, False, False]
    assert chosen("license_plate", "zebra crossing") == [True, None]
    assert chosen("plate", "ABC-123", "unlabelled") == [True, True, True]


def test_without_a_plate_class_the_only_class_is_the_plates_unless_it_is_known_not_to_be() -> None:
    assert chosen("mine") == [True]
    assert chosen("mine", "yours") == [None, None]
    assert chosen("car") == [None]
    assert chosen("car", "mine") == [None, True]
    assert chosen("ABC-123", "mine", "car") == [True, True, False]


def test_characters_of_plates_are_no_plates() -> None:
    assert chosen("license_plate", "A", "B", "7") == [True, False, False, False]
    assert chosen("license_plate", "A") == [True, None]
    assert chosen("1") == [True]
    assert chosen("1", "2") == [None, None]


def test_a_person_may_say_which_classes_are_plates() -> None:
    assert chosen("car", "zebra crossing", "ABC-123", wanted=["Car"]) == [True, False, True]
    with pytest.raises(UsageError, match=r"--class bus: nothing has this class; there are: car, mine$"):
        choose(["car", "mine", "ABC-123", "abc-124", "OODI"], ["bus"])


def coco(folder: Path, *names: str) -> None:
    """A photo with a thing of each class, in one COCO file."""
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (400, 300)).save(folder / "a.jpg")
    things = [
        {"id": i, "image_id": 1, "category_id": i, "bbox": [10, 20 * i, 60, 15]}
        for i in range(1, len(names) + 1)
    ]
    images = [{"id": 1, "file_name": "a.jpg", "width": 400, "height": 300}]
    categories = [{"id": i, "name": name} for i, name in enumerate(names, start=1)]
    root = {"images": images, "annotations": things, "categories": categories}
    (folder / "coco.json").write_text(json.dumps(root))


def bring(folder: Path, *wanted: str) -> Imported:
    return import_labels([folder], folder / "out" / "labels.jsonl", classes=wanted)


def test_a_set_of_plates_and_cars(tmp_path: Path) -> None:
    coco(tmp_path, "license_plate", "car", "person")
    imported = bring(tmp_path)
    (record,) = imported.records
    assert [plate.place for plate in record.plates] == [(10, 20, 70, 35)]
    assert imported.notes == (
        "class car: 1 drawn things are no plates; left out",
        "class person: 1 drawn things are no plates; left out",
    )


def test_a_class_that_may_be_anything_is_asked_and_its_photo_not_written(tmp_path: Path) -> None:
    coco(tmp_path, "license_plate", "zebra crossing", "OODI")
    imported = bring(tmp_path)
    assert imported.records == ()
    (error,) = imported.refused
    assert "annotation 2 (a.jpg): whether its class is plates is not known" in str(error)
    assert "--class NAME (license_plate, zebra crossing)" in str(error)
    (record,) = bring(tmp_path, "license_plate").records
    assert len(record.plates) == 1


def test_what_is_left_out_cannot_refuse_a_photo(tmp_path: Path) -> None:
    coco(tmp_path, "license_plate", "car")
    file = tmp_path / "coco.json"
    file.write_text(file.read_text().replace("[10, 40, 60, 15]", '["x"]'))
    assert len(bring(tmp_path).records[0].plates) == 1
    coco(tmp_path, "license_plate", "number_plate")
    file.write_text(file.read_text().replace("[10, 40, 60, 15]", '["x"]'))
    assert "annotation 2 (a.jpg): has neither" in str(bring(tmp_path).refused[0])


def test_a_photo_that_shows_only_a_car_has_no_plates_where_the_set_has_a_plate_class(tmp_path: Path) -> None:
    for name, label in (("a", "plate"), ("b", "car")):
        Image.new("RGB", (400, 300), (9, 9, 2 * ord(name))).save(tmp_path / f"{name}.jpg")
        box = "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>80</xmax><ymax>40</ymax></bndbox>"
        thing = f"<object><name>{label}</name>{box}</object>"
        text = f"<annotation><filename>{name}.jpg</filename>{thing}</annotation>"
        (tmp_path / f"{name}.xml").write_text(text)
    imported = bring(tmp_path)
    assert {record.path: len(record.plates) for record in imported.records} == {
        str((tmp_path / "a.jpg").resolve()): 1,
        str((tmp_path / "b.jpg").resolve()): 0,
    }
    (tmp_path / "a.xml").unlink()
    assert "object 1: whether its class is plates" in str(bring(tmp_path).refused[0])
