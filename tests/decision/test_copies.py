"""One photo in several files is one vote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.decision.test_verifier import plate

from kilpi.decision.copies import distinct
from kilpi.types import Box

ONE = plate("a", "QR814", Box(400, 500, 600, 550))


@pytest.mark.parametrize(
    ("box", "frame", "photos"),
    [
        (Box(400, 500, 600, 550), (1000, 750), 1),
        (Box(200, 250, 300, 275), (500, 375), 1),  # the same at half the size
        (Box(404, 502, 604, 552), (1000, 750), 1),
        (Box(412, 500, 612, 550), (1000, 750), 2),
        (Box(400, 500, 600, 550), (900, 750), 2),
        (Box(400, 500, 600, 550), None, 2),  # nobody knows where in its photo it is
    ],
)
def test_a_plate_at_the_same_place_of_two_files_is_of_one_photo(
    box: Box, frame: tuple[int, int] | None, photos: int
) -> None:
    assert distinct([ONE, replace(plate("b", "QR814", box), frame=frame)]) == photos


def test_a_third_copy_is_none_either() -> None:
    assert distinct([]) == 0
    assert distinct([replace(ONE, photo_id=photo) for photo in "abc"]) == 1
