"""Trains the view network: pictures -> features of the ImageNet trunk -> one linear layer -> view.onnx."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from kilpi.errors import LabelError
from kilpi.learn.shipping import ship
from kilpi.learn.view.export import export_view, make_card
from kilpi.learn.view.net import ViewNet, fit_head, knowledge
from kilpi.learn.view.pictures import (
    Example,
    LabelledView,
    detail_examples,
    drawn_cars,
    drawn_examples,
    outside_examples,
    read_views,
)
from kilpi.photos.view import SIDE, VIEWS, View
from kilpi.types import Pixels

Floats = NDArray[np.float32]
BATCH = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is drawn and how the layer is fitted; the defaults are what ships (recipes/LOG.md)."""

    drawn: int = 250  # pictures of each word that is drawn
    cars: int = 45  # drawn cars of each side
    copies: int = 4  # of each labelled photo
    close: int = 3  # close crops of each labelled photo
    decay: float = 1e-4
    knowledge: float = 0.8  # how strongly the layer starts from what ImageNet knows; see `net.knowledge`
    temperature: float = 1.0
    least: float = 0.5  # the share of a group from which its view is told
    held: int = 6  # every so many-th photo or drawing is only measured on


@dataclass(frozen=True, slots=True)
class Features:
    """The trunk's answers: `values` (n, 1280), `targets` (n, 14), and the examples' groups."""

    values: Floats
    targets: Floats
    groups: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class ViewRun:
    """What a training gave."""

    weights: Path
    validation: Mapping[str, float]


def examples(views: Sequence[LabelledView], plan: Plan, seed: int) -> Iterator[tuple[str, Iterable[Example]]]:
    """The parts of the training set by name; each is drawn when it is asked for."""
    rng = np.random.default_rng(seed)
    yield "outside", outside_examples(views, plan.copies, rng)
    yield "detail", detail_examples(views, plan.close, rng)
    yield "cars", drawn_cars(plan.cars, seed)
    yield "drawn", drawn_examples(plan.drawn, seed, [view.path for view in views])


def look(net: ViewNet, part: Iterable[Example]) -> Features:
    """The trunk's features of every example."""
    values, targets, groups = [], [], []
    source = iter(part)
    while batch := list(islice(source, BATCH)):
        values.append(features_of(net, [example.pixels for example in batch]))
        targets += [example.target for example in batch]
        groups += [example.group for example in batch]
    if not values:
        return Features(
            np.zeros((0, 1280), np.float32), np.zeros((0, len(VIEWS)), np.float32), np.array([], str)
        )
    return Features(np.concatenate(values), np.stack(targets), np.array(groups))


@torch.no_grad()
def features_of(net: ViewNet, pictures: Sequence[Pixels]) -> Floats:
    """Pictures (SIDE, SIDE, 3) -> (n, 1280)."""
    pixels = torch.from_numpy(np.stack(pictures))
    return np.asarray(net.features(pixels).numpy(), np.float32)


def gather(net: ViewNet, views: Sequence[LabelledView], plan: Plan, seed: int, out: Path) -> Features:
    """All features, kept in `out` part by part, so that a training that was stopped goes on from there."""
    parts = []
    for name, part in examples(views, plan, seed):
        file = out / f"{name}.npz"
        if not file.is_file():
            seen = look(net, part)
            half = file.with_suffix(".part.npz")
            np.savez(half, values=seen.values, targets=seen.targets, groups=seen.groups)
            half.replace(file)
        with np.load(file) as kept:
            parts.append(Features(kept["values"], kept["targets"], kept["groups"]))
    return join(parts)


def join(parts: Sequence[Features]) -> Features:
    """Several sets as one."""
    return Features(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def split(features: Features, every: int) -> NDArray[np.bool_]:
    """Which examples are only measured on: all crops of every so many-th photo or drawing."""
    names = {name: i for i, name in enumerate(sorted(set(features.groups.tolist())))}
    return np.array([names[group] % every == 0 for group in features.groups.tolist()])


def train_view(
    labels: Path,
    photos: Sequence[Path],
    out: Path,
    plan: Plan | None = None,
    seed: int = 0,
    pretrained: bool = True,
) -> ViewRun:
    """From labelled views and drawings to view.onnx and its card in `out`.

    Raises LabelError where no labelled photo is found.
    """
    plan, started = plan or Plan(), time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    net = ViewNet(pretrained).eval()
    features = gather(net, read_views(labels, photos), plan, seed, out)
    held = split(features, plan.held)
    if held.all():
        raise LabelError("too few pictures to train on; draw more, or give more photos")
    start = knowledge(net.trunk, plan.knowledge)
    set_head(net, *fit_head(features.values[~held], features.targets[~held], start, plan.decay))
    validation = {"n": float(held.sum()), "right": right_of(net, features, held)}
    set_head(net, *fit_head(features.values, features.targets, start, plan.decay))
    net.temperature.fill_(plan.temperature)
    path = export_view(net, out)
    training = {
        "minutes": round((time.monotonic() - started) / 60, 1), "pictures": len(held), "seed": seed,
        "drawn": plan.drawn, "cars": plan.cars, "decay": plan.decay, "knowledge": plan.knowledge,
    }  # fmt: skip
    ship(make_card(path, net, plan.least, [labels]), path, {"validation": validation}, training)
    return ViewRun(path, validation)


@torch.no_grad()
def set_head(net: ViewNet, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Gives the network's layer its numbers."""
    net.head.weight.copy_(weight)
    net.head.bias.copy_(bias)


@torch.no_grad()
def right_of(net: ViewNet, features: Features, among: NDArray[np.bool_]) -> float:
    """The share of examples whose likeliest word is one that the label allows."""
    from kilpi.learn.view.net import SCALE

    values = torch.from_numpy(features.values[among]) * SCALE
    told = net.head(values).argmax(dim=1).numpy()
    return float(np.mean(features.targets[among][np.arange(len(told)), told] > 0))


__all__ = ["SIDE", "Features", "Plan", "View", "ViewRun", "train_view"]
