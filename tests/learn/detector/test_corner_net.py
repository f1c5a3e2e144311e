import cv2
import numpy as np
import torch

from kilpi.geometry import box_iou, is_convex, quad_from_array, quad_iou
from kilpi.labels.dataset import Scene
from kilpi.labels.warps import View, no_quads
from kilpi.learn.detector.corner_net import (
    CELL,
    CornerNet,
    PlateCrops,
    corner_net_loss,
    crop,
    piece,
    places,
    rough,
)
from kilpi.learn.detector.pictures import Mix
from kilpi.plates.corners import MARGIN_X, MARGIN_Y, VIEW

PLATE = np.array([[100, 120], [180, 128], [178, 150], [99, 141]], np.float32)


def car() -> View:
    pixels = np.full((240, 320, 3), 60, np.uint8)
    cv2.fillConvexPoly(pixels, np.round(PLATE * 16).astype(np.int32), (230, 230, 230), cv2.LINE_AA, 4)
    return View(pixels, PLATE[None].copy(), np.ones(1, bool), no_quads())


def test_the_expected_place_is_finer_than_a_cell() -> None:
    maps = torch.full((1, 4, 24, 48), -20.0)
    maps[0, :, 10, 20] = maps[0, :, 10, 21] = 5.0
    assert torch.allclose(places(maps), torch.tensor([[21 * CELL, 10.5 * CELL] * 4]), atol=0.01)


def test_crops_carry_their_corners() -> None:
    rng = np.random.default_rng(0)
    width, height = VIEW
    seen = 0
    for _ in range(40):
        made = crop(car(), quad_from_array(PLATE), rng)
        if made is None:
            continue
        pixels, corners = made
        assert pixels.shape == (height, width, 3) and corners.shape == (8,)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(mask, np.round(corners.reshape(4, 2)).astype(np.int32), 1)
        edge = cv2.dilate(mask, np.ones((9, 9), np.uint8)) - mask
        if pixels[mask > 0].mean() > 60:  # not at night
            seen += pixels[mask > 0].mean() > pixels[edge > 0].mean() + 10
    assert seen > 20


def test_rough_quads_are_near() -> None:
    rng = np.random.default_rng(1)
    quad = quad_from_array(PLATE)
    near = [q for q in (rough(quad, rng) for _ in range(60)) if is_convex(q)]
    overlaps = [box_iou(q.box, quad.box) for q in near]
    assert len(near) > 50 and 0.5 < float(np.median(overlaps)) < 0.95
    assert min(quad_iou(q, quad) for q in near) < 0.8


def test_the_right_answer_costs_less() -> None:
    class Answers(CornerNet):
        def __init__(self, cells: torch.Tensor) -> None:
            super().__init__((4, 4, 4, 4))
            self.cells = cells

        def maps(self, pixels: torch.Tensor) -> torch.Tensor:
            maps = torch.full((1, 4, 24, 48), -9.0)
            for i, (x, y) in enumerate(self.cells.tolist()):
                maps[0, i, int(y), int(x)] = 9.0
            return maps

    cells = torch.tensor([[10, 6], [37, 6], [37, 17], [10, 17]])
    corners = ((cells + 0.5) * CELL).reshape(1, 8).float()
    pixels = torch.zeros(1, VIEW[1], VIEW[0], 3, dtype=torch.uint8)
    good = corner_net_loss(Answers(cells), (pixels, corners))
    bad = corner_net_loss(Answers(cells + 3), (pixels, corners))
    assert float(good) < float(bad)


def test_batches_skip_plates_without_true_corners() -> None:
    boxed = View(car().pixels, PLATE[None], np.zeros(1, bool), no_quads())
    scenes = [Scene("boxed", "boxed", boxed), Scene("true", "true", car())]
    pixels, corners = PlateCrops(scenes, 6, Mix()).make_batch(np.random.default_rng(2))
    assert tuple(pixels.shape) == (6, VIEW[1], VIEW[0], 3) and tuple(corners.shape) == (6, 8)


def test_the_net_answers_for_every_crop() -> None:
    net = CornerNet((4, 8, 8, 8)).eval()
    out = net(torch.zeros(3, VIEW[1], VIEW[0], 3, dtype=torch.uint8))
    assert out.shape == (3, 8)
    assert 0 < MARGIN_X < 1 and 0 < MARGIN_Y < 1


def test_a_piece_holds_the_plate_where_it_says() -> None:
    rng = np.random.default_rng(3)
    widths = []
    for _ in range(20):
        view = piece(car(), PLATE, rng)
        assert len(view.quads) == 1 and bool(view.exact[0])
        widths.append(float(np.ptp(view.quads[0][:, 0])))
        x, y = view.quads[0].mean(axis=0).astype(int)
        assert view.pixels[y, x].min() > 200, "the plate is white"
        assert view.pixels[2, 2].max() < 70, "the car is dark"
    assert 19 <= min(widths) < 40 < max(widths) <= 82
