"""Trains how a picture lies: turned crops of photos -> cells of the ImageNet trunk -> one linear layer.

Photos of cars from outside show it by sky, ground and wheels. The rest of the view network stays as it is.
Features are made part by part (`learn.parts`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from kilpi.draw.insides.views import photographed
from kilpi.errors import LabelError
from kilpi.labels.dataset import Scene, cluster, load_scenes, split, together
from kilpi.learn.parts import gather, joined, part_files
from kilpi.learn.view.export import ship_part
from kilpi.learn.view.net import CELLS, TURNS, ViewNet
from kilpi.learn.view.pictures import Rng, crop
from kilpi.learn.view.stored import view_net
from kilpi.learn.view.train import ViewRun
from kilpi.photos.view import squash
from kilpi.types import SURELY_LIES, Pixels

SIDE = 1100  # pixels that photos are kept at; as for places, so that ranges for 8 bits are measured alike
LONGEST = 448  # of a crop before it is turned: more is lost when it is squashed
LEAST = 0.45  # of a photo's width and of its height is in a crop
TILTED = 3.0  # degrees, standard deviation: hands are not level
ROOM = 0.98  # of the largest part of a turned photo that has no corner of nothing in it
BATCH, LEARNT = 16, 64  # pictures the trunk looks at together, and a step learns from
CHECKED = 1200  # crops of photos that nothing was learnt from, to measure on
SEEDS = 1000  # parts of a run at most, each with a seed of its own; the last is for what is measured


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is learnt; the defaults are what ships (recipes/LOG.md, how a picture lies)."""

    parts: int = 6
    each: int = 1600  # examples a part
    epochs: int = 8
    rate: float = 1e-3
    decay: float = 1.0
    dropped: float = 0.2  # of the features, in training


class Turned(NamedTuple):
    """A picture (SIDE, SIDE, 3) uint8 RGB, and by how many TURNS-ths of a turn to the right it lies."""

    pixels: Pixels
    lies: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The trunk's cells of n pictures in 16 bits, (n, CELLS), and how they lie, (n,)."""

    cells: Tensor
    lies: Tensor


def train_orientation(
    labels: Sequence[Path],
    images: Sequence[Path],
    start: Path,
    out: Path,
    plan: Plan | None = None,
    seed: int = 0,
    workers: int = 1,
) -> ViewRun:
    """view.onnx and its card in `out`, from the view network of the folder `start`.

    Photos that every training keeps back are only measured on. Raises LabelError, WeightsError.
    """
    plan, started = plan or Plan(), time.monotonic()
    scenes = together([scene for file in labels for scene in cluster(load_scenes(file, images, SIDE))])
    learnt, kept_back = split(scenes)
    if not learnt:
        raise LabelError("no photo to learn from; give more photos with --labels")
    out.mkdir(parents=True, exist_ok=True)
    net = view_net(start)
    layer = fit(parts_of(learnt, plan, seed, out, workers), plan, seed)
    told = measure(layer, make_part(kept_back, CHECKED, seed, SEEDS - 1)) if kept_back else {"n": 0.0}
    net.orientation.load_state_dict(layer.state_dict())
    training, pictures = {"seed": seed, **asdict(plan)}, [scene.view.pixels for scene in learnt]
    path = ship_part(net, "orientation", told, training, labels, pictures, start, out, started)
    return ViewRun(path, told)


def parts_of(scenes: Sequence[Scene], plan: Plan, seed: int, out: Path, workers: int) -> Seen:
    """All parts' features; those that lie in `out` already are taken from there."""
    files = part_files(out, "orientation", plan.parts, seed, plan.each, [scene.name for scene in scenes])
    return gather(Seen, files, partial(make_part, scenes, plan.each, seed), workers)


@torch.no_grad()
def make_part(scenes: Sequence[Scene], count: int, seed: int, part: int) -> Seen:
    """One part's features."""
    net, parts = ViewNet().eval(), []
    source = islice(examples(scenes, np.random.default_rng((seed * SEEDS + part, 8))), count)
    while some := list(islice(source, BATCH)):
        cells = net.cells(torch.from_numpy(np.stack([one.pixels for one in some])))
        parts.append(Seen(cells.half(), torch.tensor([one.lies for one in some])))
    return joined(parts)


def examples(scenes: Sequence[Scene], rng: Rng) -> Iterator[Turned]:
    """Endless crops of photos, each turned somehow."""
    chances = np.array([scene.share for scene in scenes], np.float64)
    chances /= chances.sum()
    while True:
        pixels = scenes[int(rng.choice(len(scenes), p=chances))].view.pixels
        wide, tall = rng.uniform(LEAST, 1, 2).tolist()
        part = crop(pixels, wide, rng, tall=tall)
        part = np.ascontiguousarray(part[:, ::-1]) if rng.random() < 0.5 else part
        scale = min(1.0, LONGEST / max(part.shape[:2]))
        if scale < 1:
            size = max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale))
            part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        lies = int(rng.integers(TURNS))
        yield Turned(squash(turned(photographed(part, rng), lies, rng)), lies)


def turned(pixels: Pixels, lies: int, rng: Rng) -> Pixels:
    """The picture turned to the right by so many TURNS-ths of a turn and a little more or less: what lies
    straight in a phone has no border, what a scanner or a collage turns has.
    """
    height, width = pixels.shape[:2]
    if lies % (TURNS // 4) == 0 and rng.random() < 0.5:
        return np.ascontiguousarray(np.rot90(pixels, -lies // (TURNS // 4)))
    angle = 360 / TURNS * lies + rng.normal(0, TILTED)
    sine, cosine = abs(np.sin(np.radians(angle))), abs(np.cos(np.radians(angle)))
    wide, tall = round(width * cosine + height * sine), round(height * cosine + width * sine)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1)
    matrix[:, 2] += ((wide - width) / 2, (tall - height) / 2)
    around = tuple(map(float, rng.choice([[114, 114, 114], [0, 0, 0], [255, 255, 255]])))
    whole = cv2.warpAffine(pixels, matrix, (wide, tall), borderMode=cv2.BORDER_CONSTANT, borderValue=around)
    if rng.random() < 0.5:
        return np.asarray(whole, np.uint8)
    share = ROOM / (sine + cosine) * min(width, height) / max(width, height)
    across, down = max(8, round(width * share)), max(8, round(height * share))
    x, y = (wide - across) // 2, (tall - down) // 2
    return np.ascontiguousarray(whole[y : y + down, x : x + across], np.uint8)


def fit(seen: Seen, plan: Plan, seed: int) -> nn.Linear:
    """The layer that answers as these examples want it."""
    torch.manual_seed(seed)
    layer, count = nn.Linear(CELLS, TURNS), len(seen.lies)
    nn.init.zeros_(layer.weight)
    steps = max(1, count // LEARNT)
    optimiser = torch.optim.AdamW(layer.parameters(), plan.rate, weight_decay=plan.decay)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.rate, total_steps=plan.epochs * steps, pct_start=0.1
    )
    for _ in range(plan.epochs):
        order = torch.randperm(count)
        for step in range(steps):
            rows = order[step * LEARNT : (step + 1) * LEARNT]
            cells = nn.functional.dropout(seen.cells[rows].float(), plan.dropped)
            loss = nn.functional.cross_entropy(layer(cells), seen.lies[rows])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rates.step()
    return layer.eval()


@torch.no_grad()
def measure(layer: nn.Linear, seen: Seen) -> Mapping[str, float]:
    """How many are told rightly; of those that lie by quarters, among the quarters; and how many of the
    upright and of the turned are surely told as upright.
    """
    shares = torch.softmax(layer(seen.cells.float()), dim=1)
    quarters = seen.lies % (TURNS // 4) == 0
    among = shares[quarters][:, :: TURNS // 4].argmax(dim=1) * (TURNS // 4)
    upright = seen.lies == 0
    told = shares[:, 0] >= SURELY_LIES
    return {
        "n": float(len(shares)),
        "right": float((shares.argmax(dim=1) == seen.lies).float().mean()),
        "right_of_quarters": float((among == seen.lies[quarters]).float().mean()),
        "upright_told": float(told[upright].float().mean()),
        "turned_told_as_upright": float(told[~upright].float().mean()),
    }
