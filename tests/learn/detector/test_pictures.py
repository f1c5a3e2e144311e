import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from kilpi.errors import LabelError
from kilpi.geometry import is_convex, quad_from_array
from kilpi.labels.dataset import Scene, cluster, held_out, load_scenes, shrink, split
from kilpi.labels.warps import View, as_seen, look_at, mirror, no_quads, plain_view, sort_out, tile
from kilpi.learn.detector.photometric import PlateSwapper
from kilpi.learn.detector.pictures import Mix, Pictures, make_view
from kilpi.learn.detector.shots import photograph, relight
from kilpi.learn.hard_negatives import Clutter, add_decoys

PLATE = np.array([[[100, 120], [180, 124], [180, 144], [100, 140]]], np.float32)


def car(seed: int = 0) -> View:
    """A noisy ground with a bright plate that is drawn at `PLATE`, red at its first corner."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(40, 80, (240, 320, 3)).astype(np.uint8)
    cv2.fillConvexPoly(pixels, PLATE[0].astype(np.int32), (230, 230, 230))
    cv2.circle(pixels, (106, 126), 4, (250, 0, 0), -1)
    return View(pixels, PLATE.copy(), np.ones(1, bool), no_quads())


def inside(view: View, quad: np.ndarray, x: float, y: float) -> np.ndarray:
    """The colour at a place of a plate, (0, 0) its tl and (1, 1) its br."""
    tl, tr, br, bl = quad
    place = (1 - y) * ((1 - x) * tl + x * tr) + y * ((1 - x) * bl + x * br)
    column, row = np.round(place - 0.5).astype(int)
    return np.asarray(view.pixels[row, column])


def test_corners_follow_the_camera() -> None:
    rng = np.random.default_rng(1)
    seen = 0
    for _ in range(30):
        view = look_at(car(), PLATE[0].mean(axis=0), float(rng.uniform(0.8, 2)), (320, 320), rng)
        for quad in view.quads:
            if (quad > 8).all() and (quad < 312).all() and np.ptp(quad[:, 0]) > 40:
                seen += 1
                assert is_convex(quad_from_array(quad))
                assert inside(view, quad, 0.6, 0.5).min() > 150
                red, green, _ = inside(view, quad, 0.075, 0.28).astype(int)
                assert red > green + 60
    assert seen > 10


def test_mirrored_corners_begin_at_the_top_left_as_seen() -> None:
    (quad,) = mirror(car()).quads
    assert np.allclose(quad[0], [320 - 180, 124]) and np.allclose(quad[2], [320 - 100, 140])


def test_what_leaves_the_picture_is_forgotten_and_what_is_cut_is_ignored() -> None:
    quads = np.concatenate([PLATE, PLATE + 500, PLATE - (135, 0)]).astype(np.float32)
    view = sort_out(View(car().pixels, quads, np.ones(3, bool), no_quads()))
    assert len(view.quads) == 1 and len(view.ignore) == 1


def test_tiny_plates_are_ignored() -> None:
    view = sort_out(View(car().pixels, (PLATE / 12).astype(np.float32), np.ones(1, bool), no_quads()))
    assert len(view.quads) == 0 and len(view.ignore) == 1


def test_a_plate_larger_than_the_picture_is_kept_where_asked() -> None:
    """Else its letters, of which the picture shows a few, would be neither right nor wrong."""
    large = ((PLATE - (100, 120)) * 6 - (200, 0)).astype(np.float32)
    view = View(car().pixels, large, np.ones(1, bool), no_quads())
    assert len(sort_out(view).ignore) == 1
    assert len(sort_out(view, cut=True).quads) == 1 and len(sort_out(view, cut=True).ignore) == 0


@pytest.mark.parametrize(
    ("angle", "told"), [(0, 0), (30, 30), (-80, -80), (90, -90), (-90, -90), (180, 0), (150, -30), (-120, 60)]
)
def test_corners_of_a_turned_plate_are_told_as_seen(angle: float, told: float) -> None:
    flat = np.array([[-40.0, -10], [40, -10], [40, 10], [-40, 10]])
    a = np.radians(angle)
    turned = (flat @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]))[None].astype(np.float32)
    (quad,) = as_seen(turned)
    along = quad[1] - quad[0]
    assert np.allclose(np.degrees(np.arctan2(along[1], along[0])) % 360, told % 360, atol=0.1)
    assert is_convex(quad_from_array(quad))  # still clockwise
    assert np.allclose(np.sort(quad, axis=0), np.sort(turned[0], axis=0))


def test_pictures_are_turned_by_any_angle_where_asked() -> None:
    rng = np.random.default_rng(6)
    views = [look_at(car(), PLATE[0].mean(axis=0), 1.0, (320, 320), rng, turned=1.0) for _ in range(30)]
    upright = sum(
        float(np.ptp(v.quads[0][:, 1])) > float(np.ptp(v.quads[0][:, 0])) for v in views if len(v.quads)
    )
    assert upright > 5


def test_more_plates_are_seen_from_the_side_where_asked() -> None:
    def aspects(oblique: float) -> list[float]:
        rng = np.random.default_rng(3)
        views = [
            look_at(car(), PLATE[0].mean(axis=0), 1.0, (320, 320), rng, oblique=oblique) for _ in range(40)
        ]
        return [float(np.ptp(q[:, 0]) / np.ptp(q[:, 1])) for v in views for q in v.quads]

    assert np.percentile(aspects(1.0), 20) < 0.85 * np.percentile(aspects(0.0), 20)


def test_the_smallest_plate_that_counts_can_be_chosen() -> None:
    rng = np.random.default_rng(3)
    place, scale = PLATE[0].mean(axis=0), 13 / float(np.ptp(PLATE[0][:, 0]))
    counts = [
        sum(
            len(look_at(car(), place, scale, (64, 64), rng, oblique=0.0, smallest=s).quads) for _ in range(20)
        )
        for s in (15.0, 11.0)
    ]
    assert counts[0] < 3 < 10 < counts[1]


def test_drawn_pictures_have_no_plate_but_those_pasted() -> None:
    rng, clutter = np.random.default_rng(8), Clutter()
    mix = Mix(drawn=1.0)
    bare = [make_view(Scene("a", "a", car()), 96, mix, rng, None, clutter) for _ in range(2)]
    assert all(len(view.quads) == 0 for view in bare)
    mix = Mix(drawn=1.0, strewn=1.0)
    swapper = PlateSwapper(("FI",), pasted=1.0)
    strewn = [make_view(Scene("a", "a", car()), 96, mix, rng, swapper, clutter) for _ in range(4)]
    assert any(len(view.quads) for view in strewn)


def test_four_views_as_one() -> None:
    view = tile([car(i) for i in range(4)])
    assert view.pixels.shape == (480, 640, 3)
    assert np.allclose(view.quads[3], PLATE[0] + (320, 240))


@pytest.mark.parametrize("change", [relight, photograph])
def test_light_keeps_shape(change: object) -> None:
    rng = np.random.default_rng(2)
    for _ in range(25):
        out = change(car().pixels, rng)  # type: ignore[operator]
        assert out.shape == (240, 320, 3) and out.dtype == np.uint8


def test_decoys_stay_away_from_plates() -> None:
    rng = np.random.default_rng(3)
    view = car()
    changed = 0
    for _ in range(20):
        out = add_decoys(view.pixels, view.quads, rng)
        assert np.array_equal(out[120:144, 100:180], view.pixels[120:144, 100:180])
        changed += not np.array_equal(out, view.pixels)
    assert changed > 10


def test_swapped_plates_have_true_corners() -> None:
    rng = np.random.default_rng(4)
    out = PlateSwapper(("FI", "SE"))(car(), rng)
    assert out.pixels.shape == car().pixels.shape and len(out.quads) == len(out.exact) >= 1
    assert all(is_convex(quad_from_array(q)) for q in out.quads)


def test_frames_of_one_car_share_a_weight() -> None:
    scenes = cluster([Scene(str(i), "clip" if i < 4 else "other", car(i)) for i in range(5)], alike=1.1)
    shares = [scene.share for scene in scenes]
    assert np.allclose(shares[:4], 0.5) and shares[4] == 1.0


def test_a_plate_known_only_by_its_box_is_not_swapped() -> None:
    view = View(car().pixels, PLATE, np.zeros(1, bool), no_quads())
    out = PlateSwapper(("FI",))(view, np.random.default_rng(5))
    assert np.array_equal(out.pixels[125:140, 105:175], view.pixels[125:140, 105:175])


def test_batches_are_reproducible_and_of_one_shape() -> None:
    scenes = [Scene(str(i), str(i), car(i)) for i in range(3)]
    first, second = (
        Pictures(scenes, 4, Mix(side=96), seed=7).make_batch(np.random.default_rng(7)) for _ in range(2)
    )
    assert [tuple(t.shape) for t in first] == [
        (4, 96, 96, 3),
        (4, 12, 12),
        (4, 12, 12, 8),
        *[(4, 12, 12)] * 2,
    ]
    assert all(bool((a == b).all()) for a, b in zip(first, second, strict=True))


def test_photos_without_plates_give_pictures_too() -> None:
    scenes = [Scene("empty", "empty", plain_view(car().pixels))]
    pixels, heat, *_ = Pictures(scenes, 2, Mix(side=64)).make_batch(np.random.default_rng(0))
    assert pixels.shape == (2, 64, 64, 3) and not heat.any()


def write_set(folder: Path, count: int = 3) -> Path:
    (folder / "images").mkdir()
    lines = []
    for i in range(count):
        cv2.imwrite(str(folder / f"images/{i}.png"), car(i).pixels[..., ::-1])
        plates = [{"box": [100, 120, 180, 144]}]
        lines.append(json.dumps({"image": f"images/{i}.png", "width": 320, "height": 240, "plates": plates}))
    path = folder / "labels.jsonl"
    path.write_text("\n".join(lines))
    return path


def test_scenes_come_from_label_files(tmp_path: Path) -> None:
    path = write_set(tmp_path)
    (tmp_path / "images/2.png").write_bytes(b"damaged")
    scenes = load_scenes(path)
    assert len(scenes) == 2 and not scenes[0].view.exact.any()
    assert scenes[0].share < 1 and np.allclose(scenes[0].view.quads[0, 2], [180, 144])


def test_pictures_elsewhere_are_found_by_their_hash(tmp_path: Path) -> None:
    import hashlib

    write_set(tmp_path)
    file = tmp_path / "images/1.png"
    record = {"photo": hashlib.sha256(file.read_bytes()).hexdigest(), "path": "gone/away.png", "plates": []}
    label_file = tmp_path / "other" / "labels.jsonl"
    label_file.parent.mkdir()
    label_file.write_text(json.dumps(record))
    assert len(load_scenes(label_file, [tmp_path])) == 1
    with pytest.raises(LabelError, match="--images"):
        load_scenes(label_file)


def test_large_photos_are_kept_smaller() -> None:
    view = shrink(car(), 160)
    assert view.pixels.shape == (120, 160, 3) and np.allclose(view.quads, PLATE / 2)


def test_the_split_never_changes_and_keeps_groups_whole() -> None:
    scenes = [Scene(f"{i}", f"car{i // 3}", car()) for i in range(300)]
    training, validation = split(scenes)
    assert 10 < len(validation) < 80
    assert not {s.group for s in training} & {s.group for s in validation}
    assert held_out("car7") == held_out("car7")


def test_frames_of_one_clip_share_one_group() -> None:
    lit = [np.clip(car().pixels + i, 0, 255).astype(np.uint8) for i in range(3)]
    near = [Scene(f"{i}", f"{i}", View(frame, *view_rest())) for i, frame in enumerate(lit)]
    other = Scene("x", "x", plain_view(np.ascontiguousarray(car().pixels[::-1, ::-1])))
    done = cluster([*near, other])
    assert len({s.group for s in done[:3]}) == 1 and done[3].group != done[0].group
    assert done[0].share < done[3].share


def view_rest() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    view = car()
    return view.quads, view.exact, view.ignore
