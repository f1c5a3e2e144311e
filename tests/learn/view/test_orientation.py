"""How a picture lies is learnt from turned crops of photos."""

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
from kilpi.labels.record import LabelledPhoto, write_labels  # noqa: E402
from kilpi.labels.warps import View  # noqa: E402
from kilpi.learn.view import orientation  # noqa: E402
from kilpi.learn.view.net import CELLS, TURNS, ViewNet, thirds  # noqa: E402
from kilpi.learn.view.orientation import Plan, Seen, examples, fit, measure, train_orientation, turned  # noqa: E402
from kilpi.photos.view import SIDE, ViewReader  # noqa: E402
from kilpi.types import Pixels  # noqa: E402
from kilpi.weights import PACKAGED, read_card  # noqa: E402


def street(seed: int) -> Pixels:
    """A blue sky above a brown road."""
    pixels: Pixels = np.random.default_rng(seed).integers(0, 30, (240, 320, 3), np.uint8)
    pixels[:120, :, 2] += 200
    pixels[120:, :, 0] += 120
    return pixels


def scene(seed: int) -> Scene:
    none = np.zeros((0, 4, 2), np.float32)
    return Scene(f"{seed}", f"{seed}", View(street(seed), none, np.zeros(0, bool), none))


@pytest.mark.parametrize("lies", range(TURNS))
def test_a_picture_that_lies_turned_to_the_right_has_its_sky_there(lies: int) -> None:
    for seed in range(4):
        pixels = turned(street(0), lies, np.random.default_rng(seed)).astype(float)
        rows, columns = np.nonzero(pixels[..., 2] - pixels[..., 0] > 100)  # the sky, no border
        height, width = pixels.shape[:2]
        x, y = columns.mean() - width / 2, rows.mean() - height / 2
        angle = np.degrees(np.arctan2(x, -y)) % 360  # clockwise from the top
        assert abs((angle - 30 * lies + 180) % 360 - 180) < 25


def test_examples_are_as_the_network_sees_pictures_and_lie_every_way() -> None:
    seen = list(islice(examples([scene(0), scene(1)], np.random.default_rng(0)), 120))
    assert all(one.pixels.shape == (SIDE, SIDE, 3) and one.pixels.dtype == np.uint8 for one in seen)
    assert {one.lies for one in seen} == set(range(TURNS))


def test_thirds_of_a_picture_are_means_of_three_cells_by_three() -> None:
    cells = torch.arange(49.0).reshape(1, 1, 7, 7)
    means = thirds(cells)[0].tolist()
    assert means == [cells[0, 0, y : y + 3, x : x + 3].mean() for y in (0, 2, 4) for x in (0, 2, 4)]


def test_the_layer_learns_what_cells_tell_and_it_is_measured_so() -> None:
    lies = torch.arange(240) % TURNS
    cells = torch.zeros(240, CELLS).half()
    cells[torch.arange(240), lies] = 200
    layer = fit(Seen(cells, lies), Plan(epochs=40), 0)
    told = measure(layer, Seen(cells, lies))
    assert told["right"] == told["right_of_quarters"] == told["upright_told"] == 1
    assert told["turned_told_as_upright"] == 0
    assert measure(layer, Seen(cells, (lies + 1) % TURNS))["right"] == 0


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, records = tmp_path_factory.mktemp("lying"), []
    for seed in range(5):
        name = next(name for i in range(99) if not held_out(name := f"{seed}-{i}.png"))
        Image.fromarray(street(seed)).save(folder / name)
        records.append(LabelledPhoto(file_sha256(folder / name), name))
    write_labels(folder / "labels.jsonl", records)
    return folder


def test_a_training_tells_how_pictures_lie_and_leaves_the_rest(labelled: Path, tmp_path: Path) -> None:
    run = train_orientation(
        [labelled / "labels.jsonl"], [labelled], PACKAGED, tmp_path, Plan(parts=2, each=32, epochs=2)
    )
    made, shipped = ViewReader.load(tmp_path), ViewReader.load(PACKAGED)
    before, after = shipped.read_pixels([street(0)])[0], made.read_pixels([street(0)])[0]
    assert after.shares == pytest.approx(before.shares, abs=0.02)  # in 8 bits
    assert len(after.orientation) == TURNS and sum(after.orientation) == pytest.approx(1, abs=1e-3)
    assert after.orientation != before.orientation
    card, old = read_card(run.weights), read_card(PACKAGED / "view.onnx")
    assert card.thresholds == old.thresholds and card.data[: len(old.data)] == old.data
    assert card.training["orientation"]["parts"] == 2 and card.metrics["places"] == old.metrics["places"]


def test_the_net_that_is_exported_looks_at_the_cells_that_were_learnt_from() -> None:
    net = ViewNet(pretrained=False).eval()
    pixels = torch.from_numpy(street(0)[None, :SIDE, :SIDE].copy())
    with torch.no_grad():
        wanted = torch.softmax(net.orientation(net.cells(pixels)), dim=1)
        assert torch.allclose(net.look(pixels)[4], wanted, atol=1e-6)


def test_without_a_photo_there_is_nothing_to_learn(tmp_path: Path) -> None:
    write_labels(tmp_path / "none.jsonl", [])
    with pytest.raises(LabelError):
        train_orientation([tmp_path / "none.jsonl"], [tmp_path], PACKAGED, tmp_path / "run")


def test_parts_that_are_there_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(parts=2, each=16)
    whole = orientation.parts_of([scene(0)], plan, 4, tmp_path, 1)
    monkeypatch.setattr(orientation, "make_part", lambda *_: pytest.fail("made again"))
    again = orientation.parts_of([scene(0)], plan, 4, tmp_path, 1)
    assert torch.equal(whole.cells, again.cells) and torch.equal(whole.lies, again.lies)
