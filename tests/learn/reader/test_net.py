"""The reader's net, its loss, its pool, its export; and a training of seconds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from kilpi.errors import UsageError, WeightsError
from kilpi.images import encode_jpeg
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.learn.eight_bits import ranges_of
from kilpi.learn.onnx_export import parameters
from kilpi.learn.reader import train as module
from kilpi.learn.reader.crop_pool import UNKNOWN, UNSEEN, Pool, Recipe, vary
from kilpi.learn.reader.export import export_reader, load_reader, make_reader_card, reader_config
from kilpi.learn.reader.loss import reader_loss
from kilpi.learn.reader.net import COLUMNS, TOKENS, ExportedReader, ReaderConfig, ReaderNet, count
from kilpi.learn.reader.train import finish, halfway, real_crops, texts_of, train_reader, usable
from kilpi.learn.session import Asked, Session
from kilpi.plates.alphabet import ALPHABET, BLANK, SLOTS
from kilpi.plates.reader import HEIGHT, SHAPE, WIDTH, PlateReader
from kilpi.types import Box, Point, Quad
from kilpi.weights import write_card

SMALL = ReaderConfig(("FI", "SE", "XX"), (8, 8, 16, 16), tokens=16, fine=8, residuals=1, along=1, heads=2)


@pytest.fixture(scope="module")
def net() -> ReaderNet:
    torch.manual_seed(0)
    return ReaderNet(SMALL).eval()


def test_shapes(net: ReaderNet) -> None:
    out = net(torch.zeros((3, *SHAPE), dtype=torch.uint8))
    assert out.slots.shape == (3, SLOTS, len(ALPHABET) + 1)
    assert out.columns.shape == (3, TOKENS, len(ALPHABET) + 1)
    assert out.places.shape == (3, SLOTS, TOKENS + 1)
    assert out.country.shape == (3, 3) and out.rows.shape == (3, 2)


def test_the_shipped_shape_is_small_enough() -> None:
    assert 500_000 <= parameters(ReaderNet(ReaderConfig(tuple("AB" for _ in range(27))))) <= 1_250_000


def test_counting_follows_the_beginnings() -> None:
    beginnings = torch.full((1, TOKENS), -20.0)
    beginnings[0, [2, 5, COLUMNS + 3]] = 20.0
    assert count(beginnings)[0].argmax(dim=1)[[0, 2, 4, 5, COLUMNS, TOKENS - 1]].tolist() == [
        0,
        1,
        1,
        2,
        2,
        3,
    ]


def truth(text: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Slots and columns of one mark whose characters own columns 2, 4, 6, ..."""
    slots = torch.tensor([[ALPHABET.index(c) for c in text] + [BLANK] * (SLOTS - len(text))])
    columns = torch.full((1, TOKENS), -1)
    for i in range(len(text)):
        columns[0, 2 + 2 * i] = i
    return slots, columns


def test_the_loss_falls_where_the_net_is_right(net: ReaderNet) -> None:
    slots, columns = truth("ÅB1")
    out = net(torch.zeros((1, *SHAPE), dtype=torch.uint8))
    right = out._replace(slots=torch.nn.functional.one_hot(slots, len(ALPHABET) + 1).float() * 20)
    known = torch.tensor([0])
    assert reader_loss(right, slots, columns, known, known).slots < 0.01
    assert reader_loss(out, slots, columns, known, known).slots > 1


def test_what_nobody_said_teaches_nothing(net: ReaderNet) -> None:
    slots, _ = truth("AB1")
    out = net(torch.zeros((1, *SHAPE), dtype=torch.uint8))
    unknown = torch.tensor([UNKNOWN])
    loss = reader_loss(out, slots, torch.full((1, TOKENS), UNSEEN), unknown, unknown)
    assert float(loss.columns) == float(loss.places) == float(loss.country) == float(loss.rows) == 0.0
    assert float(loss.total.detach()) == pytest.approx(float(loss.slots.detach()))


def test_export_answers_as_torch_does_and_can_be_loaded_again(net: ReaderNet, tmp_path: Path) -> None:
    path = export_reader(net, tmp_path)
    write_card(make_reader_card(path, net, []), path)
    reader = PlateReader.load(tmp_path, threads=1)
    pixels = np.random.default_rng(0).integers(0, 256, (5, *SHAPE), dtype=np.uint8)
    slots, countries, rows, _ = reader.see(pixels)
    assert slots.shape == (5, SLOTS, len(ALPHABET) + 1) and countries.shape == (5, 3) and rows.shape == (5,)
    assert np.allclose(slots.sum(axis=2), 1, atol=1e-4)
    assert len(reader.read(list(pixels))) == 5
    again = load_reader(tmp_path)
    with torch.no_grad():
        wanted = ExportedReader(net)(torch.from_numpy(pixels))[0]
        assert torch.allclose(ExportedReader(again.eval())(torch.from_numpy(pixels))[0], wanted, atol=1e-5)


def test_with_crops_it_is_exported_for_8_bits_and_can_still_be_learnt_on_from(
    net: ReaderNet, tmp_path: Path
) -> None:
    crops = list(np.random.default_rng(0).integers(0, 256, (6, *SHAPE), dtype=np.uint8))
    path = export_reader(net, tmp_path, crops=crops)
    write_card(make_reader_card(path, net, []), path)
    assert ranges_of(path), "what passes between convolutions is rounded"
    slots = PlateReader.load(tmp_path, threads=1).see(np.stack(crops)).slots
    with torch.no_grad():
        wanted = ExportedReader(net)(torch.from_numpy(np.stack(crops)))[0].numpy()
        again = ExportedReader(load_reader(tmp_path).eval())(torch.from_numpy(np.stack(crops)))[0].numpy()
    assert np.abs(slots - wanted).mean() < 0.01 and np.abs(again - wanted).max() < 0.01


def test_a_card_of_another_kind_is_refused() -> None:
    with pytest.raises(WeightsError, match="configuration"):
        reader_config({"trunk": "plain"})


def test_the_left_end_says_nothing_of_the_characters(net: ReaderNet) -> None:
    pixels = torch.randint(0, 255, (2, *SHAPE), dtype=torch.uint8)
    other = pixels.clone()
    other[:, :, WIDTH:] = 255 - other[:, :, WIDTH:]
    with torch.no_grad():
        one, two = net(pixels), net(other)
    assert torch.equal(one.slots, two.slots) and not torch.allclose(one.country, two.country)


def test_a_crop_is_varied_each_time_but_stays_in_its_columns() -> None:
    bar = np.full(SHAPE, 230, np.uint8)
    bar[:, 92:100] = 20  # the column in the middle
    pixels = torch.from_numpy(np.stack([bar] * 40))
    rng = np.random.default_rng(0)
    first, second = vary(pixels, rng), vary(pixels, rng)
    assert first.shape == pixels.shape and first.dtype == torch.uint8
    assert not torch.equal(first, second) and torch.equal(pixels[0], torch.from_numpy(bar))
    dark = 255 - first[:, :, :WIDTH].float().mean(dim=(1, 3))
    dark = (dark - dark.median(dim=1, keepdim=True).values).clamp(min=20) - 20
    middles = (dark * torch.arange(WIDTH)).sum(dim=1) / dark.sum(dim=1)
    assert float(middles.std()) > 0.5 and bool(((middles - 95.5).abs() < 8).all())


def test_a_pool_whose_filler_died_says_so() -> None:
    with pytest.raises(RuntimeError, match="ended"):
        next(Pool(Recipe(size=8, first=4), ("FI", "XX")).batches(2, 0, lambda: False))


def test_texts_and_marks() -> None:
    assert texts_of(truth("ÄB7")[0]) == ["ÄB7"]
    assert usable("abc-123") == "ABC123"
    assert usable("ŠIA 12") == "" and usable("ABCDEFGH123") == ""


def photos(folder: Path, count: int) -> Path:
    """A label file with drawn photos, each with one 'plate'."""
    rng = np.random.default_rng(0)
    records = []
    for i in range(count):
        pixels = rng.integers(0, 256, (120, 180, 3), dtype=np.uint8)
        (folder / f"p{i}.jpg").write_bytes(encode_jpeg(pixels))
        quad = Quad(Point(40, 50), Point(120, 50), Point(120, 70), Point(40, 70))
        plate = LabelledPlate(quad=quad, box=Box(40, 50, 120, 70), mark="ABC-123", country="FI", legible=True)
        records.append(LabelledPhoto(path=f"p{i}.jpg", width=180, height=120, plates=(plate,)))
    write_labels(folder / "labels.jsonl", records)
    return folder / "labels.jsonl"


def named(folder: Path, *names: str) -> set[Path | None]:
    return {(folder / name).resolve() for name in names}


def test_real_plates_come_only_from_the_photos_named(tmp_path: Path) -> None:
    labels = photos(tmp_path, 3)
    crops = real_crops([labels], [], named(tmp_path, "p0.jpg"), np.random.default_rng(0))
    assert {crop.text for crop in crops} == {"ABC123"}
    assert all(crop.pixels.shape[0] == HEIGHT and len(crop.boxes) == 0 for crop in crops)
    two = named(tmp_path, "p0.jpg", "p1.jpg")
    assert len(real_crops([labels], [], two, np.random.default_rng(0))) == 2 * len(crops)


def test_minutes_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="minutes"):
        train_reader(Asked(0, [tmp_path / "labels.jsonl"]))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_training_learns_and_can_be_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DECIDING", 192)
    labels = photos(tmp_path, 40)
    recipe = Recipe(size=512, first=64)
    run = train_reader(Asked(0.3, [labels], out=tmp_path / "run", device="cpu", quiet=True), recipe)
    assert run.weights.is_file() and (tmp_path / "run" / "curves.csv").is_file()
    longer = train_reader(Asked(0.4, [labels], resume=tmp_path / "run", device="cpu", quiet=True), recipe)
    assert set(longer.validation) >= {"exact", "country"}
    further = train_reader(
        Asked(0.05, [labels], start_from=tmp_path / "run", out=tmp_path / "more", quiet=True), recipe
    )
    assert "halfway" in json.loads(further.weights.with_suffix(".json").read_text())["training"]


def test_halfway_is_the_mean_of_all_weights_and_changes_neither_net() -> None:
    before, after = ReaderNet(SMALL), ReaderNet(SMALL)
    mean = halfway(before, after).state_dict()
    for name, old in before.state_dict().items():
        new = after.state_dict()[name]
        expected = (old + new) / 2 if old.dtype.is_floating_point else new
        assert torch.equal(mean[name], expected)
    assert not torch.equal(before.state_dict()["queries"], after.state_dict()["queries"])


def test_what_ships_is_the_net_that_reads_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nets = [ReaderNet(SMALL).eval(), ReaderNet(SMALL).eval()]
    monkeypatch.setattr(module, "held_out_crops", lambda *_, **__: [])
    monkeypatch.setattr(module, "validate", lambda net, _: {"exact": float(net is nets[1])})
    run = finish(nets, Session("reader", Asked(1.0, [], out=tmp_path)), [], [], [], Recipe())
    card = json.loads((tmp_path / "reader.json").read_text())
    assert run.validation == {"exact": 1.0} and card["training"]["halfway"] is True
    pixels = torch.zeros((1, *SHAPE), dtype=torch.uint8)
    shipped = PlateReader.load(tmp_path).see(pixels.numpy())[0]
    assert np.allclose(shipped, ExportedReader(nets[1])(pixels)[0].detach().numpy(), atol=1e-4)
