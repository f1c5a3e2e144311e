"""The view network learns what a person says of photos, and still answers as before on what it knew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

from PIL import Image

from kilpi.draw.cars.car import Drawing
from kilpi.errors import LabelError, WeightsError
from kilpi.evaluation.view_contest import view_contest
from kilpi.hashing import file_sha256
from kilpi.images import open_photo
from kilpi.labels.record import LabelledPhoto, read_labels, write_labels
from kilpi.learn.drawn_test import write_drawn_views
from kilpi.learn.view import pictures
from kilpi.learn.view.further import Further, train_further
from kilpi.learn.view.stored import view_net
from kilpi.photos.view import SIDE, ViewReader
from kilpi.types import VIEWS, View
from kilpi.weights import PACKAGED, read_card

SMALL = Further(copies=2, drawn=1, cars=1)
GOLF = Path(__file__).parents[3] / "samples" / "golf"
SEEN = {"front_three_quarter": "front-corner", "rear_three_quarter": "rear"}


def stripes(folder: Path, seeds: range) -> list[LabelledPhoto]:
    """Photos of nothing that the network knows, said to show a boot."""
    records = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        pixels = np.full((150, 200, 3), rng.integers(60, 200, 3), np.uint8)
        pixels[:, :: int(rng.integers(6, 12))] = rng.integers(0, 255, 3)
        path = folder / f"{seed}.png"
        Image.fromarray(pixels).save(path)
        records.append(LabelledPhoto(file_sha256(path), path.name, car=f"{seed}", view="boot"))
    return records


def written(path: Path, records: list[LabelledPhoto]) -> Path:
    write_labels(path, records)
    return path


@pytest.fixture(scope="module", autouse=True)
def cars() -> Iterator[None]:
    """A sample's photo stands for each drawn car, which takes seconds to draw (tests/draw/cars)."""

    def photo(view: str, drawing: Drawing, *_: object) -> SimpleNamespace:
        shown = open_photo(GOLF / f"{SEEN.get(view, view)}.jpg").pixels
        return SimpleNamespace(
            pixels=np.asarray(cv2.resize(shown, (drawing.width, drawing.height)), np.uint8)
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "draw_car", photo)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on eight such photos: run/, and test.jsonl of eight others."""
    folder = tmp_path_factory.mktemp("views")
    learnt = written(folder / "learnt.jsonl", stripes(folder, range(6)))
    kept_back = written(folder / "kept.jsonl", stripes(folder, range(6, 8)))
    written(folder / "test.jsonl", stripes(folder, range(20, 28)))
    train_further(learnt, kept_back, PACKAGED, folder / "run", plan=SMALL)
    return folder


def test_places_of_plates_and_what_the_card_knows_of_them_stay(folder: Path) -> None:
    card, shipped = read_card(folder / "run" / "view.onnx"), read_card(PACKAGED / "view.onnx")
    assert card.metrics["places"] == shipped.metrics["places"] and shipped.metrics["places"]["found"] > 0.5
    assert card.data[: len(shipped.data)] == shipped.data and len(card.data) == len(shipped.data) + 1
    ours, theirs = (view_net(at).places.state_dict() for at in (folder / "run", PACKAGED))
    assert all(np.allclose(ours[key], theirs[key], atol=1e-3) for key in theirs)


def test_the_net_is_taken_up_as_it_ships() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (1, SIDE, SIDE, 3), dtype=np.uint8)
    import torch

    with torch.no_grad():
        shares = view_net(PACKAGED)(torch.from_numpy(pixels)).numpy()[0]
    assert ViewReader.load(PACKAGED).read_pixels(list(pixels))[0].shares == pytest.approx(shares, abs=0.05)


def test_other_networks_are_refused(tmp_path: Path) -> None:
    for ending in ("onnx", "json"):
        (tmp_path / f"view.{ending}").write_bytes((PACKAGED / f"detector.{ending}").read_bytes())
    with pytest.raises(WeightsError, match="train from scratch"):
        view_net(tmp_path, pretrained=False)


def test_what_was_said_is_learnt(folder: Path) -> None:
    made = view_contest("test", folder / "test.jsonl", PACKAGED, folder / "run")
    assert made is not None and made.n == 8 and made.name == "test, views"
    assert made.before <= 4 and made.after >= 7
    card = read_card(folder / "run" / "view.onnx")
    assert card.metrics["validation"]["n"] == 4 and card.training["photos"] == 8
    assert card.thresholds == read_card(PACKAGED / "view.onnx").thresholds


def test_what_was_known_is_known_still(folder: Path) -> None:
    drawn = write_drawn_views(folder / "drawn", 1)
    assert [r.view for r in read_labels(drawn)] and {View(str(r.view)) for r in read_labels(drawn)} == set(
        VIEWS
    )
    before = (drawn.parent / "view-0000.png").stat().st_mtime_ns
    assert write_drawn_views(folder / "drawn", 1) == drawn
    assert (drawn.parent / "view-0000.png").stat().st_mtime_ns == before
    made = view_contest("drawn", drawn, PACKAGED, folder / "run")
    assert made is not None and made.n == len(VIEWS) and made.after >= made.before - 1


def test_without_a_photo_nothing_is_learnt(tmp_path: Path) -> None:
    none = written(tmp_path / "none.jsonl", [LabelledPhoto("0" * 64, "gone.png", view="boot")])
    with pytest.raises(LabelError, match="nothing to learn"):
        train_further(none, none, PACKAGED, tmp_path / "run", plan=SMALL)
    assert view_contest("none", none, PACKAGED, PACKAGED) is None
