from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.fakes import write_car_photo

from kilpi.cases import SaidMark, State, Taken, history, photos, sold, take_in
from kilpi.cases.answers import combine
from kilpi.photos.intake import survey
from kilpi.store import Store


def taken(store: Store, yard: Path) -> dict[str, Taken]:
    """All cars of the yard, by their folders."""
    return {one.car.photos[0].parent.name: one for one in take_in(store, survey([yard]).cars, "FI")}


def test_nothing_of_another_folder_is_written_into_a_car(store: Store, tmp_path: Path) -> None:
    """The dealer's picture of the showroom lies in both, and the second has no other photo yet."""
    yard = tmp_path / "yard"
    for seed in (1, 2, 3):
        write_car_photo(yard / "octavia" / f"{seed}.jpg", seed)
    write_car_photo(yard / "octavia" / "showroom.jpg", 9)
    (yard / "zgolf").mkdir()
    shutil.copy(yard / "octavia" / "showroom.jpg", yard / "zgolf" / "showroom.jpg")
    (yard / "zgolf" / "car.toml").write_text('mark = "KLT-482"\nprice = 15900\n')
    for _ in range(2):
        cars = taken(store, yard)
        octavia, golf = cars["octavia"].case, cars["zgolf"].case
        assert (octavia.reference, golf.reference) == ("octavia", "zgolf")
        assert (len(photos(store, octavia.id)), len(photos(store, golf.id))) == (4, 1)
        assert combine(history(store, octavia.id)).identity is None
        assert combine(history(store, golf.id)).identity == SaidMark("KLT-482", "FI")


def test_the_folder_of_a_sold_car_that_is_called_or_says_otherwise_is_back(
    store: Store, tmp_path: Path
) -> None:
    yard, told = tmp_path / "yard", tmp_path / "yard" / "golf" / "car.toml"
    for seed in (1, 2):
        write_car_photo(yard / "golf" / f"{seed}.jpg", seed)
    told.write_text("price = 15900\n")
    case = taken(store, yard)["golf"].case
    assert not taken(store, yard)["golf"].back, "it is for sale"
    gone = sold(store, case.id, by="anna")
    assert gone.ended is not None
    os.utime(told, (gone.ended.timestamp() - 60,) * 2)
    assert not taken(store, yard)["golf"].back, "it was left lying"
    os.utime(told, (gone.ended.timestamp() + 60,) * 2)
    assert taken(store, yard)["golf"].back
    os.utime(told, (gone.ended.timestamp() - 60,) * 2)
    (yard / "golf").rename(yard / "golf again")
    for _ in range(2):
        again = taken(store, yard)["golf again"]
        assert again.back and again.case.id == case.id and again.case.state is State.SOLD
    (yard / "sold").mkdir()
    (yard / "golf again").rename(yard / "sold" / "golf")
    assert not taken(store, yard)["golf"].back, "it was put away"


def test_a_copied_folder_gives_its_car_nothing(store: Store, tmp_path: Path) -> None:
    yard = tmp_path / "yard"
    for seed in (1, 2):
        write_car_photo(yard / "golf" / f"{seed}.jpg", seed)
    (yard / "golf" / "car.toml").write_text('mark = "KLT-482"\n')
    taken(store, yard)
    shutil.copytree(yard / "golf", yard / "a copy")
    cars = taken(store, yard)
    assert cars["a copy"].case.id == cars["golf"].case.id
    assert [cars["a copy"].own, cars["golf"].own] == [False, True]
    (yard / "a copy" / "car.toml").write_text('mark = "ABC-123"\n')
    cars = taken(store, yard)
    assert cars["a copy"].case.id != cars["golf"].case.id
    assert combine(history(store, cars["golf"].case.id)).identity == SaidMark("KLT-482", "FI")
