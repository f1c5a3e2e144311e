from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from kilpi.errors import UsageError
from kilpi.geometry import quad_from_box
from kilpi.hashing import is_near
from kilpi.images import decode_photo, encode_jpeg
from kilpi.photos.quality import MIN_SHARPNESS, Look, measure, view_in
from kilpi.photos.quality import told as sure_view
from kilpi.pictures.choice import SHOWN, choose, views_missing
from kilpi.pictures.profile import Profile, load_profile
from kilpi.types import VIEWS, Box, Photo, Pixels, Sighting, View, ViewGuess

PLATE = Box(420, 500, 580, 540)  # of a 1000 x 750 picture
SITE = load_profile("site")


def scene(seed: int = 1, size: tuple[int, int] = (1000, 750)) -> Pixels:
    """Random blocks: sharp edges everywhere, another picture for every seed; no red."""
    blocks = np.random.default_rng(seed).integers(40, 220, (15, 20, 1), dtype=np.uint8)
    grey = np.repeat(blocks, 3, axis=2)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def photo(pixels: Pixels, name: str = "x") -> Photo:
    return decode_photo(encode_jpeg(pixels), name)


def seen(box: Box = PLATE) -> list[Sighting]:
    return [Sighting(quad_from_box(box), 0.9)]


def look_at(photo: Photo, sightings: list[Sighting], guess: ViewGuess | None = None) -> Look:
    """As the line looks at a photo: first at its pixels, then at its plates where its view is not sure."""
    return replace(measure(photo, guess), view=sure_view(guess) or view_in(photo, sightings, guess))


def look(number: int, view: View = View.UNSURE, **changes: object) -> Look:
    """A good photo unlike every other one."""
    fingerprint = int(np.random.default_rng(number).integers(0, 2**63))
    made = Look(f"{number}", f"{number}.jpg", 1600, 1200, 40.0, 220.0, view, fingerprint)
    return replace(made, **changes)  # type: ignore[arg-type]


def lamps(pixels: Pixels) -> Pixels:
    """Two red lamps left and right of PLATE."""
    for x in (150, 720):
        pixels[380:520, x : x + 130] = (200, 20, 25)
    return pixels


def test_blur_lowers_sharpness_and_darkness_is_seen() -> None:
    sharp = look_at(photo(scene()), [])
    soft = look_at(photo(np.asarray(cv2.GaussianBlur(scene(), (0, 0), 8), dtype=np.uint8)), [])
    assert sharp.sharpness > MIN_SHARPNESS > soft.sharpness
    assert look_at(photo(scene() // 8), []).bright < 60 < sharp.bright


def test_the_same_picture_again_is_known_and_another_is_not() -> None:
    first = look_at(photo(scene()), []).fingerprint
    small = np.asarray(cv2.resize(scene(), (700, 525), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    brighter = np.clip(scene().astype(int) + 15, 0, 255).astype(np.uint8)
    assert is_near(first, look_at(photo(small), []).fingerprint)
    assert is_near(first, look_at(photo(brighter), []).fingerprint)
    assert not is_near(first, look_at(photo(scene(2)), []).fingerprint)


@pytest.mark.parametrize(
    ("box", "red", "view"),
    [
        (PLATE, False, View.FRONT),
        (PLATE, True, View.REAR),
        (Box(800, 500, 900, 530), False, View.FRONT_QUARTER),
        (Box(200, 300, 800, 450), False, View.EXTERIOR_DETAIL),
        (Box(500, 500, 520, 505), False, View.UNSURE),
    ],
)
def test_views_by_plate_and_lamps(box: Box, red: bool, view: View) -> None:
    pixels = lamps(scene()) if red else scene()
    assert look_at(photo(pixels), seen(box)).view is view


def test_a_red_car_is_an_end_and_a_photo_without_a_plate_unsure() -> None:
    red = scene()
    red[300:600, 100:900] = (190, 20, 25)
    assert look_at(photo(red), seen()).view is View.END
    assert look_at(photo(scene()), []).view is View.UNSURE


def test_a_page_of_print_is_a_document_and_pale_paint_is_not() -> None:
    page = np.full((1414, 1000, 3), 230, np.uint8)
    for row in range(60, 1360, 30):
        cv2.putText(page, "tekniset tiedot 12345 kg rekisteriote osa", (60, row), 0, 1.0, (40, 40, 45), 2)
    assert look_at(photo(page), []).view is View.DOCUMENT
    assert look_at(photo(np.full((750, 1000, 3), 225, np.uint8)), []).view is View.UNSURE


def told(best: View, p: float, view: View | None = None) -> ViewGuess:
    return ViewGuess(best if view is None else view, p, p, best, (1 / len(VIEWS),) * len(VIEWS))


def test_the_networks_word_goes_before_the_plates_place() -> None:
    assert look_at(photo(scene()), seen(), told(View.REAR, 0.97)).view is View.REAR
    assert look_at(photo(scene()), [], told(View.COCKPIT, 0.7)).view is View.COCKPIT
    unsure = look_at(photo(scene()), seen(), told(View.REAR, 0.5, View.UNSURE))
    assert unsure.view is View.FRONT, "the plate's place says what it can"
    assert unsure.best is View.REAR


def test_only_a_sure_paper_is_left_out() -> None:
    assert look_at(photo(scene()), [], told(View.DOCUMENT, 0.99)).view is View.DOCUMENT
    assert look_at(photo(scene()), [], told(View.DOCUMENT, 0.8)).view is View.UNSURE


def test_what_no_picture_shows_is_named_and_what_one_may_show_is_not() -> None:
    shown = [
        look(0, View.FRONT_QUARTER, best=View.FRONT_QUARTER),
        look(1, View.UNSURE, best=View.INSTRUMENTS),
        look(2, View.SEATS, best=View.SEATS),
    ]
    assert views_missing(shown, SITE) == ("rear", "cockpit")
    assert views_missing([*shown, look(3, View.REAR, best=View.REAR)], SITE) == ("cockpit",)
    assert views_missing([look(0)], SITE) == (), "nobody looked"
    assert views_missing([], SITE) == ()


def test_coordinates_are_native() -> None:
    """A photo decoded at a quarter of its size gives the same view."""
    big = scene(size=(4000, 3000))
    whole = decode_photo(encode_jpeg(big), "x", target_side=1000)
    assert whole.reduction == 4
    box = Box(*(4 * value for value in (800, 500, 900, 530)))
    made = look_at(whole, seen(box))
    assert (made.view, made.width, made.height) == (View.FRONT_QUARTER, 4000, 3000)


def test_front_three_quarter_first_and_the_dealers_order_within() -> None:
    views = [View.UNSURE, View.REAR, View.UNSURE, View.FRONT_QUARTER, View.FRONT]
    choice = choose([look(n, view) for n, view in enumerate(views)], SITE)
    assert [one.photo_id for one in choice.kept] == ["3", "4", "1", "0", "2"]
    assert choice.left_out == ()


def test_what_is_left_out_says_why() -> None:
    looks = [
        look(0),
        look(1, width=320, height=240),
        look(2, sharpness=1.0),
        look(3, bright=20.0),
        look(4, View.DOCUMENT),
        look(5, fingerprint=look(0).fingerprint, sharpness=80.0),
    ]
    choice = choose(looks, SITE)
    assert [one.photo_id for one in choice.kept] == ["5"], "the sharper of the two"
    reasons = {left.path: left.reason.code for left in choice.left_out}
    assert reasons == {
        "1.jpg": "too_small",
        "2.jpg": "blurred",
        "3.jpg": "dark",
        "4.jpg": "document",
        "0.jpg": "near_duplicate",
    }


def test_portrait_photos_are_not_too_small() -> None:
    assert choose([look(0, width=1200, height=1600)], load_profile("google")).left_out == ()


def test_a_profile_cuts_what_is_too_many() -> None:
    profile: Profile = replace(SITE, most=2)
    choice = choose([look(n) for n in range(3)], profile)
    assert [one.photo_id for one in choice.kept] == ["0", "1"]
    assert choice.left_out[0].reason.values == {"most": 2}


def test_of_blurred_photos_only_the_sharpest_stays_but_a_document_never() -> None:
    choice = choose([look(0, sharpness=1.0), look(1, sharpness=2.0)], SITE)
    assert [one.photo_id for one in choice.kept] == ["1"]
    assert choose([look(0, View.DOCUMENT)], SITE).kept == ()
    assert choose([], SITE).kept == ()


@pytest.mark.parametrize("name", ["site", "nettiauto", "meta", "google"])
def test_profiles_are_whole(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.order[0] is View.FRONT_QUARTER
    assert View.DOCUMENT not in profile.order
    assert set(profile.order) == set(View) - {View.DOCUMENT}
    assert set(profile.wanted_views) <= set(SHOWN)
    assert 0 < profile.wanted <= profile.most


def test_an_unknown_profile() -> None:
    with pytest.raises(UsageError, match="google, meta, nettiauto, site"):
        load_profile("../site")
