"""Composed cars are found once and can be read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.fakes import FakeReader
from tests.learn.verifier.test_compose_cars import scenes

from kilpi.errors import LabelError
from kilpi.evaluation.car_reads import load_reads
from kilpi.geometry import quad_from_box, quad_to_array, scale_quad
from kilpi.grammar import load_grammars
from kilpi.learn.verifier import composed_reads
from kilpi.learn.verifier.car_recipes import DEALER
from kilpi.learn.verifier.composed_reads import piece_of, read_seen, see_composed, write_seen
from kilpi.learn.verifier.shots import Shot
from kilpi.plates.detector import fit_side
from kilpi.plates.reader import SHAPE
from kilpi.types import Box, Photo, Pixels, Place, Reading, Sighting


class Everywhere:
    """Sees one plate in the middle of every photo."""

    def __call__(self, photo: Photo, shot: Shot) -> list[Sighting]:
        width, height = photo.width, photo.height
        return [Sighting(quad_from_box(Box(width * 0.3, height * 0.4, width * 0.7, height * 0.6)), 0.8)]


def test_what_was_seen_is_read_and_read_again(tmp_path: Path) -> None:
    seen = tmp_path / "test.seen0.jsonl"
    write_seen(seen, see_composed(4, 3, scenes(), [DEALER], Everywhere()))
    for text in ("ABC123", "XYZ987"):
        read_seen(seen, FakeReader(text).read, tmp_path / "reads.jsonl")
        cars = load_reads([tmp_path / "reads.jsonl"], load_grammars())
        assert len(cars) == 4 and all(len(car.plates) == car.photos for car in cars)
        assert {p.reading.text for car in cars for p in car.plates if p.reading} == {text}


def test_what_is_read_has_a_layout_where_the_reader_tells_places(tmp_path: Path) -> None:
    def read(crops: Sequence[Pixels]) -> list[Reading]:
        places = tuple(Place((i + 1) / 7, 0) for i in range(6))
        return [replace(reading, places=places) for reading in FakeReader().read(crops)]

    seen = tmp_path / "test.seen0.jsonl"
    write_seen(seen, see_composed(1, 3, scenes(), [DEALER], Everywhere()))
    read_seen(seen, read, tmp_path / "reads.jsonl")
    (car,) = load_reads([tmp_path / "reads.jsonl"], load_grammars())
    layouts = [plate.layout for plate in car.plates if plate.layout]
    assert len(layouts) == len(car.plates) and all(len(one.middles) == 6 for one in layouts)
    assert all(one.edge > 0 and 0 < one.middles[0] < one.middles[-1] < 1.1 for one in layouts)
    # ABC-123 is a mark, so its letters are looked at wherever there is contrast.
    assert any(one.covered for one in layouts)
    assert all(len(one.covered) == (6 if one.contrast else 0) for one in layouts)


def test_shapes_are_measured_in_the_plates_own_proportions(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Pixels] = []
    monkeypatch.setattr(composed_reads, "measure_plate", lambda crop, *_: seen.append(crop))
    plate = {"quad": [[0, 0], [400, 0], [400, 100], [0, 100]], "frame": [800, 600]}
    composed_reads.layout_of(plate, np.zeros(SHAPE, np.uint8), Reading((), "fake"), load_grammars())
    assert [crop.shape for crop in seen] == [(64, 256, 3)]


def test_parts_make_up_the_whole() -> None:
    def names(part: tuple[int, int]) -> list[str]:
        found = see_composed(5, 3, scenes(), [DEALER], Everywhere(), part)
        return [car.name for car, _ in found]

    assert sorted(names((0, 2)) + names((1, 2))) == names((0, 1))


def test_crops_of_another_file_are_refused(tmp_path: Path) -> None:
    seen = tmp_path / "test.seen0.jsonl"
    write_seen(seen, see_composed(1, 3, scenes(), [DEALER], Everywhere()))
    np.zeros(64 * 192 * 3 * 99, np.uint8).tofile(seen.with_suffix(".crops"))
    with pytest.raises(LabelError, match="compose again"):
        read_seen(seen, FakeReader().read, tmp_path / "reads.jsonl")


def test_a_piece_knows_where_it_lies_in_the_photo() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (300, 900, 3), dtype=np.uint8)
    whole = fit_side(pixels, 512, 900, 300)
    quad = quad_from_box(Box(500, 150, 600, 180))
    piece = piece_of(whole, quad)
    inside = scale_quad(quad, *piece.scale)
    shift = np.array(piece.origin) * piece.scale
    local = quad_to_array(inside) - shift
    assert local.min() >= 0 and local[:, 0].max() <= piece.pixels.shape[1]
    x, y = (int(v) for v in local[0])
    whole_x, whole_y = (int(v) for v in quad_to_array(inside)[0])
    assert (piece.pixels[y, x] == whole.pixels[whole_y, whole_x]).all()
