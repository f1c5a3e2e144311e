"""Trains where cars wear their plates: crops -> features of the ImageNet trunk -> the head of `place_net`.

The rest of the view network stays as it is. Features are made part by part (`learn.parts`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kilpi.errors import LabelError
from kilpi.labels.dataset import Scene, cluster, load_scenes, split, together
from kilpi.learn.parts import gather, joined, part_files
from kilpi.learn.view.export import ship_part
from kilpi.learn.view.place_examples import PlaceExamples
from kilpi.learn.view.place_net import MIDDLE, PlaceHead, PlaceTargets, place_loss
from kilpi.learn.view.stored import view_net
from kilpi.learn.view.train import ViewRun
from kilpi.learn.view.trunk import Lite0, normalise

SIDE = 1100  # pixels that photos are kept at: crops of them are looked at
BATCH, LEARNT = 16, 64  # pictures the trunk looks at together, and a step learns from
CHECKED = 1600  # crops of photos that nothing was learnt from, to measure on
SEEDS = 1000  # parts of a run at most, each with a seed of its own; the last is for what is measured
SURE = 0.5  # a score that counts as a place, where it is measured


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is learnt; the defaults are what ships (recipes/LOG.md, where a car wears its plate)."""

    parts: int = 20
    each: int = 1600  # examples a part
    epochs: int = 8
    rate: float = 2e-3
    decay: float = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """The trunk's maps of n examples in 16 bits, and their targets in 32."""

    fine: Tensor
    block: Tensor
    whole: Tensor
    heat: Tensor
    care: Tensor
    width: Tensor

    def of(self, rows: Tensor) -> tuple[tuple[Tensor, Tensor, Tensor], PlaceTargets]:
        """Some of them, as the head takes them, and their targets."""
        maps = self.fine[rows].float(), self.block[rows].float(), self.whole[rows].float()
        return maps, PlaceTargets(self.heat[rows], self.care[rows], self.width[rows])


def train_places(
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
    if not any(len(scene.view.quads) for scene in learnt):
        raise LabelError("no labelled plate to learn a place from; give more photos with --labels")
    out.mkdir(parents=True, exist_ok=True)
    net = view_net(start)
    head = fit(parts_of(learnt, plan, seed, out, workers), plan, seed)
    told = (
        measure(head, look(PlaceExamples(kept_back, seed * SEEDS + SEEDS - 1), CHECKED))
        if kept_back
        else {"n": 0.0}
    )
    net.places.load_state_dict(head.state_dict())
    training, pictures = {"seed": seed, **asdict(plan)}, [scene.view.pixels for scene in learnt]
    path = ship_part(net, "places", told, training, labels, pictures, start, out, started)
    return ViewRun(path, told)


def parts_of(scenes: Sequence[Scene], plan: Plan, seed: int, out: Path, workers: int) -> Seen:
    """All parts' features; those that lie in `out` already are taken from there."""
    files = part_files(out, "places", plan.parts, seed, plan.each, [scene.name for scene in scenes])
    return gather(Seen, files, partial(make_part, scenes, plan.each, seed), workers)


def make_part(scenes: Sequence[Scene], count: int, seed: int, part: int) -> Seen:
    """One part's features."""
    return look(PlaceExamples(scenes, seed * SEEDS + part), count)


@torch.no_grad()
def look(examples: PlaceExamples, count: int) -> Seen:
    """The trunk's maps of the next `count` examples."""
    trunk, source, parts = Lite0(), islice(examples, count), []
    while some := list(islice(source, BATCH)):
        maps = trunk.maps(normalise(torch.from_numpy(np.stack([one.pixels for one in some]))))
        asked = [np.stack([getattr(one, name) for one in some]) for name in ("heat", "care", "width")]
        parts.append(Seen(*(one.half() for one in maps), *map(torch.from_numpy, asked)))
    return joined(parts)


def fit(seen: Seen, plan: Plan, seed: int) -> PlaceHead:
    """A head that answers as these examples want it."""
    torch.manual_seed(seed)
    head, count = PlaceHead().train(), len(seen.heat)
    steps = max(1, count // LEARNT)
    optimiser = torch.optim.AdamW(head.parameters(), plan.rate, weight_decay=plan.decay)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.rate, total_steps=plan.epochs * steps, pct_start=0.1
    )
    for _ in range(plan.epochs):
        order = torch.randperm(count)
        for step in range(steps):
            maps, wanted = seen.of(order[step * LEARNT : (step + 1) * LEARNT])
            odds, width = head(*maps)
            loss = place_loss(odds, width, wanted)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rates.step()
    return head.eval()


@torch.no_grad()
def measure(head: PlaceHead, seen: Seen) -> Mapping[str, float]:
    """How many of the places are told with a score of SURE, and in how many pictures something else is."""
    maps, wanted = seen.of(torch.arange(len(seen.heat)))
    scores = torch.sigmoid(head(*maps)[0])
    middles = (wanted.heat >= MIDDLE) & (wanted.care > MIDDLE)
    around = torch.nn.functional.max_pool2d(scores[:, None], 3, 1, 1)[:, 0]
    beside = scores * (wanted.heat < 0.05) * (wanted.care > MIDDLE)
    return {
        "n": float(len(scores)),
        "places": float(middles.sum()),
        "found": float((around[middles] >= SURE).float().mean()) if middles.any() else 0.0,
        "false_per_picture": float((beside.amax(dim=(1, 2)) >= SURE).float().mean()),
    }
