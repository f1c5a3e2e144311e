import numpy as np

from kilpi.draw.clutter.lamps import lamps_over, spot_lamp
from kilpi.draw.plate_variants import bent, old_black, show_plate
from kilpi.draw.plates import render_plate
from kilpi.grammar import load_grammars


def plate_of(seed: int = 0):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    return render_plate(load_grammars().sample("FI", rng), rng, 64)


def test_a_bent_plate_keeps_its_ends_and_moves_its_middle() -> None:
    plate = plate_of()
    for seed in range(6):
        drawn, inner = bent(plate, np.random.default_rng(seed))
        h, w = drawn.alpha.shape
        assert h > plate.alpha.shape[0] and w == plate.alpha.shape[1]
        top, bottom = inner[0, 1] * h, inner[3, 1] * h
        assert round(bottom - top) == plate.alpha.shape[0]
        end, middle = (np.flatnonzero(drawn.alpha[:, x] > 128) for x in (w // 50, w // 2))
        assert abs(end[0] - top) < 0.12 * h  # a rounded corner is not quite the end
        assert abs(middle[0] - end[0]) >= 1


def test_an_old_black_plate_is_dark_with_pale_writing() -> None:
    pixels = old_black(plate_of(), np.random.default_rng(1)).pixels
    assert np.median(pixels) < 90 and np.percentile(pixels, 97) > 120


def test_a_show_plate_has_a_name_and_no_mark() -> None:
    for seed in range(20):
        plate = show_plate(np.random.default_rng(seed))
        assert plate.text == "" and plate.country is None and len(plate.boxes) == 0
        assert plate.pixels.shape[:2] == plate.alpha.shape and plate.pixels.std() > 3


def test_lamps_stand_along_the_upper_edge_and_some_part_the_plate() -> None:
    quad = np.array([[100.0, 140], [220, 140], [220, 170], [100, 170]])
    lowest = []
    for seed in range(30):
        before = np.full((240, 320, 3), 60, np.uint8)
        after = lamps_over(before, quad, np.random.default_rng(seed))
        rows, _ = np.nonzero((after != before).any(axis=2))
        assert len(rows) > 50 and rows.min() > 20
        assert not np.array_equal(after, before) and (before == 60).all()
        lowest.append(rows.max())
    assert max(lowest) <= 171, "never below the plate"
    assert min(lowest) < 150 and sum(low > 155 for low in lowest) >= 3


def test_a_spot_lamp_is_round_and_never_the_same() -> None:
    drawn = [spot_lamp(np.random.default_rng(seed)) for seed in range(5)]
    for pixels, cover in drawn:
        assert pixels.shape == (*cover.shape, 3) and pixels.dtype == np.uint8
        assert 0.3 < cover.mean() < 0.75 and cover[0, 0] < 0.05 and pixels[cover > 0.9].std() > 1
    assert len({pixels.tobytes() for pixels, _ in drawn}) == 5
