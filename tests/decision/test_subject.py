"""The plate of the car in front is told from those behind it."""

from __future__ import annotations

import numpy as np
from tests.drawn_cars import drawn_plate

from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.subject import find_subject, overlooked, prominence, width_share
from kilpi.decision.tracks import find_tracks
from kilpi.grammar import load_grammars
from kilpi.types import Box, Plate

POLICY = DecisionPolicy(p=0.9)


def plate(photo: str, text: str, x: float = 500, width: float = 200) -> Plate:
    rng = np.random.default_rng(list(f"{photo} {text}".encode()))  # the same in any order of tests
    return drawn_plate(photo, text, rng, 1.0, Box(x - width / 2, 500, x + width / 2, 500 + width / 4))


def test_larger_and_nearer_the_middle_is_more_prominent() -> None:
    assert prominence(plate("a", "ABC123")) > prominence(plate("a", "ABC123", width=100))
    assert prominence(plate("a", "ABC123")) > prominence(plate("a", "ABC123", x=880))


def test_the_front_car_is_the_larger_one_in_most_photos() -> None:
    plates = [
        plate("a", "ABC123"),
        plate("a", "XYZ987", 800, 60),
        plate("b", "ABC123"),
        plate("c", "XYZ987", 500, 90),
    ]
    subject = find_subject(find_tracks(plates, load_grammars()), POLICY)
    assert subject.main.text == "ABC123" and not subject.rivals
    assert [t.text for t in subject.behind] == ["XYZ987"]


def test_another_plate_as_large_is_a_rival() -> None:
    plates = [plate("a", "ABC123"), plate("b", "ABC123"), plate("c", "XYZ987", width=190)]
    subject = find_subject(find_tracks(plates, load_grammars()), POLICY)
    assert subject.main.text == "ABC123" and [t.text for t in subject.rivals] == ["XYZ987"]


def test_width_share_needs_the_photo_size() -> None:
    (track,) = find_tracks([plate("a", "ABC123"), plate("b", "ABC123", width=300)], load_grammars())
    assert width_share(track) == 0.3


def test_a_large_plate_that_nobody_could_read_is_not_forgotten() -> None:
    small, large = plate("a", "XYZ987", 800, 60), plate("a", "", width=220)
    (track,) = find_tracks([small, large], load_grammars())
    assert overlooked(track, [small, large], POLICY) == 1 and overlooked(track, [small], POLICY) == 0
