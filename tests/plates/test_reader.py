"""The reader's decoding, its input, and the network that ships, on plates drawn here."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from kilpi.errors import WeightsError
from kilpi.plates.reader import (
    CLOSER,
    END,
    FURTHER,
    HEIGHT,
    SHAPE,
    WIDTH,
    PlateReader,
    Scores,
    decode_slots,
    fit_crop,
    left_out,
    zoomed,
)
from kilpi.types import Pixels
from kilpi.weights import PACKAGED

ALPHABET = "AB0O"
SHIPPED = (PACKAGED / "reader.onnx").is_file()


def scores(*rows: dict[str, float]) -> np.ndarray:
    """One row a slot; what is not said is blank."""
    table = np.zeros((len(rows), len(ALPHABET) + 1), np.float32)
    for row, said in zip(table, rows, strict=True):
        for char, score in said.items():
            row[ALPHABET.index(char)] = score
        row[-1] = 1 - row.sum()
    return table


def test_what_an_empty_place_might_hold_is_told() -> None:
    assert left_out(scores({"A": 0.9}, {"B": 0.3, "0": 0.1}, {}), len(ALPHABET)) == pytest.approx(0.4)
    assert left_out(scores({"A": 0.9}, {"B": 0.8}), len(ALPHABET)) == 0.0


def test_slots_become_guesses_best_first() -> None:
    read = decode_slots(scores({"A": 0.9, "B": 0.1}, {"0": 0.4, "O": 0.55}), ALPHABET)
    assert [[g.char for g in slot] for slot in read] == [["A", "B"], ["O", "0"]]
    assert read[1][0].score == pytest.approx(0.55)


def test_blanks_are_dropped_also_in_the_middle() -> None:
    read = decode_slots(scores({"A": 0.9}, {"B": 0.05}, {"0": 0.8}, {}), ALPHABET)
    assert "".join(slot[0].char for slot in read) == "A0"


def test_a_slot_in_doubt_between_characters_is_kept_when_together_they_beat_the_blank() -> None:
    read = decode_slots(scores({"0": 0.3, "O": 0.3}), ALPHABET)
    assert len(read) == 1
    assert read[0][0].score == pytest.approx(0.3), "the doubt stays visible"


def test_nothing_is_read_where_all_is_blank() -> None:
    assert decode_slots(scores({}, {}, {}), ALPHABET) == []


@pytest.mark.parametrize("shape", [(64, 192), (20, 90), (300, 1400), (200, 250), (64, 82), (1, 1), (500, 3)])
def test_crops_of_any_size_fill_the_input(shape: tuple[int, int]) -> None:
    crop = np.full((*shape, 3), (10, 200, 30), np.uint8)
    fitted = fit_crop(crop)
    assert fitted.shape == SHAPE
    assert np.all(fitted == (10, 200, 30))


def test_an_empty_crop_is_grey() -> None:
    assert fit_crop(np.zeros((0, 5, 3), np.uint8)).shape == SHAPE


def test_left_stays_left_and_top_stays_top() -> None:
    crop = np.zeros((30, 100, 3), np.uint8)
    crop[:15, :50] = 255
    fitted = fit_crop(crop)
    assert fitted[:28, :90].min() > 250 and fitted[:28, 100:WIDTH].max() < 5
    assert fitted[36:].max() < 5


def test_the_left_end_is_shown_in_its_own_proportions() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (HEIGHT, 300, 3), dtype=np.uint8)
    assert np.array_equal(fit_crop(crop)[:, WIDTH:], crop[:, :END])
    larger = cv2.resize(crop, (600, 2 * HEIGHT), interpolation=cv2.INTER_NEAREST)
    assert np.array_equal(fit_crop(np.asarray(larger, np.uint8))[:, WIDTH:], crop[:, :END])
    narrow = fit_crop(crop[:, :20])[:, WIDTH:]
    assert np.array_equal(narrow[:, :20], crop[:, :20]) and np.all(narrow[:, 20:] == narrow[:, 19:20])


def test_further_looks_are_a_little_closer_or_wider() -> None:
    crop = np.zeros(SHAPE, np.uint8)
    crop[20:44, 40:152] = 255
    crop[:, WIDTH:] = np.arange(END)[:, None]
    closer, same, wider = (int(zoomed(crop, by, 2 * by).sum()) for by in (-0.05, 0.0, 0.05))
    assert zoomed(crop, 0.05, 0.1).shape == crop.shape
    assert np.array_equal(zoomed(crop, 0.05, 0.1)[:, WIDTH:], crop[:, WIDTH:]), "the left end stays"
    assert closer > same == int(crop.sum()) > wider


def test_without_weights_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="train one"):
        PlateReader.load(tmp_path)


def test_no_crops_give_no_readings(shipped: PlateReader) -> None:
    assert shipped.read([]) == []


def test_a_grey_crop_has_no_text(shipped: PlateReader) -> None:
    assert shipped.read([np.full((60, 200, 3), 128, np.uint8)])[0].text == ""


def test_readings_do_not_depend_on_their_neighbours(
    shipped: PlateReader, plates: list[tuple[str, Pixels]]
) -> None:
    crops = [crop for _, crop in plates]
    together = shipped.read(crops)
    alone = [shipped.read([crop])[0] for crop in crops]
    assert [r.text for r in together] == [r.text for r in alone]


def test_clean_plates_are_read(shipped: PlateReader, plates: list[tuple[str, Pixels]]) -> None:
    readings = shipped.read([crop for _, crop in plates])
    right = [reading.text == text for reading, (text, _) in zip(readings, plates, strict=True)]
    assert np.mean(right) >= 0.8  # O and 0, I and 1 are one drawing in several typefaces
    for reading in readings:
        assert all(slot[0].score >= guess.score for slot in reading.slots for guess in slot)
        assert 0.0 <= reading.score <= 1.0


def test_two_looks_are_averaged_and_four_more_where_they_are_not_sure(
    shipped: PlateReader, plates: list[tuple[str, Pixels]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def see(batch: Pixels) -> Scores:
        seen.append(len(batch))
        return PlateReader.see(shipped, batch)

    monkeypatch.setattr(shipped, "see", see)
    fitted = [fit_crop(crop) for _, crop in plates]
    both = [np.stack([crop, zoomed(crop, *CLOSER)]) for crop in fitted]
    means = [PlateReader.see(shipped, two).slots.mean(axis=0) for two in both]
    sure = next(i for i, mean in enumerate(means) if shipped.sure(mean))
    grey = np.full(SHAPE, 128, np.uint8)
    scores = shipped.look(np.stack([fitted[sure], grey]))
    assert seen == [4, len(FURTHER)], "both twice in one run, the grey one further"
    np.testing.assert_allclose(scores.slots[0], means[sure], atol=1e-5)
    all_six = np.stack([grey, *(zoomed(grey, *by) for by in (CLOSER, *FURTHER))])
    for got, each in zip(scores[:3], PlateReader.see(shipped, all_six)[:3], strict=True):
        np.testing.assert_allclose(got[1], each.mean(axis=0), atol=1e-5)


def test_a_look_that_was_made_is_not_made_again(
    shipped: PlateReader, plates: list[tuple[str, Pixels]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = [fit_crop(crop) for _, crop in plates] * 9  # more than a batch
    once = shipped.look_once(fitted)
    wanted = shipped.read_fitted(fitted)
    seen: list[int] = []

    def see(batch: Pixels) -> Scores:
        seen.append(len(batch))
        return PlateReader.see(shipped, batch)

    monkeypatch.setattr(shipped, "see", see)
    assert [one.text for one in shipped.read_on(fitted, once)] == [one.text for one in wanted]
    assert len(fitted) <= sum(seen) < 2 * len(fitted), "each once more, some further"
    assert [one.text for one in shipped.read_on(fitted[:1], once.of([0]))] == [wanted[0].text]


def test_the_card_says_how_to_feed_the_network(shipped: PlateReader) -> None:
    card = asdict(shipped.network.card)
    assert json.dumps(card)
    assert len(shipped.alphabet) == 42
    assert shipped.countries[-1] == "XX"
    assert (PACKAGED / "reader.onnx").stat().st_size < 5_000_000


@pytest.fixture(scope="module")
def shipped() -> PlateReader:
    if not SHIPPED:
        pytest.skip("no reader.onnx in the package yet")
    return PlateReader.load(threads=1)


@pytest.fixture(scope="module")
def plates() -> list[tuple[str, Pixels]]:
    """Forty clean plates of four countries, straight from the renderer."""
    pytest.importorskip("torch")  # not needed to render, but the renderer lives with the training
    from kilpi.draw.plates import render_plate
    from kilpi.grammar import load_grammars

    rng = np.random.default_rng(5)
    drawn = [
        load_grammars().sample(code, rng, "ordinary") for code in ("FI", "SE", "NO", "EE") for _ in range(10)
    ]
    rendered = [render_plate(sample, rng, 64) for sample in drawn]
    return [(plate.text, plate.pixels) for plate in rendered]
