from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from kilpi.errors import LabelError  # noqa: E402
from kilpi.learn.view.domains import (  # noqa: E402
    Features,
    Origin,
    example_weights,
    moved,
    without_drawnness,
)
from kilpi.learn.view.export import Folded, make_card  # noqa: E402
from kilpi.learn.view.net import CLASSES_OF, ViewNet, fit_layer, knowledge  # noqa: E402
from kilpi.learn.view.pictures import crop, drawn_examples, outside_examples, read_views, target_of  # noqa: E402
from kilpi.learn.view.train import split  # noqa: E402
from kilpi.learn.view.trunk import BLOCK, FINE, WHOLE  # noqa: E402
from kilpi.photos.view import SIDE  # noqa: E402
from kilpi.types import VIEWS, View  # noqa: E402


def write_photo(path: Path, seed: int) -> str:
    pixels = np.random.default_rng(seed).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def labelled(tmp_path: Path) -> tuple[Path, list[Path]]:
    photos = [tmp_path / f"{i}.png" for i in range(3)]
    hashes = [write_photo(path, i) for i, path in enumerate(photos)]
    rows = [
        {"sha256": hashes[0], "view": "rear", "also": ["rear three-quarter"]},
        {"sha256": hashes[1], "view": "unsure"},
        {"sha256": "0" * 64, "view": "front"},
    ]
    labels = tmp_path / "views.jsonl"
    labels.write_text("\n".join(json.dumps(row) for row in rows))
    return labels, photos


def test_labels_are_joined_with_files_by_hash(labelled: tuple[Path, list[Path]]) -> None:
    views = read_views(*labelled)
    assert [view.path for view in views] == labelled[1][:2]
    assert views[0].words == (View.REAR, View.REAR_QUARTER)


@pytest.mark.parametrize("text", ["{", '{"sha256": "1"}', '{"sha256": "1", "view": "sideways"}'])
def test_a_file_that_is_no_views_is_named(tmp_path: Path, text: str) -> None:
    labels = tmp_path / "odd.jsonl"
    labels.write_text(text)
    with pytest.raises(LabelError, match=r"odd\.jsonl"):
        read_views(labels, [])


def test_labels_without_photos_are_an_error(labelled: tuple[Path, list[Path]]) -> None:
    with pytest.raises(LabelError, match="none of its photos"):
        read_views(labelled[0], [])


def test_what_is_as_defensible_shares_the_target() -> None:
    target = target_of([View.REAR, View.REAR_QUARTER])
    assert target.sum() == pytest.approx(1)
    assert target[VIEWS.index(View.REAR)] == pytest.approx(2 / 3)


def test_unsure_photos_teach_nothing(labelled: tuple[Path, list[Path]]) -> None:
    examples = list(outside_examples(read_views(*labelled), 2, np.random.default_rng(0)))
    assert len(examples) == 2
    assert len({example.group for example in examples}) == 1


def test_a_crop_is_part_of_the_photo_and_near_its_target() -> None:
    pixels = np.arange(100 * 80 * 3, dtype=np.uint32).reshape(100, 80, 3).astype(np.uint8)
    part = crop(pixels, 0.3, np.random.default_rng(0), np.array([79.0, 99.0]))
    assert part.shape == (30, 24, 3)
    assert np.array_equal(part, pixels[70:, 56:])


def test_drawn_examples_are_as_many_as_asked_for_and_repeat_with_their_seed() -> None:
    words = ("document", "instruments")
    first, again = (list(drawn_examples(1, 5, [], words)) for _ in range(2))
    assert [VIEWS[int(example.target.argmax())] for example in first] == [View.DOCUMENT, View.INSTRUMENTS]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
    assert first[0].pixels.shape == (SIDE, SIDE, 3)


def features_of(values: np.ndarray, targets: np.ndarray, origins: list[Origin]) -> Features:
    groups = np.array([str(i) for i in range(len(values))])
    return Features(values.astype(np.float32), targets.astype(np.float32), np.array(origins), groups)


def test_a_photos_crops_stay_on_one_side() -> None:
    groups = np.array(["a", "b", "a", "c", "b", "d"])
    blank = np.zeros((6, 2), np.float32)
    held = split(Features(blank, blank, np.zeros(6, np.int64), groups), 2)
    assert held.any()
    assert not held.all()
    for name in set(groups.tolist()):
        assert len(set(held[groups == name].tolist())) == 1


def test_a_layer_learns_what_tells_views_apart_and_keeps_what_it_knew() -> None:
    rng = np.random.default_rng(0)
    targets = np.eye(3, dtype=np.float32)[rng.integers(0, 2, 60)]
    values = rng.normal(0, 0.1, (60, 5)).astype(np.float32)
    values[:, 0] += targets[:, 1] * 5
    start = torch.zeros(3, 5)
    start[2, 4] = 3.0  # of a view that no example shows
    features = features_of(values, targets, [Origin.PHOTO] * 60)
    weight, bias = fit_layer(features, example_weights(features), start, 1e-3)
    told = (torch.from_numpy(values) @ weight.T + bias).argmax(dim=1).numpy()
    assert np.mean(told == targets.argmax(axis=1)) == 1.0
    assert float(weight[2, 4]) == pytest.approx(3.0, abs=0.5)


def test_views_weigh_alike_and_within_one_photos_and_drawings() -> None:
    targets = np.eye(2)[[0, 0, 0, 0, 1]]
    origins = [Origin.PHOTO] * 3 + [Origin.DRAWN_CAR, Origin.DRAWN]
    weights = example_weights(features_of(np.zeros((5, 2)), targets, origins))
    assert weights.sum() == pytest.approx(1)
    assert weights[:3].sum() == pytest.approx(0.25)
    assert weights[3] == pytest.approx(0.25)
    assert weights[4] == pytest.approx(0.5)
    fewer = example_weights(features_of(np.zeros((5, 2)), targets, origins), drawn_car=0.25)
    assert fewer[3] == pytest.approx(0.1)


def two_domains() -> Features:
    """Photos and drawn cars of two views, and drawn insides of a third: axis 3 tells photos from drawings."""
    rng = np.random.default_rng(3)
    origins = [Origin.PHOTO] * 40 + [Origin.DRAWN_CAR] * 40 + [Origin.DRAWN] * 20
    views = np.r_[rng.integers(0, 2, 80), np.full(20, 2)]
    values = rng.normal(0, 0.2, (100, 6))
    values[:, 0] += views * 2
    values[:40, 3] += 4
    return features_of(values, np.eye(3)[views], origins)


def test_what_tells_photos_from_drawings_is_taken_out_and_nothing_else() -> None:
    keep = without_drawnness(two_domains(), 1)
    axes = np.linalg.norm(keep, axis=0)
    assert axes[3] < 0.2
    assert np.all(np.delete(axes, 3) > 0.9)
    assert np.allclose(keep @ keep, keep, atol=1e-5)


def test_drawn_insides_are_moved_to_where_photos_lie() -> None:
    features = two_domains()
    made = moved(features, np.random.default_rng(0), far=(1.0, 1.0))
    assert len(made.values) == 20
    assert set(made.origins.tolist()) == {int(Origin.MOVED)}
    assert made.values[:, 3].mean() == pytest.approx(4, abs=0.3)
    assert made.values[:, 0].mean() == pytest.approx(4, abs=0.3)
    assert features.values[80:, 3].mean() == pytest.approx(0, abs=0.2)


def test_without_drawn_cars_nothing_is_moved_and_nothing_taken_out() -> None:
    features = two_domains()
    features = features.only(features.origins != Origin.DRAWN_CAR)
    assert len(moved(features, np.random.default_rng(0)).values) == 0
    assert np.array_equal(without_drawnness(features, 3), np.eye(6, dtype=np.float32))


def test_the_outsides_share_is_parted_by_its_own_layer() -> None:
    net = ViewNet(pretrained=False).eval()
    features = torch.from_numpy(np.random.default_rng(0).normal(0, 1, (4, 1600)).astype(np.float32))
    with torch.no_grad():
        shares = net.shares(features)
        net.ends.bias[4] += 50.0
        turned = net.shares(features)
    assert torch.allclose(shares.sum(dim=1), torch.ones(4), atol=1e-5)
    assert torch.allclose(turned[:, 5:], shares[:, 5:])
    assert torch.allclose(turned[:, 4], shares[:, :5].sum(dim=1), atol=1e-4)


def test_knowledge_is_the_mean_of_the_named_classes() -> None:
    net = ViewNet(pretrained=False)
    rows = knowledge(net.trunk, 0.45)
    wanted = net.trunk._fc.weight[list(CLASSES_OF[View.SEATS])].mean(dim=0)
    assert torch.allclose(rows[VIEWS.index(View.SEATS), : len(wanted)], wanted)
    assert float(rows[VIEWS.index(View.ENGINE)].abs().max()) == 0


def test_folding_the_batch_norms_changes_no_answer() -> None:
    torch.manual_seed(0)
    net = ViewNet(pretrained=False).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    pixels = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8))
    with torch.no_grad():
        wanted, plain = net.look(pixels), net(pixels)
        got = Folded(net)(pixels)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(got, wanted, strict=True))
    assert torch.allclose(wanted[0], plain, atol=1e-5)


def test_the_map_is_high_where_the_features_speak_for_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    net = ViewNet(pretrained=False).eval()
    whole, block, fine = (
        torch.zeros(1, WHOLE, 7, 7),
        torch.zeros(1, BLOCK, 7, 7),
        torch.zeros(1, FINE, 14, 14),
    )
    whole[0, 3, 4, 2] = 5.0  # a feature that speaks for fronts, seen in one place
    with torch.no_grad():
        net.ends.weight.zero_()
        net.ends.weight[0, 3] = 1.0
        monkeypatch.setattr(net.trunk, "maps", lambda _: (fine, block, whole))
        _, grid, *_ = net.look(torch.zeros(1, 224, 224, 3, dtype=torch.uint8))
    assert grid.shape == (1, 7, 7) and grid.argmax() == 4 * 7 + 2 and grid.max() == 1.0 and grid.min() == 0.0


def test_the_card_names_the_words_in_the_order_of_the_outputs(tmp_path: Path) -> None:
    path = tmp_path / "view.onnx"
    path.write_bytes(b"any")
    card = make_card(path, ViewNet(pretrained=False), 0.4, [])
    assert card.input["views"] == [str(view) for view in VIEWS]
    assert card.thresholds == {"p": 0.4}
