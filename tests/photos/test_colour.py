from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import LabelError
from kilpi.photos.colour import (
    COMPATIBLE,
    UNSURE,
    ColourConfusion,
    SeenColour,
    agreed_colour,
    colour_confusion,
    see_colour,
)
from kilpi.types import Pixels, Point, Quad
from kilpi.vocabulary import Colour

QUAD = Quad(Point(250, 240), Point(350, 240), Point(350, 265), Point(250, 265))


def flat(rgb: tuple[int, int, int]) -> Pixels:
    pixels = np.full((400, 600, 3), rgb, dtype=np.uint8)
    pixels[240:265, 250:350] = 235
    return pixels


@pytest.mark.parametrize(
    ("rgb", "colour"),
    [
        ((185, 20, 30), Colour.RED),
        ((230, 200, 20), Colour.YELLOW),
        ((30, 60, 160), Colour.BLUE),
        ((20, 110, 60), Colour.GREEN),
        ((15, 15, 15), Colour.BLACK),
        ((228, 228, 226), Colour.WHITE),
        ((165, 168, 170), Colour.SILVER),
        ((90, 92, 95), None),
    ],
)
def test_flat_paint(rgb: tuple[int, int, int], colour: Colour | None) -> None:
    assert see_colour(flat(rgb), QUAD).colour == colour


def test_one_odd_patch_does_not_decide() -> None:
    pixels = flat((90, 92, 95))
    pixels[:, 360:] = (230, 200, 20)  # a taxi beside it
    assert see_colour(pixels, QUAD).colour is None


def test_light_is_judged_against_the_plate() -> None:
    dusk = (flat((228, 228, 226)).astype(np.float64) * 0.55).astype(np.uint8)
    assert see_colour(dusk, QUAD).colour is Colour.WHITE


def test_tiny_plates_and_plates_outside_say_nothing() -> None:
    tiny = Quad(Point(10, 10), Point(18, 10), Point(18, 12), Point(10, 12))
    outside = Quad(Point(2000, 10), Point(2100, 10), Point(2100, 35), Point(2000, 35))
    assert see_colour(flat((185, 20, 30)), tiny) == UNSURE
    assert see_colour(flat((185, 20, 30)), outside) == UNSURE


def test_agreement() -> None:
    red, blue, none = (SeenColour(colour, 0.5, 0.5) for colour in (Colour.RED, Colour.BLUE, None))
    assert agreed_colour([red, none, red]) is Colour.RED
    assert agreed_colour([red, blue]) is None
    assert agreed_colour([red, red, blue]) is None
    assert agreed_colour([none]) is None
    white, silver = (SeenColour(colour, 0.0, 0.9) for colour in (Colour.WHITE, Colour.SILVER))
    assert agreed_colour([white, white, silver]) is Colour.WHITE


def test_no_colour_contradicts_itself() -> None:
    assert all(colour in compatible for colour, compatible in COMPATIBLE.items())


def test_confusion_is_counted_from_labels(tmp_path: Path) -> None:
    lines = []
    for name, rgb, label in (
        ("a", (185, 20, 30), "red"),
        ("b", (185, 20, 30), "white"),
        ("c", (90, 92, 95), "grey"),
    ):
        path = tmp_path / f"{name}.png"
        pixels = flat(rgb)
        pixels[0, 0] = ord(name)  # three different files
        Image.fromarray(pixels).save(path)
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append({"photo": sha, "box": [250, 240, 350, 265], "colour": label, "part": "held out"})
    lines += [lines[0] | {"photo": "0" * 64}, lines[0] | {"part": "thresholds"}]
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join(json.dumps(line) for line in lines))
    told = colour_confusion(labels, tmp_path, "held out")
    assert told.counts == {("red", "red"): 1, ("white", "red"): 1, ("grey", None): 1}
    assert (told.photos, told.unsure, told.false_contradictions, told.missing) == (3, 1, 1, 1)
    assert "false contradictions 1" in told.table()


def test_caught_counts_wrong_colours_only() -> None:
    told = ColourConfusion({("red", "red"): 1, ("red", None): 1}, 0)
    wrong = [c for c in Colour if c not in (Colour.MULTICOLOUR, Colour.RED)]
    caught = sum(c not in COMPATIBLE[Colour.RED] for c in wrong)
    assert told.caught == pytest.approx(caught / len(wrong) / 2)


def test_wrong_labels_are_told_by_line(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"photo": "x"}\n')
    with pytest.raises(LabelError, match="line 1"):
        colour_confusion(labels, tmp_path)
