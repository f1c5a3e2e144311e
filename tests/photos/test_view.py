from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kilpi.draw.insides.views import draw_view
from kilpi.photos.view import SIDE, ViewReader, group_shares, guess_of, squash
from kilpi.types import GROUPS, VIEWS, Group, Photo, Pixels, View
from kilpi.weights import Card, Network


def shares(**parts: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Shares of the named views (underscores for blanks and the dash); the rest is spread evenly."""
    named = {word.replace("_", " ").replace("three ", "three-"): part for word, part in parts.items()}
    rest = (1 - sum(named.values())) / (len(VIEWS) - len(named))
    return np.array([named.get(str(view), rest) for view in VIEWS])


class Session:
    """A network that tells instruments where a picture is dark and a document where it is bright."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, outputs: list[str] | None, inputs: dict[str, Pixels]) -> list[Any]:
        pixels = inputs["pixels"]
        assert pixels.shape[1:] == (SIDE, SIDE, 3)
        assert pixels.dtype == np.uint8
        self.batches.append(len(pixels))
        rows = [shares(document=0.9) if p.mean() > 128 else shares(instruments=0.6) for p in pixels]
        return [np.stack(rows).astype(np.float32)]


def reader(least: float, session: Session | None = None) -> ViewReader:
    card = Card("view", "", 0, {}, {"p": least})
    return ViewReader(Network(card, session or Session()))


def photo(level: int, size: tuple[int, int] = (300, 400)) -> Photo:
    pixels = np.full((*size, 3), level, np.uint8)
    return Photo(str(level), f"{level}.jpg", size[1], size[0], pixels)


def test_every_view_has_a_group() -> None:
    assert set(GROUPS) == set(View)
    assert set(GROUPS.values()) == set(Group)
    assert not {View.UNSURE, View.END, View.END_QUARTER} & set(VIEWS)


class Mapped(Session):
    """Gives the map of the end as well, as networks of this version do."""

    def run(self, outputs: list[str] | None, inputs: dict[str, Pixels]) -> list[Any]:
        (rows,) = super().run([], inputs)
        return [rows, np.full((len(rows), 7, 7), 0.25, np.float32)]


def test_the_map_of_the_end_comes_with_the_guess_where_the_network_has_one() -> None:
    assert reader(0.5).read([photo(10)])[0].end_map == ()
    (guess,) = reader(0.5, Mapped()).read([photo(10)])
    assert guess.end_map == ((0.25,) * 7,) * 7 and guess.view is View.INSTRUMENTS


def test_answers_come_in_the_order_of_the_photos() -> None:
    session = Session()
    levels = [10, 200] * 9
    guesses = reader(0.5, session).read([photo(level) for level in levels])
    assert [g.view for g in guesses] == [View.INSTRUMENTS, View.DOCUMENT] * 9
    assert sum(session.batches) == 18
    assert max(session.batches) <= 8


def test_no_photos_give_no_answers() -> None:
    assert reader(0.5).read([]) == []


def test_below_the_cards_share_the_view_is_unsure_and_the_likeliest_still_named() -> None:
    (guess,) = reader(0.7).read([photo(10)])
    assert guess.view is View.UNSURE
    assert guess.group is Group.UNSURE
    assert guess.best is View.INSTRUMENTS


def test_a_group_is_told_that_no_single_word_of_it_would_win() -> None:
    guess = guess_of(shares(front=0.25, rear=0.2, side=0.2, document=0.3), 0.5)
    assert guess.view is View.FRONT
    assert guess.p == pytest.approx(0.655, abs=0.01)
    assert guess.score == pytest.approx(0.25)


def test_front_is_weighed_against_rear_alone() -> None:
    guess = guess_of(shares(front=0.1, front_three_quarter=0.2, rear=0.1, side=0.55), 0.5)
    assert guess.best is View.SIDE
    assert guess.p_front == pytest.approx(0.3 / 0.4, abs=0.01)


def test_groups_shares_add_up_to_one() -> None:
    assert sum(group_shares(shares(boot=0.4)).values()) == pytest.approx(1)


@pytest.mark.parametrize("size", [(30, 900), (1500, 700), (SIDE, SIDE), (100, 100)])
def test_any_picture_is_squashed_whole(size: tuple[int, int]) -> None:
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[:, size[1] // 2 :] = 200
    small = squash(pixels)
    assert small.shape == (SIDE, SIDE, 3)
    assert small[:, :100].max() == 0
    assert small[:, 124:].min() == 200


def test_the_shipped_network_tells_drawn_papers_instruments_and_cars() -> None:
    reader = ViewReader.load(threads=1)
    rng = np.random.default_rng(7)
    words = (View.DOCUMENT, View.INSTRUMENTS, View.COCKPIT)
    drawn = [draw_view(str(word), rng) for word in words for _ in range(3)]
    wanted = [GROUPS[word] for word in words for _ in range(3)]
    guesses = reader.read_pixels(drawn)
    assert sum(GROUPS[guess.best] is group for guess, group in zip(guesses, wanted, strict=True)) >= 8
    assert all(sum(guess.shares) == pytest.approx(1, abs=1e-3) for guess in guesses)
