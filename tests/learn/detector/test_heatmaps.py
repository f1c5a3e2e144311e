import numpy as np
import torch

from kilpi.learn.detector.heatmaps import corner_loss, detector_loss, draw_targets, heat_loss
from kilpi.learn.detector.net import cell_centres

PLATE = np.array([[[40, 40], [104, 42], [104, 58], [40, 56]]], np.float32)
NONE = np.zeros((0, 4, 2), np.float32)
TRUE = np.ones(1, bool)


def test_the_centre_is_hot_and_knows_the_corners() -> None:
    targets = draw_targets(PLATE, TRUE, NONE, 96, 128)
    row, column = np.unravel_index(int(targets.heat.argmax()), targets.heat.shape)
    assert (int(row), int(column)) == (49 // 8, 72 // 8) and targets.heat.max() == 1
    assert np.allclose(targets.corners[row, column], PLATE.reshape(8))
    assert targets.weight[row, column] == 1 and targets.care.all()


def test_boxes_teach_corners_less() -> None:
    box = draw_targets(PLATE, np.zeros(1, bool), NONE, 96, 128)
    assert 0 < box.weight.max() < 1


def test_no_plate_is_cold() -> None:
    targets = draw_targets(NONE, np.zeros(0, bool), NONE, 64, 64)
    assert not targets.heat.any() and not targets.weight.any()


def test_unknown_regions_cost_nothing() -> None:
    targets = draw_targets(NONE, np.zeros(0, bool), PLATE, 96, 128)
    assert targets.care[6, 9] == 0 and targets.care[0, 0] == 1
    logits = torch.full((1, 12, 16), -9.0)
    logits[0, 6, 9] = 9.0
    heat, care = (torch.from_numpy(t)[None] for t in (targets.heat, targets.care))
    assert float(heat_loss(logits, heat, care)) < 0.01 < float(heat_loss(logits, heat, torch.ones_like(care)))


def test_the_right_answer_costs_next_to_nothing() -> None:
    targets = draw_targets(PLATE, TRUE, NONE, 96, 128)
    heat, corners, weight, care = (torch.from_numpy(t)[None] for t in targets)
    out = torch.zeros(1, 9, 12, 16)
    out[:, 0] = torch.where(heat >= 1, 9.0, -9.0)
    out[:, 1:] = torch.from_numpy(PLATE.reshape(1, 8, 1, 1)) - cell_centres(out)
    good = detector_loss(out, heat, corners, weight, care)
    bad = detector_loss(torch.zeros_like(out), heat, corners, weight, care)
    assert float(good.total) < 0.05 < float(bad.total)


def test_corner_loss_is_relative_to_the_plate() -> None:
    losses = []
    for scale in (1.0, 2.0):
        quads = PLATE * scale
        targets = draw_targets(quads, TRUE, NONE, 192, 256)
        _, corners, weight, _ = (torch.from_numpy(t)[None] for t in targets)
        out = torch.zeros(1, 8, 24, 32)
        out = corners.permute(0, 3, 1, 2) - cell_centres(out) + scale  # off by a pixel, or by two
        losses.append(float(corner_loss(out, corners, weight)))
    assert abs(losses[0] - losses[1]) < 1e-5
