"""Heaps are sorted by what is sure; what is not stays aside, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.photos.heaps import NOON, heap_photo, minutes, sizes, walk, whys

from kilpi.photos.grouping import sort_heap
from kilpi.photos.heap import Why, in_order, order_tells

TWO = ("red FFRRcsdd", "blue FFRRcsdd")


def test_a_walk_around_each_car_is_a_car() -> None:
    sorting = sort_heap(walk(*TWO, "green FRcs"))
    assert sorting.sure and sizes(sorting) == [8, 8, 4]
    assert [one.why for one in sorting.cars[0].photos] == [Why.OPENS] * 4 + [Why.FOLLOWS] * 4
    assert sorting.cars[2].photos[0].name == "IMG_1016.JPG"


def test_the_order_of_arrival_does_not_matter_only_that_of_names() -> None:
    photos = [replace(one, name=f"{n}.jpg") for n, one in enumerate(walk(*TWO), 1)]  # 9.jpg before 10.jpg
    assert sort_heap(photos[::-1]) == sort_heap(photos) and sizes(sort_heap(photos)) == [8, 8]


def test_scrambled_names_place_nothing_but_marks() -> None:
    photos = walk(*TWO, "green FFRRcs")
    dealt = [5, 17, 0, 11, 3, 20, 8, 14, 1, 19, 6, 12, 21, 2, 9, 16, 4, 13, 7, 18, 10, 15]
    names = [f"IMG_{n}.JPG" for n in dealt]
    scrambled = [replace(one, name=name) for one, name in zip(photos, names, strict=True)]
    assert not order_tells(in_order(scrambled)) and order_tells(photos)
    sorting = sort_heap(scrambled)
    assert not sorting.cars and whys(sorting) == ["no_order"] * len(photos)
    marked = [replace(one, marks=("ABC123",)) if n in (0, 3) else one for n, one in enumerate(scrambled)]
    sorting = sort_heap(marked)
    assert sizes(sorting) == [2] and sorting.cars[0].mark == "ABC123" and len(sorting.aside) == 20


def test_one_mark_on_cars_of_two_colours_is_no_car() -> None:
    photos = [
        heap_photo(n, word, paint, marks=("ABC123",))
        for n, (word, paint) in enumerate([("F", "red"), ("F", "blue")])
    ]
    assert not sort_heap(photos).cars


def test_a_single_look_from_outside_is_the_same_cars_where_it_looks_so() -> None:
    sorting = sort_heap(walk("red FFRRcsRdd", "blue FFRRcsdd", "green FRcsd"))
    assert sorting.sure and sizes(sorting) == [9, 8, 5]
    assert sorting.cars[0].photos[6].why is Why.ALIKE


def test_one_that_looks_otherwise_leaves_all_until_the_next_car_aside() -> None:
    photos = walk("red FFRRcs", "green Fcs", "blue FFRRcsdd")
    sorting = sort_heap(photos)
    assert sizes(sorting) == [6, 8]
    assert [one.name for one in sorting.aside] == [one.name for one in photos[6:9]]
    assert whys(sorting) == ["another"] * 3 and not sorting.sure


def test_an_opening_without_an_inside_before_it_is_torn_by_colours() -> None:
    sorting = sort_heap(walk("green FFRRcsdd", "red FFRR", "blue FFRRcsdd"))
    assert sizes(sorting) == [8] and len(sorting.aside) == 12


def test_marks_cut_what_has_no_inside_between() -> None:
    photos = walk("green FFRRcsdd", "red FFRR", "blue FFRRcsdd")
    marks = {8: "AAA111", 11: "AAA111", 12: "BBB222", 14: "BBB222"}
    photos = [replace(one, marks=(marks[n],)) if n in marks else one for n, one in enumerate(photos)]
    sorting = sort_heap(photos)
    assert sorting.sure and sizes(sorting) == [8, 4, 8]
    assert [car.mark for car in sorting.cars] == ["", "AAA111", "BBB222"]


def test_the_last_look_at_a_car_is_known_by_its_plate() -> None:
    photos = walk("grey FRcsRR", "grey FRcsdd", "red FFRRcs")
    photos[0] = replace(photos[0], plates=("TEST0859",))
    photos[5] = replace(photos[5], plates=("TEST0859",))
    sorting = sort_heap(photos)
    assert sorting.sure and sizes(sorting) == [6, 6, 6]
    unread = [replace(one, plates=()) for one in photos]
    assert sizes(sort_heap(unread)) == [4, 6, 6], "without it, two rears before a front are nobody's"


def test_a_show_plate_on_every_car_joins_none() -> None:
    photos = walk(*["red FFRRcsdd"] * 3)
    times = minutes(photos, [10.0] * 23)
    said = [("MYCARS",) if one.outside else () for one in photos]
    shown = [replace(p, plates=texts, taken=t) for p, texts, t in zip(photos, said, times, strict=True)]
    assert sizes(sort_heap(shown)) == [8, 8, 8]


def test_a_mark_that_opens_two_cars_of_two_colours_is_a_question() -> None:
    photos = walk(*TWO)
    photos = [replace(one, marks=("KIA1",)) if n in (0, 2, 8) else one for n, one in enumerate(photos)]
    sorting = sort_heap(photos)
    assert sizes(sorting) == [8] and len(sorting.aside) == 8


def test_what_comes_before_the_first_walk_is_nobodys() -> None:
    sorting = sort_heap(walk("red csd", *TWO))
    assert whys(sorting) == ["before"] * 3 and sizes(sorting) == [8, 8]


def test_a_last_photo_that_may_open_the_next_car_is_aside() -> None:
    photos = walk(*TWO)
    photos[7] = heap_photo(7, "F", "blue", p=0.4)
    sorting = sort_heap(photos)
    assert sizes(sorting) == [7, 8] and whys(sorting) == ["unsure_view"]


def test_the_clock_goes_before_names_and_a_long_pause_is_a_question() -> None:
    photos = walk(*TWO)
    waits = [10.0] * 7 + [60.0] + [10.0] * 7
    backwards = [replace(one, name=f"{99 - n}.jpg") for n, one in enumerate(photos)]
    timed = [replace(p, taken=t) for p, t in zip(backwards, minutes(photos, waits), strict=True)]
    assert sizes(sort_heap(timed)) == [8, 8] and sort_heap(timed).sure
    waits[4] = 3600.0  # between two photos of an inside: perhaps another car's
    pausing = [replace(p, taken=t) for p, t in zip(photos, minutes(photos, waits), strict=True)]
    assert sizes(sort_heap(pausing)) == [5, 8] and whys(sort_heap(pausing)) == ["another"] * 3


def test_a_clock_that_two_cars_share_at_a_time_is_no_order() -> None:
    pairs = zip(walk("red FFRRcsd"), walk("blue FFRRcsd"), strict=True)
    both = [photo for pair in pairs for photo in pair]
    mixed = [replace(photo, name=f"IMG_{2000 + n}.JPG", id=str(n)) for n, photo in enumerate(both)]
    timed = [replace(p, taken=t) for p, t in zip(mixed, minutes(mixed, [10.0] * 13), strict=True)]
    assert sort_heap(timed).cars == () and set(whys(sort_heap(timed))) == {"no_order"}


def test_times_that_are_all_the_same_are_none() -> None:
    photos = [replace(one, taken=NOON + timedelta(seconds=n % 2)) for n, one in enumerate(walk(*TWO))]
    assert [one.name for one in in_order(photos)] == [one.name for one in walk(*TWO)]


def test_names_that_tell_cars_are_believed_where_nothing_speaks_against_them() -> None:
    photos = walk(*TWO)
    named = [replace(p, name=f"{'leaf' if n < 8 else 'golf'}_{n % 8}.jpg") for n, p in enumerate(photos)]
    sorting = sort_heap(named)
    assert sorting.sure and sorted(sizes(sorting)) == [8, 8]
    assert {one.why for car in sorting.cars for one in car.photos} == {Why.NAMED}
    marked = [replace(p, marks=("AAA111",)) if n == 0 else p for n, p in enumerate(named)]
    marked = [replace(p, marks=("BBB222",)) if n == 2 else p for n, p in enumerate(marked)]
    assert sizes(sort_heap(marked)) == [8] and set(whys(sort_heap(marked))) == {"two_marks"}


def test_names_that_tell_views_are_no_cars() -> None:
    photos = walk("red FFRRccss")
    named = [replace(p, name=f"{'outside' if n < 4 else 'inside'}_{n % 4}.jpg") for n, p in enumerate(photos)]
    assert not sort_heap(named).cars, "and eight photos are too few for their order to tell"


@pytest.mark.parametrize("photos", [[], walk("red F"), walk("red csd"), walk("red FR", "blue FR")])
def test_a_few_photos_say_too_little(photos: list[object]) -> None:
    assert not sort_heap(photos).sure  # type: ignore[arg-type]
