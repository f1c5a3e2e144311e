"""The seed's detector, as a baseline row: a plain CNN that regresses one box a photo.

Convolutions, pooling, two dense layers, four sigmoids (x1, y1, x2, y2 as parts of the photo), mean squared
error: the shape of the well-known tutorial that most student projects copy. Trained on the same photos,
with the same split and minutes as Kilpi's detector; it always answers with exactly one box.

    python recipes/baseline_box.py --minutes 8 --labels A.jsonl --labels B.jsonl --test T.jsonl --images
    FOLDER
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.geometry import box_iou
from kilpi.labels.dataset import Scene, load_scenes
from kilpi.learn.data_parallel import Batch
from kilpi.learn.session import load_all
from kilpi.learn.train import Plan, seed_all, train
from kilpi.types import Box

SIDE = 224


class BoxRegressor(nn.Module):
    """(n, 3, 224, 224) float32 -> (n, 4) in 0..1."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = 3
        for wider in (16, 32, 64, 128, 128):
            layers += [nn.Conv2d(width, wider, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
            width = wider
        self.body = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(128 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 4)
        )

    def forward(self, pixels: Tensor) -> Tensor:
        return torch.sigmoid(self.body(pixels).float())


def sample(scene: Scene) -> tuple[np.ndarray, np.ndarray] | None:
    """((3, 224, 224) float32, (4,) float32) of a photo's largest plate; None without one."""
    if not len(scene.view.quads):
        return None
    height, width = scene.view.pixels.shape[:2]
    sizes = np.ptp(scene.view.quads, axis=1).prod(axis=1)
    quad = scene.view.quads[int(np.argmax(sizes))]
    box = np.concatenate([quad.min(axis=0) / (width, height), quad.max(axis=0) / (width, height)])
    small = cv2.resize(scene.view.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return small.transpose(2, 0, 1).astype(np.float32) / 255, box.astype(np.float32)


def batches(scenes: Sequence[Scene], size: int, seed: int) -> Iterator[Batch]:
    """Endless shuffled batches; half of them mirrored."""
    known = [s for s in map(sample, scenes) if s is not None]
    pixels, boxes = (torch.from_numpy(np.stack(part)) for part in zip(*known, strict=True))
    generator = torch.Generator().manual_seed(seed)
    while True:
        chosen = torch.randint(0, len(known), (size,), generator=generator)
        x, y = pixels[chosen], boxes[chosen]
        if torch.rand((), generator=generator) < 0.5:
            x, y = x.flip(3), torch.stack([1 - y[:, 2], y[:, 1], 1 - y[:, 0], y[:, 3]], dim=1)
        yield x, y


def mse(net: nn.Module, batch: Batch) -> Tensor:
    pixels, boxes = batch
    return F.mse_loss(net(pixels), boxes)


@torch.no_grad()
def recall(net: nn.Module, scenes: Sequence[Scene]) -> tuple[float, float, int]:
    """(recall at IoU 0.5 over all plates, wrong boxes a photo, plates)."""
    found = plates = wrong = 0
    for scene in scenes:
        made = sample(scene)
        if made is None:
            continue
        height, width = scene.view.pixels.shape[:2]
        x1, y1, x2, y2 = net(torch.from_numpy(made[0])[None])[0].tolist()
        guess = Box(x1 * width, y1 * height, x2 * width, y2 * height)
        truths = [Box(*q.min(axis=0).tolist(), *q.max(axis=0).tolist()) for q in scene.view.quads]
        hit = any(box_iou(guess, truth) >= 0.5 for truth in truths)
        found, plates, wrong = found + hit, plates + len(truths), wrong + (not hit)
    return found / max(plates, 1), wrong / max(len(scenes), 1), plates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--labels", type=Path, action="append", required=True)
    parser.add_argument("--test", type=Path, action="append", default=[])
    parser.add_argument("--images", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, default=Path("runs/baseline-box"))
    args = parser.parse_args()
    seed_all(0)
    training, validation = load_all(args.labels, args.images)
    net = BoxRegressor()
    plan = Plan(args.minutes, args.out, learning_rate=1e-3)
    trained = train(net, batches(training, 32, 0), mse, plan, lambda n: {"recall": recall(n, validation)[0]})
    print(f"parameters {sum(p.numel() for p in net.parameters())}")
    sets = [("validation", validation)] + [(p.parent.name, load_scenes(p, args.images)) for p in args.test]
    for name, scenes in sets:
        found, wrong, plates = recall(trained, scenes)
        print(f"{name}: recall {found:.3f}, wrong a photo {wrong:.2f}, plates {plates}")


if __name__ == "__main__":
    main()
