from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.labels.scenes import scene

from kilpi.errors import LabelError, UsageError
from kilpi.hashing import NEAR, fingerprint, near_pairs
from kilpi.images import encode_jpeg
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels
from kilpi.labels.split import earlier_split, parse_ratio, split_labels, write_split

RATIO = (60, 20, 20)


def sides(records: list[LabelledPhoto], pictures: Pictures | None = None) -> dict[str, str]:
    split = split_labels(records, RATIO, pictures or Pictures([]))
    return {str(record.path): side for side, members in split.sides.items() for record in members}


def of_car(path: str, car: str | None) -> LabelledPhoto:
    return LabelledPhoto(path=path, car=car)


cars = st.lists(st.integers(0, 30).map(lambda n: f"car {n}"), min_size=1, max_size=60)


@settings(deadline=None)
@given(cars, cars)
def test_no_car_straddles_and_adding_moves_nothing(first: list[str], more: list[str]) -> None:
    records = [of_car(f"{i}", car) for i, car in enumerate(first + more)]
    before, after = sides(records[: len(first)]), sides(records)
    assert before.items() <= after.items()
    for car in first + more:
        assert len({after[str(r.path)] for r in records if r.car == car}) == 1


def test_the_shares_are_met_on_average() -> None:
    split = split_labels([of_car(f"{i}", f"{i}") for i in range(3000)], RATIO, Pictures([]))
    counts = [len(split.sides[name]) for name in ("train", "val", "test")]
    assert np.abs(np.array(counts) - [1800, 600, 600]).max() < 90
    assert "train: " in split.text


def test_fingerprints_survive_what_phones_and_mail_do() -> None:
    prints = [fingerprint(scene(seed)) for seed in range(40)]
    assert list(near_pairs(prints)) == []
    for seed in range(10):
        pixels = scene(seed)
        small = np.asarray(cv2.resize(pixels, (160, 120), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        darker = (pixels * 0.8).astype(np.uint8)
        for changed in (small, darker):
            assert (fingerprint(changed) ^ prints[seed]).bit_count() <= NEAR


def test_near_duplicates_without_a_car_stay_together_when_photos_are_added(tmp_path: Path) -> None:
    records = []
    for i in range(12):
        Image.fromarray(scene(i)).save(tmp_path / f"{i}.png")
        (tmp_path / f"{i}b.jpg").write_bytes(encode_jpeg(scene(i), 60))
        records.append(LabelledPhoto(path=f"{i}.png"))
    added = [*records, *(LabelledPhoto(path=f"{i}b.jpg") for i in range(12))]
    before, after = sides(records, Pictures([tmp_path])), sides(added, Pictures([tmp_path]))
    assert before.items() <= after.items()
    assert all(after[f"{i}.png"] == after[f"{i}b.jpg"] for i in range(12))
    assert len(set(after.values())) > 1


def test_the_same_mark_without_a_car_is_one_car() -> None:
    one = [
        LabelledPhoto(path=f"{i}", plates=(LabelledPlate(mark=m),))
        for i, m in enumerate(("ABC-123", "ABC123"))
    ]
    split = split_labels(one, RATIO, Pictures([]))
    assert split.groups == 1
    assert split.unseen == 2


def test_an_earlier_split_is_obeyed(tmp_path: Path) -> None:
    records = [of_car(f"{i}", f"{i}") for i in range(40)]
    write_split(split_labels(records, (50, 50), Pictures([])), tmp_path)
    earlier = earlier_split(tmp_path)
    again = split_labels([of_car("new", "0"), *records], (90, 10), Pictures([]), earlier)
    placed = {str(r.path): side for side, members in again.sides.items() for r in members}
    assert {name: placed[name] for name in earlier} == earlier
    assert placed["new"] == placed["0"]
    assert again.torn == 0


def test_a_group_that_an_earlier_split_tore_is_said() -> None:
    records = [of_car("a", "1"), of_car("b", "1"), of_car("c", "1")]
    split = split_labels(records, RATIO, Pictures([]), {"a": "train", "b": "test"})
    assert [r.path for r in split.sides["test"]] == ["b", "c"]
    assert "1 groups were on two sides before" in split.text


def test_a_written_split_still_finds_its_pictures_and_itself(tmp_path: Path) -> None:
    for i in range(8):
        Image.fromarray(scene(i)).save(tmp_path / f"{i}.png")
    records = [LabelledPhoto(path=f"{i}.png") for i in range(8)]
    pictures = Pictures([tmp_path])
    write_split(split_labels(records, (50, 50), pictures), tmp_path / "out" / "split")
    earlier = earlier_split(tmp_path / "out" / "split")
    for name in ("train", "test"):
        written = read_labels(tmp_path / "out" / "split" / f"{name}.jsonl")
        assert all(Pictures([tmp_path / "out" / "split"]).find(record) for record in written)
    again = split_labels(records, (10, 90), pictures, earlier)
    assert {r.photo: side for side, members in again.sides.items() for r in members} == earlier


@pytest.mark.parametrize("text", ["60", "60/20", "60/20/30", "a/b/c", "50/50/0/0", "-10/110"])
def test_ratios_that_make_no_sense(text: str) -> None:
    with pytest.raises(UsageError, match="--ratio"):
        parse_ratio(text)


def test_ratios() -> None:
    assert parse_ratio("60/20/20") == (60, 20, 20)
    assert parse_ratio("80/20") == (80, 20)
    with pytest.raises(UsageError, match="empty"):
        split_labels([], RATIO, Pictures([]))


def test_a_mark_under_two_names_is_one_car() -> None:
    """Two people said two countries of it; `kilpi labels check` calls it an error on two sides."""
    records = [
        LabelledPhoto(path=f"{i}-{name}", car=f"{i}{name}", plates=(LabelledPlate(mark=f"ABC-{i + 1}"),))
        for i in range(40)
        for name in ("FI", "EE")
    ]
    found = sides(records)
    assert all(found[f"{i}-FI"] == found[f"{i}-EE"] for i in range(40)) and len(set(found.values())) == 3


def test_one_picture_in_two_cars_is_on_one_side() -> None:
    records = [LabelledPhoto(f"{i:064x}", f"{i}-{n}", car=f"{i}{n}") for i in range(40) for n in ("a", "b")]
    found = sides(records)
    assert all(found[f"{i}-a"] == found[f"{i}-b"] for i in range(40))


def test_an_earlier_split_that_is_damaged_is_said_unless_it_is_made_anew(tmp_path: Path) -> None:
    records = [of_car(f"{i}", f"{i}") for i in range(6)]
    write_split(split_labels(records, (100, 0), Pictures([])), tmp_path)
    with (tmp_path / "train.jsonl").open("a") as file:
        file.write('{"pa')
    assert earlier_split(tmp_path, damaged=True) == {f"{i}": "train" for i in range(6)}
    with pytest.raises(LabelError, match="line 7: not JSON"):
        earlier_split(tmp_path)
