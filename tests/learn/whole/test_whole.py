"""What hides a plate's characters is learnt from drawn plates of which it is known, and from real ones."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from kilpi.draw.plates import render_plate  # noqa: E402
from kilpi.errors import UsageError  # noqa: E402
from kilpi.grammar import load_grammars  # noqa: E402
from kilpi.hashing import file_sha256  # noqa: E402
from kilpi.labels.dataset import Scene  # noqa: E402
from kilpi.labels.warps import View  # noqa: E402
from kilpi.learn.onnx_export import ship  # noqa: E402
from kilpi.learn.reader.crops import Crop  # noqa: E402
from kilpi.learn.reader.export import load_reader  # noqa: E402
from kilpi.learn.reader.net import TOKENS  # noqa: E402
from kilpi.learn.session import Asked  # noqa: E402
from kilpi.learn.whole import train as training  # noqa: E402
from kilpi.learn.whole.examples import (  # noqa: E402
    HIDDEN,
    NOTHING,
    SISTERS,
    UNASKED,
    Examples,
    Sources,
    level,
    spread,
    targets,
    with_sisters,
)
from kilpi.learn.whole.export import export_whole, make_whole_card  # noqa: E402
from kilpi.learn.whole.net import from_reader  # noqa: E402
from kilpi.learn.whole.real_plates import boxes_of  # noqa: E402
from kilpi.learn.whole.train import Seen, asked_loss, batches, told, train_whole  # noqa: E402
from kilpi.plates.hidden_parts import HiddenParts  # noqa: E402
from kilpi.plates.reader import HEIGHT, WIDTH  # noqa: E402
from kilpi.types import Guess, Place, Reading  # noqa: E402
from kilpi.weights import read_card  # noqa: E402


def view(seed: int = 0) -> View:
    pixels = np.random.default_rng(seed).integers(60, 200, (300, 400, 3), np.uint8)
    return View(pixels, np.zeros((0, 4, 2), np.float32), np.zeros(0, bool), np.zeros((0, 4, 2), np.float32))


def three(
    hidden: tuple[float, float, float], room: tuple[float, float, float]
) -> tuple[list[int], list[int]]:
    """What the columns show of OAK, its characters at columns 2 to 4, 10 to 12 and 18 to 20."""
    boxes = np.array([[16.0, 10, 40, 54], [80, 10, 104, 54], [144, 10, 168, 54]])
    crop = Crop(np.zeros((HEIGHT, WIDTH, 3), np.uint8), "OAK", "", 1, boxes, 100.0, 0.0)
    asked = np.array([char in SISTERS for char in crop.text])
    ink, above = targets(crop, np.array(hidden, np.float32), np.array(room, np.float32), asked)
    return ink.tolist(), above.tolist()


def test_a_hidden_part_is_asked_for_in_its_own_columns() -> None:
    ink, room = three((0, 0.5, 0.06), (0, 0, 0))
    assert ink[3] == NOTHING and ink[11] == HIDDEN and ink[19] == UNASKED, "a little may be either"
    assert ink[7] == NOTHING and HIDDEN not in ink[24:], "the lower line of a plate of one row"
    assert room[3] == NOTHING and room[11] == NOTHING and room[19] == UNASKED, "K has no dotted sister"


def test_the_room_above_letters_is_asked_for() -> None:
    _, room = three((0, 0, 0), (0.9, 0.3, 0.9))
    assert (room[3], room[11], room[19]) == (HIDDEN, UNASKED, UNASKED)
    assert [level(part, (0.1, 0.5)) for part in (0.1, 0.2, 0.5)] == [NOTHING, UNASKED, HIDDEN]


def test_letters_are_dealt_out_among_their_sisters() -> None:
    rng = np.random.default_rng(0)
    sample = load_grammars().sample("FI", rng)
    seen = {
        char for _ in range(60) for groups in with_sisters(sample, rng).rows for g in groups for char in g
    }
    letters = {char for groups in sample.rows for g in groups for char in g}
    assert seen == {sister for char in letters for sister in SISTERS.get(char, char)}


def test_examples_are_drawn_and_real_and_the_same_for_the_same_seed() -> None:
    real = Crop(
        np.full((64, 260, 3), 200, np.uint8), "ABC123", "", 1,
        np.array([[10.0 + 28 * i, 12, 30 + 28 * i, 52] for i in range(6)]), 120.0, 0.0,
    )  # fmt: skip
    sources = Sources((view(), view(1)), (real,))
    first, second = (list(islice(Examples(sources, 5), 24)) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert a.pixels.shape == (HEIGHT, WIDTH, 3) and a.ink.shape == a.room.shape == (TOKENS,)
        assert np.array_equal(a.pixels, b.pixels) and np.array_equal(a.ink, b.ink)
    assert 3 < sum((one.ink == HIDDEN).any() for one in first) < 21


def test_a_space_is_spread_and_the_boxes_go_with_their_characters() -> None:
    rng = np.random.default_rng(1)
    sample = load_grammars().sample("SE", rng)
    plate = render_plate(sample, rng, 64)
    gaps = []
    for seed in range(8):
        wider = spread(plate, sample, np.random.default_rng(seed))
        assert wider.pixels.shape == plate.pixels.shape and wider.ink is not None
        gaps.append(float(wider.boxes[3, 0] - wider.boxes[2, 2]))
        for x1, y1, x2, y2 in wider.boxes.round().astype(int):
            assert wider.ink[max(0, y1) : y2, x1:x2].max() > 200, "there is ink in every box"
        between = wider.ink[:, round(float(wider.boxes[2, 2])) + 2 : round(float(wider.boxes[3, 0])) - 2]
        assert between.max(initial=0) < 60
    assert max(gaps) > 1.5 * float(plate.boxes[3, 0] - plate.boxes[2, 2])


def test_real_plates_have_a_box_where_each_character_was_seen() -> None:
    def read(score: float, *xs: float) -> Reading:
        slots = tuple((Guess("A", score),) for _ in xs)
        return Reading(slots=slots, reader="", places=tuple(Place(x, 0) for x in xs))

    boxes = boxes_of(read(0.95, 0.1, 0.3, 0.5, 0.7))
    assert boxes is not None and boxes.shape == (4, 4)
    assert ((boxes[:, 0] + boxes[:, 2]) / 2 / WIDTH).tolist() == pytest.approx([0.1, 0.3, 0.5, 0.7])
    assert (boxes[1:, 0] > boxes[:-1, 2]).all()
    assert boxes_of(read(0.8, 0.1, 0.3, 0.5, 0.7)) is None, "not surely read"
    assert boxes_of(read(0.95, 0.1, 0.3)) is None, "too few characters"
    assert boxes_of(read(0.95, 0.1, 0.3, 0.31, 0.7)) is None, "not apart"


def test_what_nobody_asks_costs_nothing() -> None:
    odds = torch.tensor([[4.0, -4.0, 9.0]])
    assert float(asked_loss(odds, torch.tensor([[1.0, 0.0, float(UNASKED)]]))) < 0.02
    assert float(asked_loss(odds, torch.tensor([[0.0, 1.0, float(UNASKED)]]))) > 3
    assert told(torch.arange(100.0), torch.tensor([50.0, 99.5, 200.0])) == pytest.approx(2 / 3)


def test_a_net_learns_what_is_asked_and_answers_the_same_when_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "BATCH", 16)
    torch.set_num_threads(1)
    net = from_reader(load_reader())
    pixels = torch.randint(0, 255, (8, HEIGHT, WIDTH, 3), dtype=torch.uint8)
    pixels[4:, :, 96:] = 0  # the right half is under something
    ink = torch.zeros((8, TOKENS), dtype=torch.int8)
    ink[4:, 12:24] = HIDDEN
    seen = Seen(
        pixels.repeat(4, 1, 1, 1), ink.repeat(4, 1), torch.full((32, TOKENS), UNASKED, dtype=torch.int8)
    )
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3)
    source = batches(seen, 0)
    for _ in range(16):
        loss = training.step_loss(net.train(), next(source))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    path = export_whole(net.eval(), tmp_path)
    ship(make_whole_card(path, net, []), path, {}, {})
    reading = Reading(
        slots=((Guess("A", 1.0),), (Guess("B", 1.0),)), reader="", places=(Place(0.25, 0), Place(0.75, 0))
    )
    parts = HiddenParts.load(tmp_path, threads=1)
    without, having = parts.see([pixels[0].numpy(), pixels[5].numpy()], [reading, reading])
    assert without and having
    assert having.ink[1] > without.ink[1] + 0.3


def test_no_minutes_and_no_photos_are_said() -> None:
    with pytest.raises(UsageError, match="minutes"):
        train_whole(Asked(0, [Path("none.jsonl")]))
    with pytest.raises(UsageError, match="labels"):
        train_whole(Asked(1, []))


@pytest.mark.slow
def test_a_training_from_photos_to_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = [Scene(f"{i}", f"{i}", view(i)) for i in range(4)]
    monkeypatch.setattr(training, "load_photos", lambda *_: (scenes[:3], scenes[3:]))
    monkeypatch.setattr(training, "real_plates", lambda *_: [])
    monkeypatch.setattr(training, "EACH", 128)
    monkeypatch.setattr(training, "CHECKED", 64)
    monkeypatch.setattr(training, "data_id", lambda *_: {}, raising=False)
    run = train_whole(Asked(0.1, [], out=tmp_path, quiet=True), parts=1)
    assert read_card(run.weights).sha256 == file_sha256(run.weights)
    assert set(run.validation) == {"plates_told", "rooms_told"}
