from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.fakes import FakeDetector

from kilpi.geometry import quad_from_box
from kilpi.images import decode_photo, encode_jpeg
from kilpi.pictures.gallery import make_gallery
from kilpi.pictures.profile import load_profile
from kilpi.pictures.search import Search
from kilpi.types import Box, Photo, Sighting

SITE = load_profile("site")
BOX = Box(0.4, 0.6, 0.6, 0.7)  # shares of width and height


def photo(seed: int, name: str, plate: bool = True) -> Photo:
    """Random light blocks, with a black plate in BOX."""
    pixels = np.random.default_rng(seed).integers(120, 250, (15, 20, 1), dtype=np.uint8)
    pixels = pixels.repeat(3, axis=2).repeat(50, axis=0).repeat(50, axis=1)
    if plate:
        pixels[450:525, 400:600] = 0
    return decode_photo(encode_jpeg(pixels), name)


def sighting(of: Photo) -> Sighting:
    w, h = of.width, of.height
    return Sighting(quad_from_box(Box(BOX.x1 * w, BOX.y1 * h, BOX.x2 * w, BOX.y2 * h)), 0.9)


def test_pictures_are_chosen_ordered_covered_and_numbered() -> None:
    inside, front, again = photo(1, "in.jpg", plate=False), photo(2, "front.jpg"), photo(2, "again.jpg")
    again = replace(again, id="another")
    seen = {front.id: [sighting(front)], again.id: [sighting(again)]}
    made = make_gallery([inside, front, again], seen, Search(FakeDetector((BOX,))), SITE)
    assert [p.name for p in made.pictures] == ["01.jpg", "02.jpg"]
    assert [p.photo_id for p in made.pictures] == [front.id, inside.id], "the front comes first"
    assert [p.covered for p in made.pictures] == [1, 0]
    assert made.pictures[0].view == "front"
    assert [left.reason.code for left in made.left_out] == ["near_duplicate"]
    assert made.problems == ()


def test_a_picture_that_cannot_be_covered_is_held_back_and_the_numbers_close_up() -> None:
    class Everywhere(FakeDetector):
        """Finds something new in every look at one picture."""

        count = 0

        def look(self, photo: Photo, box: Box) -> Sighting | None:
            if abs(int(photo.pixels[0, 0, 0]) - first) > 4:
                return None
            self.count += 1
            x = 100.0 * self.count
            return Sighting(quad_from_box(Box(x, 10, x + 60, 30)), 0.3)

    bad, good = photo(3, "bad.jpg", plate=False), photo(4, "good.jpg", plate=False)
    first = int(bad.pixels[0, 0, 0])
    assert abs(first - int(good.pixels[0, 0, 0])) > 8
    made = make_gallery([bad, good], {}, Search(Everywhere((BOX,))), SITE)
    assert [(p.name, p.photo_id) for p in made.pictures] == [("01.jpg", good.id)]
    assert [problem.where for problem in made.problems] == ["bad.jpg"]
