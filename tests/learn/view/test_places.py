"""Where a car wears its plate is learnt from crops whose plates stay, are swapped or are hidden."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from kilpi.errors import LabelError  # noqa: E402
from kilpi.hashing import file_sha256  # noqa: E402
from kilpi.labels.dataset import Scene, held_out  # noqa: E402
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels  # noqa: E402
from kilpi.labels.warps import View  # noqa: E402
from kilpi.learn.view import places  # noqa: E402
from kilpi.learn.view.place_examples import (  # noqa: E402
    GRID,
    Mix,
    PlaceExamples,
    crop,
    targets,
    tilted,
)
from kilpi.learn.view.place_net import PlaceHead, PlaceTargets, place_loss  # noqa: E402
from kilpi.learn.view.places import Plan, train_places  # noqa: E402
from kilpi.photos.view import SIDE, ViewReader  # noqa: E402
from kilpi.types import Box, Pixels  # noqa: E402
from kilpi.weights import PACKAGED, read_card  # noqa: E402

PLATE = np.array([[120.0, 150.0], [200.0, 150.0], [200.0, 170.0], [120.0, 170.0]], np.float32)


def car(seed: int) -> Pixels:
    """A dark car's rear between two red lamps, its plate white."""
    pixels: Pixels = np.random.default_rng(seed).integers(150, 170, (240, 320, 3), np.uint8)
    pixels[90:200, 80:240] = 40
    pixels[120:140, 85:105] = pixels[120:140, 215:235] = (220, 20, 20)
    pixels[150:170, 120:200] = 240
    return pixels


def scene(seed: int) -> Scene:
    view = View(car(seed), PLATE[None], np.array([True]), np.zeros((0, 4, 2), np.float32))
    return Scene(f"{seed}", f"{seed}", view)


def test_a_plate_is_asked_for_where_its_middle_is_whether_it_is_seen_or_hidden() -> None:
    shown = Mix(drawn=0, aimed=1, hidden=0, swapped=0, pasted=0, tilted=0)
    for mix in (shown, Mix(drawn=0, aimed=1, hidden=1, pasted=0)):
        for example in islice(PlaceExamples([scene(0)], 3, mix), 20):
            assert example.pixels.shape == (SIDE, SIDE, 3)
            row, column = np.unravel_index(int(example.heat.argmax()), (GRID, GRID))
            patch = example.pixels[row * 16 : row * 16 + 16, column * 16 : column * 16 + 16]
            assert example.heat.max() == pytest.approx(1)
            if mix is shown:
                assert patch.mean() > 150, "the white plate is there"


def test_drawings_of_insides_have_no_place() -> None:
    for example in islice(PlaceExamples([scene(0)], 1, Mix(drawn=1)), 4):
        assert example.heat.max() == 0 and example.care.min() == 1


def test_a_car_far_behind_is_not_asked_for() -> None:
    heat, care, _ = targets([PLATE.astype(float)], 3000, 2000)
    assert heat.max() == 0 and care.min() < 0.2


def test_widths_are_those_of_the_nearest_plate() -> None:
    small = PLATE.astype(float) * 0.5
    _, _, width = targets([PLATE.astype(float), small], 320, 240)
    at = [(quad.mean(axis=0) / (320, 240) * GRID).astype(int) for quad in (PLATE, small)]
    assert [float(np.exp(width[y, x])) for x, y in at] == pytest.approx([0.25, 0.125])


def test_crops_and_tilts_take_the_corners_along() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        pixels, quads = crop(car(0), [PLATE.astype(float)], Mix(aimed=1, largest=1), rng)
        pixels, quads = tilted(pixels, quads, rng)
        x, y = quads[0].mean(axis=0)
        if 2 < x < pixels.shape[1] - 2 and 2 < y < pixels.shape[0] - 2:
            assert pixels[int(y), int(x)].mean() > 200


def test_the_loss_falls_as_the_answer_nears_what_is_wanted() -> None:
    heat, care, width = (torch.from_numpy(one)[None] for one in targets([PLATE.astype(float)], 320, 240))
    wanted = PlaceTargets(heat, care, width)
    blind = place_loss(torch.full_like(heat, -3.0), torch.zeros_like(width), wanted)
    right = place_loss(torch.where(heat >= 0.97, 5.0, -5.0), width, wanted)
    assert float(right) < 0.1 * float(blind)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, records = tmp_path_factory.mktemp("places"), []
    for seed in range(6):
        name = learnt_name(seed)
        Image.fromarray(car(seed)).save(folder / name)
        plate = LabelledPlate(box=Box(120, 150, 200, 170))
        records.append(LabelledPhoto(file_sha256(folder / name), name, plates=(plate,)))
    write_labels(folder / "labels.jsonl", records)
    return folder


def learnt_name(seed: int) -> str:
    """A photo's name that no training keeps back."""
    return next(name for i in range(99) if not held_out(name := f"{seed}-{i}.png"))


def test_a_training_adds_places_and_leaves_the_views(
    labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "CHECKED", 16)
    run = train_places(
        [labelled / "labels.jsonl"], [labelled], PACKAGED, tmp_path, Plan(parts=2, each=32, epochs=2)
    )
    made, shipped = ViewReader.load(tmp_path), ViewReader.load(PACKAGED)
    before, after = shipped.read_pixels([car(0)])[0], made.read_pixels([car(0)])[0]
    assert after.shares == pytest.approx(before.shares, abs=0.02)  # in 8 bits
    assert after.places != before.places
    card, old = read_card(run.weights), read_card(PACKAGED / "view.onnx")
    assert card.thresholds == old.thresholds and card.data[: len(old.data)] == old.data
    assert card.training["places"]["parts"] == 2


def test_a_training_that_was_stopped_goes_on_from_the_parts_that_are_there(tmp_path: Path) -> None:
    plan = Plan(parts=2, each=16)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    whole = places.parts_of([scene(0)], plan, 4, tmp_path / "a", 1)
    first = min((tmp_path / "a").glob("*.npz"))
    first.rename(tmp_path / "b" / first.name)
    again = places.parts_of([scene(0)], plan, 4, tmp_path / "b", 1)
    assert torch.equal(whole.heat, again.heat) and torch.equal(whole.fine, again.fine)


def test_without_a_plate_there_is_nothing_to_learn(labelled: Path, tmp_path: Path) -> None:
    records = [LabelledPhoto(file_sha256(labelled / learnt_name(0)), learnt_name(0))]
    write_labels(tmp_path / "none.jsonl", records)
    with pytest.raises(LabelError, match="no labelled plate"):
        train_places([tmp_path / "none.jsonl"], [labelled], PACKAGED, tmp_path / "run")


def test_the_heads_maps_have_the_grids_cells() -> None:
    odds, width = PlaceHead()(
        torch.zeros(2, 112, 14, 14), torch.zeros(2, 320, 7, 7), torch.zeros(2, 1280, 7, 7)
    )
    assert odds.shape == width.shape == (2, GRID, GRID)
