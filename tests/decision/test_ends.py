"""Photos that show a car's front or rear without the plate that was read: perhaps another car's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.decision.test_verifier import ALONE, POLICY, Judge, codes, plate

from kilpi.decision.features import Evidence
from kilpi.types import Box, EndPlace, Reason, Shown, Verdict

NEVER_ASKED: dict[str, float] = {}


@pytest.mark.parametrize(
    ("seen", "bare", "accepted"),
    [(1, 0, True), (1, 1, False), (1, 3, False), (2, 1, False), (2, 2, False), (3, 1, True), (4, 2, False)],
)
def test_the_plate_must_lead_over_bare_ends(seen: int, bare: int, accepted: bool) -> None:
    plates = [plate(f"seen{i}", ALONE, Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(seen)]
    ends = {f"bare{i}": 0.97 for i in range(bare)} | {f"seen{i}": 0.99 for i in range(seen)}
    decision = Judge().decide(plates, Shown(ends))
    assert (decision.verdict is Verdict.ACCEPTED) is accepted
    if not accepted:
        assert codes(decision) == ["end_without_plate"]
        assert decision.reasons[0].values == {"photos": bare, "seen": seen}


def test_copies_of_one_photo_do_not_lead_over_a_bare_end() -> None:
    copies = [plate(f"seen{i}", ALONE) for i in range(3)]
    assert codes(Judge().decide(copies, Shown({"bare": 0.97}))) == ["end_without_plate"]


@pytest.mark.parametrize("ends", [NEVER_ASKED, {"side": 0.4, "seat": 0.0, "unsure": 0.65}])
def test_photos_of_something_else_or_of_which_nothing_is_known_say_nothing(ends: dict[str, float]) -> None:
    assert Judge().decide([plate("seen", ALONE)], Shown(ends)).verdict is Verdict.ACCEPTED


def test_a_photo_that_probably_shows_an_end_without_the_plate_is_enough_to_ask() -> None:
    assert codes(Judge().decide([plate("seen", ALONE)], Shown({"cropped": 0.75}))) == ["end_without_plate"]


def test_a_photo_of_another_car_that_is_left_out_is_no_bare_end() -> None:
    own = [plate(f"own{i}", ALONE, Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(3)]
    plates = [*own, plate("other", "XZ377")]
    decision = Judge().decide(plates, Shown({"other": 1.0, "bare": 1.0}))
    assert decision.verdict is Verdict.ACCEPTED and decision.strangers == ("other",)
    assert (
        Judge().decide(plates, Shown({"other": 1.0, "bare": 1.0, "bare too": 1.0})).verdict is Verdict.REVIEW
    )


ON, BESIDE, ABOVE = EndPlace(0.8, 0.1), EndPlace(0.3, 0.1), EndPlace(0.8, -0.3)


@pytest.mark.parametrize(
    ("places", "accepted"),
    [
        ((ON, ON), True),
        ((BESIDE, BESIDE), False),
        ((ABOVE, ABOVE), False),
        ((ON, BESIDE), False),
        ((ON, ON, BESIDE), True),
        ((ON, BESIDE, BESIDE), False),
        ((None, None), True),
    ],
)
def test_a_plate_beside_the_end_in_half_of_the_photos_is_a_question(
    places: tuple[EndPlace | None, ...], accepted: bool
) -> None:
    plates = [replace(plate(f"seen{i}", ALONE), on_end=at) for i, at in enumerate(places)]
    ends = {f"seen{i}": 0.99 for i in range(len(places))}
    decision = Judge().decide(plates, Shown(ends))
    assert (decision.verdict is Verdict.ACCEPTED) is accepted
    if not accepted:
        off = sum(at in (BESIDE, ABOVE) for at in places)
        assert decision.reasons == (Reason("beside_end", {"photos": off, "shown": len(places)}),)


def test_where_the_photo_surely_shows_no_end_the_place_says_nothing() -> None:
    plates = [replace(plate("seen", ALONE), on_end=BESIDE)]
    assert Judge().decide(plates, Shown({"seen": 0.85})).verdict is Verdict.ACCEPTED
    assert Judge().decide(plates, Shown(NEVER_ASKED)).verdict is Verdict.ACCEPTED


ASIDE = Box(20, 500, 180, 540)  # of a photo 1000 pixels wide: prominence 0.07
OFTEN = Box(0, 500, 120, 530)  # 0.05
ABOUT = EndPlace(0.45, 0.1)  # not beside, and not surely where a car's own plate is


@pytest.mark.parametrize(
    ("places", "share", "asked"),
    [
        ((ON,), 0.99, False),
        ((ON,), 0.75, False),
        ((ON,), 0.65, True),
        ((ABOUT,), 0.99, True),
        ((EndPlace(0.8, -0.15),), 0.99, True),
        ((None,), 0.99, True),
        ((ON, ABOUT), 0.99, False),
        ((ON, ABOUT, ABOUT), 0.99, True),
        ((ON, ON, BESIDE), 0.75, True),  # one photo that shows it beside the end is enough
    ],
)
def test_a_small_plate_aside_is_the_cars_own_where_it_is_on_the_end_that_is_shown(
    places: tuple[EndPlace | None, ...], share: float, asked: bool
) -> None:
    where = ASIDE if len(places) == 1 else OFTEN
    plates = [replace(plate(f"seen{i}", ALONE, where), on_end=at) for i, at in enumerate(places)]
    decision = Judge().decide(plates, Shown({f"seen{i}": share for i in range(len(places))}))
    assert codes(decision) == (["only_aside"] if asked else ["plates_agree", "sure_enough"])


class ByProminence(Judge):
    """Sure of what is as prominent as a plate that needs no tie, and of nothing else."""

    def scores(self, evidence: Sequence[Evidence]) -> NDArray[np.float32]:
        near = [(item.numbers["prominence"] or 0.0) >= POLICY.own_prominence for item in evidence]
        return np.array([0.99 if is_near else 0.5 for is_near in near], np.float32)


@pytest.mark.parametrize(
    ("at", "share", "asked"),
    [
        (ON, 0.99, []),
        (ON, 0.65, ["only_aside", "not_sure_enough"]),
        (EndPlace(0.55, 0.1), 0.99, ["not_sure_enough"]),
        (None, 0.99, ["only_aside", "not_sure_enough"]),
    ],
)
def test_a_small_plate_surely_on_its_own_end_is_as_sure_as_a_large_one(
    at: EndPlace | None, share: float, asked: list[str]
) -> None:
    seen = replace(plate("seen", ALONE, ASIDE), on_end=at)
    decision = ByProminence().decide([seen], Shown({"seen": share}))
    assert codes(decision) == (asked or ["plates_agree", "sure_enough"])


def test_a_rival_on_the_end_is_as_sure_as_the_plate_that_leads() -> None:
    """Two plates of one size, one at either edge: the place that lifts one lifts the other."""
    left, right = Box(20, 500, 180, 540), Box(821, 500, 980, 540)
    seen = [plate("seen", ALONE, left), plate("seen", "XYZ987", right)]
    decision = ByProminence().decide([replace(one, on_end=ON) for one in seen], Shown({"seen": 0.99}))
    assert codes(decision) == ["marks_differ"]
