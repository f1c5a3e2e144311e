"""Sightings of one plate find each other, and several doubtful readings become one that is right."""

from __future__ import annotations

import pytest

from kilpi.decision.tracks import edits, find_tracks, fuse, fuse_slots, line_up, showing, size_of
from kilpi.geometry import quad_from_box, quad_size
from kilpi.grammar import load_grammars
from kilpi.types import Box, Guess, Mark, Plate, Point, Quad, Reading, Sighting


def reading(text: str, score: float = 0.98, **others: tuple[str, float]) -> Reading:
    """A reading of `text`; `s2=("8", 0.5)` adds a guess to slot 2, and takes its score from the first."""
    slots = []
    for i, char in enumerate(text):
        extra = others.get(f"s{i}")
        guesses = [Guess(char, score if extra is None else 1 - extra[1])]
        guesses += [Guess(*extra)] if extra else []
        slots.append(tuple(sorted(guesses, key=lambda g: -g.score)))
    return Reading(tuple(slots), "test", "FI")


def plate(photo: str, read: Reading, width: float = 200) -> Plate:
    sighting = Sighting(quad_from_box(Box(0, 0, width, width / 4)), 0.9)
    return Plate(photo, sighting, read, load_grammars().rank(read), (1000, 750), 0.5)


def test_two_sure_photos_overrule_one_wrong_one() -> None:
    fused, columns = fuse([reading("ABC123"), reading("A8C123", s1=("B", 0.3)), reading("ABC123")])
    assert fused.text == "ABC123" and fused.slots[1][0].score > 0.9
    assert [len(column) for column in columns] == [3] * 6


def test_one_sure_photo_outweighs_two_doubtful_ones() -> None:
    doubtful = reading("A8C123", s1=("B", 0.45))
    assert fuse([reading("ABC123", 0.999), doubtful, doubtful])[0].text == "ABC123"


def test_a_lost_character_is_lined_up() -> None:
    fused, columns = fuse([reading("ABC123"), reading("ABC12", 0.9), reading("ABC123")])
    assert fused.text == "ABC123" and len(columns[5]) == 2
    assert [s[0].char if s else None for s in line_up(reading("ABC123"), reading("AC123"))] == [
        "A", None, "C", "1", "2", "3",
    ]  # fmt: skip


def test_fused_scores_are_a_distribution() -> None:
    slot = (Guess("B", 0.6), Guess("8", 0.4))
    twice = fuse_slots([slot, slot])
    assert sum(g.score for g in twice) == pytest.approx(1.0)
    assert twice[0].score == pytest.approx(0.36 / (0.36 + 0.16))


def test_one_reading_stays_as_it_is_and_none_is_refused() -> None:
    assert fuse([reading("ABC123")])[0] == reading("ABC123")
    with pytest.raises(ValueError, match="no reading"):
        fuse([])


def test_photos_of_one_plate_are_one_track() -> None:
    tracks = find_tracks(
        [plate("a", reading("ABC123")), plate("b", reading("A8C123")), plate("c", reading("XYZ987"))],
        load_grammars(),
    )
    assert [len(t.plates) for t in tracks] == [2, 1]
    assert tracks[1].text == "XYZ987"


def test_two_like_plates_in_one_photo_are_two_cars() -> None:
    tracks = find_tracks([plate("a", reading("ABC123")), plate("a", reading("ABC124"))], load_grammars())
    assert sorted(t.text for t in tracks) == ["ABC123", "ABC124"]


def test_a_plate_found_twice_in_one_photo_counts_once() -> None:
    tracks = find_tracks([plate("a", reading("ABC123")), plate("a", reading("ABC123"), 190)], load_grammars())
    assert len(tracks) == 1 and len(tracks[0].plates) == 1


def test_plates_without_a_reading_belong_to_no_track() -> None:
    nothing = Plate("a", Sighting(quad_from_box(Box(0, 0, 9, 3)), 0.9))
    assert find_tracks([nothing, plate("b", Reading((), "test"))], load_grammars()) == []


@pytest.mark.parametrize(
    ("a", "b", "n"), [("ABC", "ABC", 0), ("ABC", "AC", 1), ("ABC", "XBD", 2), ("A", "ABCD", 99)]
)
def test_edits(a: str, b: str, n: int) -> None:
    assert edits(a, b) == n


def test_the_size_is_that_of_the_quad() -> None:
    tilted = Quad(Point(10, 20), Point(110, 30), Point(108, 60), Point(9, 48))
    found = size_of(Plate("a", Sighting(tilted, 0.9)))
    assert found == pytest.approx(quad_size(tilted))


def test_where_no_plate_says_a_mark_those_that_may_be_it_show_it() -> None:
    mark, nothing = Mark("ABC-123", "FI"), Plate("c", Sighting(quad_from_box(Box(0, 0, 90, 30)), 0.9))
    near, large = plate("a", reading("ABC128"), 100), plate("a", reading("ABC127"), 200)
    other = plate("b", reading("XYZ789"), 400)
    assert showing([near, large, other, nothing], mark) == [nothing, large]
    says = plate("a", reading("ABC123"), 50)
    assert showing([near, large, other, nothing, says], mark) == [says]
