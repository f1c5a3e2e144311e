from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from kilpi.errors import PublishError
from kilpi.geometry import quad_from_box
from kilpi.images import decode_photo, encode_jpeg, encode_png, open_photo
from kilpi.pictures.clean import check_clean
from kilpi.pictures.hide import cover, cover_polygon, finish
from kilpi.pictures.search import Search
from kilpi.pipeline import Kilpi
from kilpi.types import (
    VIEWS,
    Box,
    CountryGuess,
    Guess,
    Photo,
    Pixels,
    Point,
    Quad,
    Reading,
    Sighting,
    View,
    ViewGuess,
)

PLATE = quad_from_box(Box(300, 400, 500, 450))
SAMPLES = Path(__file__).parents[2] / "samples"


def drawn(width: int = 800, height: int = 600) -> Pixels:
    """A grey picture with a plate at PLATE."""
    pixels = np.full((height, width, 3), 90, dtype=np.uint8)
    cv2.rectangle(pixels, (300, 400), (500, 450), (240, 240, 235), -1)
    cv2.putText(pixels, "ABC-123", (310, 442), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (10, 10, 10), 4)
    return pixels


def with_everything(pixels: Pixels) -> bytes:
    """A JPEG with EXIF, GPS, XMP, a colour profile and a comment."""
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x010E] = "ABC-123"
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif, comment=b"ABC-123", xmp=b"<x>ABC-123</x>", quality=95)
    return buffer.getvalue()


@dataclass
class Finder:
    """Finds the given quads, once per call in turn; the last one again and again."""

    answers: list[list[Quad]]
    seen: list[Photo] = field(default_factory=list)

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        self.seen += photos
        quads = self.answers[min(len(self.seen), len(self.answers)) - 1]
        return [[Sighting(quad, 0.2) for quad in quads]]


@dataclass
class Reads:
    """Reads the same text, with one score, in every crop."""

    text: str
    score: float = 0.9

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        return [Reading(tuple((Guess(c, self.score),) for c in self.text), "fake") for _ in crops]


BLIND = Search(Finder([[]]))


def test_covers_solidly_with_a_margin_and_leaves_the_rest() -> None:
    before = drawn()
    after = cover(before, [PLATE])
    inside = after[400:450, 300:500].astype(int)
    assert inside.max() - inside.min() < 60, "no dark letter is left"
    assert not np.array_equal(after[395, 400], before[395, 400]), "the margin is covered too"
    assert np.array_equal(after[:380], before[:380])
    assert np.array_equal(after[:, :280], before[:, :280])


def test_cover_does_not_depend_on_the_letters() -> None:
    """Irreversible: two plates that differ only in their text give the same pixels."""
    first, second = drawn(), drawn()
    second[400:451, 300:501] = 238
    second[400:451, 300:350] = 10
    a, b = cover(first, [PLATE]), cover(second, [PLATE])
    grey = a[425, 400].astype(int)
    assert abs(grey - b[425, 400].astype(int)).max() <= 8
    assert len(np.unique(a[412:438, 320:480].reshape(-1, 3), axis=0)) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-20, 140), st.floats(-20, 110)), min_size=4, max_size=4))
@example([(0, 7), (0, 1), (11, 0), (27, 5)])
def test_every_pixel_of_any_quad_is_covered(corners: list[tuple[float, float]]) -> None:
    quad = Quad(*(Point(x, y) for x, y in corners))
    wanted = np.zeros((90, 120), np.uint8)
    hull = cv2.convexHull(np.round(np.array(quad)).astype(np.int32))
    cv2.fillConvexPoly(wanted, hull, 255)
    filled = np.zeros((90, 120), np.uint8)
    cv2.fillConvexPoly(filled, np.round(cover_polygon(quad)).astype(np.int32), 255)
    assert not (wanted[filled == 0]).any()


def test_the_dealers_own_plate_replaces_the_grey() -> None:
    own = np.zeros((40, 160, 3), np.uint8)
    own[:] = (0, 120, 0)
    after = cover(drawn(), [PLATE], plate=own)
    assert tuple(after[425, 400]) == (0, 120, 0)


def test_finished_picture_is_small_clean_and_named_without_a_mark() -> None:
    photo = decode_photo(with_everything(drawn()), "ABC-123.jpg")
    picture = finish(photo, [Sighting(PLATE, 0.9)], BLIND, long_side=400)
    assert picture.name == "01.jpg"
    assert (picture.width, picture.height, picture.covered) == (400, 300, 1)
    with Image.open(io.BytesIO(picture.jpeg)) as image:
        assert image.size == (400, 300)
        assert not image.getexif()
        assert "icc_profile" not in image.info
        assert "xmp" not in image.info
        assert "comment" not in image.info
    assert b"ABC" not in picture.jpeg


def test_coordinates_are_native_also_where_the_photo_was_decoded_small() -> None:
    big = drawn().repeat(4, axis=0).repeat(4, axis=1)
    photo = decode_photo(encode_jpeg(big), "big.jpg", target_side=800)
    assert photo.reduction == 4
    quad = quad_from_box(Box(1200, 1600, 2000, 1800))
    picture = finish(photo, [Sighting(quad, 0.9)], BLIND, long_side=1600)
    finished = decode_photo(picture.jpeg, "x").pixels
    assert picture.width == 1600
    assert finished[810:890, 610:990].min() > 120, "no ink is left"


def test_plates_are_covered_where_they_are_in_a_cut_picture() -> None:
    big = drawn().repeat(4, axis=0).repeat(4, axis=1)
    photo = decode_photo(encode_jpeg(big), "big.jpg", target_side=800)
    plate = Sighting(quad_from_box(Box(1200, 1600, 2000, 1800)), 0.9)
    picture = finish(photo, [plate], BLIND, long_side=1400, window=Box(400, 300, 3200, 2400))
    finished = decode_photo(picture.jpeg, "x").pixels
    assert (picture.width, picture.height) == (1400, 1050)
    assert finished[660:740, 410:790].min() > 120, "no ink is left"


def test_what_the_second_look_finds_is_covered_too() -> None:
    extra = quad_from_box(Box(20, 20, 120, 50))
    finder = Finder([[extra], []])
    picture = finish(decode_photo(encode_jpeg(drawn()), "x"), [Sighting(PLATE, 1)], Search(finder))
    assert picture.covered == 2
    assert len(finder.seen) == 2


def test_fails_closed_where_something_readable_is_left() -> None:
    places = [
        [quad_from_box(Box(x, 20, x + 80, 50))] for x in (20, 120, 220, 520)
    ]  # a new one at every search
    with pytest.raises(PublishError, match="can still be read") as error:
        finish(decode_photo(encode_jpeg(drawn()), "ABC-123.jpg"), [], Search(Finder(places), Reads("ABC123")))
    assert "ABC" not in str(error.value)


def test_a_find_that_cannot_be_read_is_no_reason_to_refuse() -> None:
    search = Search(Finder([[quad_from_box(Box(20, 20, 120, 50))]]), Reads("AB1", score=0.1))
    assert finish(decode_photo(encode_jpeg(drawn()), "x"), [], search).covered == 0


def test_the_cover_itself_is_not_a_find() -> None:
    search = Search(Finder([[PLATE]]), Reads("ABC123"))
    assert finish(decode_photo(encode_jpeg(drawn()), "x"), [Sighting(PLATE, 1)], search).covered == 1


def test_check_clean_refuses_metadata_tails_and_damage() -> None:
    clean = encode_jpeg(drawn())
    check_clean(clean, "x")
    for bad in (with_everything(drawn()), clean + b"tail", clean[:-40], b"", b"\xff\xd8", clean[:300]):
        with pytest.raises(PublishError):
            check_clean(bad, "x")


def test_same_input_same_bytes() -> None:
    photo = decode_photo(encode_jpeg(drawn()), "x")
    first, second = (finish(photo, [Sighting(PLATE, 1)], BLIND).jpeg for _ in range(2))
    assert first == second


def test_a_menu_on_a_screen_is_no_mark_on_its_head_and_turns_no_picture() -> None:
    kilpi = Kilpi()  # the shipped networks: PUHELIN, "phone", reads as NI73H18 upside down
    picture = finish(open_photo(SAMPLES / "golf" / "inside.jpg"), [], kilpi.studio.search, view="cockpit")
    assert picture.covers == () and picture.turns == 0


@pytest.mark.parametrize("name", ["golf/front.jpg", "yaris/taka.jpg"])
@pytest.mark.parametrize("upright", [True, False])
def test_a_plate_that_is_seen_as_in_a_mirror_is_covered(name: str, upright: bool) -> None:
    """A mirrored photo, and one as water mirrors it. Whoever mirrors it back reads the plate."""
    kilpi, pixels = Kilpi(), open_photo(SAMPLES / name).pixels
    seen = kilpi.examine(open_photo(SAMPLES / name)).plates[0].sighting.quad.box
    shown = np.ascontiguousarray(pixels[:, ::-1] if upright else pixels[::-1])
    picture = finish(decode_photo(encode_png(shown), "mirrored"), [], kilpi.studio.search)
    height, width = pixels.shape[:2]
    x, y = (seen.x1 + seen.x2) / 2, (seen.y1 + seen.y2) / 2
    x, y = (width - x, y) if upright else (x, height - y)
    boxes = [quad.box for quad in picture.covers]
    assert any(box.x1 < x < box.x2 and box.y1 < y < box.y2 for box in boxes)
    assert picture.turns == (0 if upright else 2)  # what water mirrors alone stands on its head


class Tells:
    """A photo's view, and that no way round shows a car's end; implements `Viewer`."""

    def __init__(self, view: View, share: float = 1.0) -> None:
        self.view, self.share = view, share

    def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
        rest = View.BOOT
        shares = tuple(self.share if one is self.view else (1 - self.share) * (one is rest) for one in VIEWS)
        return [ViewGuess(self.view, 0.99, 0.9, self.view, shares) for _ in photos]


@pytest.mark.parametrize(("upright", "turns"), [(0.0, 2), (0.8, 0)])
def test_a_sign_that_reads_as_a_mark_on_its_head_turns_no_picture_that_stands(
    upright: float, turns: int
) -> None:
    """A dealer's name on a wall stood a car on its roof."""

    class Stands(Tells):
        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            lies = (upright, 1 - upright, *[0.0] * 10) if upright else ()
            return [replace(one, orientation=lies) for one in super().read(photos)]

    kilpi, pixels = Kilpi(), open_photo(SAMPLES / "golf" / "front.jpg").pixels
    on_its_head = decode_photo(encode_png(np.ascontiguousarray(np.rot90(pixels, 2))), "a.png")
    search = replace(kilpi.search, viewer=Stands(View.FRONT))
    picture = finish(on_its_head, [], search)
    assert picture.turns == turns and len(picture.covers) == 1


class SaysCountry(Reads):
    """Reads one text and names its country."""

    def __init__(self, text: str, country: str) -> None:
        super().__init__(text)
        self.country = country

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        told = (CountryGuess(self.country, 0.9),)
        return [replace(one, country=self.country, countries=told) for one in super().read(crops)]


class SureFinder(Finder):
    """What it finds it is sure of."""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        return [[replace(one, score=0.9) for one in found] for found in super().find(photos)]


@pytest.mark.parametrize(
    ("view", "text", "country", "covers"),
    [
        (View.INTERIOR_DETAIL, "AGUA", "XX", 0),  # a sill
        (View.INTERIOR_DETAIL, "ABC123", "FI", 1),  # a car behind the window
        (View.INTERIOR_DETAIL, "AB123CD", "XX", 1),
        (View.DOCUMENT, "AGUA", "XX", 1),
        (View.REAR, "AGUA", "XX", 1),
    ],
)
def test_writing_in_an_upright_picture_of_an_inside_is_left_open(
    view: View, text: str, country: str, covers: int
) -> None:
    photo = decode_photo(encode_jpeg(drawn()), "a.jpg")
    search = Search(SureFinder([[PLATE], []]), SaysCountry(text, country), viewer=Tells(view))
    assert len(finish(photo, [], search, view=view.value).covers) == covers


def test_writing_is_left_open_beside_an_upright_plate_too() -> None:
    photo, beside = decode_photo(encode_jpeg(drawn()), "a.jpg"), quad_from_box(Box(100, 100, 250, 140))
    for view, covers in (("interior detail", 1), ("unsure", 2)):
        search = Search(
            SureFinder([[beside], []]), SaysCountry("AGUA", "XX"), viewer=Tells(View.INTERIOR_DETAIL)
        )
        assert len(finish(photo, [Sighting(PLATE, 0.9)], search, view=view).covers) == covers


@pytest.mark.parametrize(("told", "share"), [("rear", 1.0), ("unsure", 1.0), ("interior detail", 0.6)])
def test_a_cover_is_spared_only_where_network_and_photo_surely_agree(told: str, share: float) -> None:
    photo = decode_photo(encode_jpeg(drawn()), "a.jpg")
    viewer = Tells(View.INTERIOR_DETAIL, share)
    search = Search(SureFinder([[PLATE], []]), SaysCountry("AGUA", "XX"), viewer=viewer)
    assert len(finish(photo, [], search, view=told).covers) == 1


def test_what_the_photo_is_known_to_show_is_not_asked_again() -> None:
    class Counts(Tells):
        asked = 0

        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            self.asked += len(photos)
            return super().read(photos)

    photo = decode_photo(encode_jpeg(drawn()), "a.jpg")
    guess = Tells(View.INTERIOR_DETAIL).read([photo])[0]
    whole, part = Box(0, 0, photo.width, photo.height), Box(0, 0, photo.width - 40, photo.height - 40)
    # Three ways round are; of a part the network has said nothing.
    for known, window, asked in ((None, None, 4), (guess, None, 3), (guess, whole, 3), (guess, part, 4)):
        viewer = Counts(View.INTERIOR_DETAIL)
        search = Search(SureFinder([[]]), SaysCountry("AGUA", "XX"), viewer=viewer)
        finish(photo, [], search, view="interior detail", guess=known, window=window)
        assert viewer.asked == asked
