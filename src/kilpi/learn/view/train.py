"""Trains the view network: pictures -> features of the ImageNet trunk -> one linear layer -> view.onnx."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from kilpi.errors import LabelError
from kilpi.learn.eight_bits import spread
from kilpi.learn.onnx_export import ship
from kilpi.learn.view.domains import Features, example_weights, join, moved, without_drawnness
from kilpi.learn.view.export import MEASURED, export_view, make_card
from kilpi.learn.view.net import OUTSIDES, ViewNet, fit_layer, knowledge
from kilpi.learn.view.pictures import (
    Example,
    LabelledView,
    detail_examples,
    drawn_cars,
    drawn_examples,
    outside_examples,
    read_views,
)
from kilpi.learn.view.stored import set_layer, view_net
from kilpi.learn.view.trunk import FEATURES
from kilpi.types import VIEWS, Pixels
from kilpi.weights import PACKAGED

Floats = NDArray[np.float32]
BATCH = 16
PLANES = ("values", "targets", "origins", "groups")  # of Features, as they are kept


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is drawn and how the layer is fitted; the defaults are what ships (recipes/LOG.md)."""

    drawn: int = 730  # pictures of each word that is drawn
    cars: int = 86  # drawn cars of each side
    copies: int = 10  # of each labelled photo
    close: int = 3  # close crops of each labelled photo
    decay: float = 3e-3
    directions: int = 8  # how many directions that tell drawings from photos are taken out of the features
    ends_decay: float = 1e-4  # of the layer that parts front, rear and side
    ends_drawn: float = 0.25  # how much drawn cars count there for each part that photos do
    knowledge: float = 0.8  # how strongly the layer starts from what ImageNet knows; see `net.knowledge`
    temperature: float = 0.55
    least: float = 0.64  # the share of a group from which its view is told
    held: int = 6  # every so many-th photo or drawing is only measured on


@dataclass(frozen=True, slots=True)
class ViewRun:
    """What a training gave."""

    weights: Path
    validation: Mapping[str, float]


def examples(views: Sequence[LabelledView], plan: Plan, seed: int) -> Iterator[tuple[str, Iterable[Example]]]:
    """The parts of the training set by name; each is drawn when it is asked for."""
    yield "outside", outside_examples(views, plan.copies, np.random.default_rng((seed, 0)))
    yield "detail", detail_examples(views, plan.close, np.random.default_rng((seed, 1)))
    yield "cars", drawn_cars(plan.cars, seed)
    yield "drawn", drawn_examples(plan.drawn, seed, [view.path for view in views])


def look(net: ViewNet, part: Iterable[Example]) -> Features:
    """The trunk's features of every example."""
    values, seen = [np.zeros((0, FEATURES), np.float32)], []
    source = iter(part)
    while batch := list(islice(source, BATCH)):
        values.append(features_of(net, [example.pixels for example in batch]))
        seen += [(example.target, int(example.origin), example.group) for example in batch]
    targets = np.array([target for target, _, _ in seen], np.float32).reshape(-1, len(VIEWS))
    origins = np.array([origin for _, origin, _ in seen], np.int64)
    return Features(np.concatenate(values), targets, origins, np.array([group for *_, group in seen], str))


@torch.no_grad()
def features_of(net: ViewNet, pictures: Sequence[Pixels]) -> Floats:
    """Pictures (SIDE, SIDE, 3) -> (n, 1600)."""
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
            np.savez(half, **{name: getattr(seen, name) for name in PLANES})
            half.replace(file)
        with np.load(file) as kept:
            parts.append(Features(*(kept[name] for name in PLANES)))
    return join(*parts)


def split(features: Features, every: int) -> NDArray[np.bool_]:
    """Which examples are only measured on: all crops of every so many-th photo or drawing."""
    names = {name: i for i, name in enumerate(sorted(set(features.groups.tolist())))}
    return np.array([names[group] % every == 0 for group in features.groups.tolist()])


def train_view(
    labels: Path,
    folders: Sequence[Path],
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
    views = read_views(labels, folders)
    features = gather(net, views, plan, seed, out)
    held = split(features, plan.held)
    if held.all():
        raise LabelError("too few pictures to train on; draw more, or give more photos")
    learn(net, features.only(~held), plan, seed)
    validation = {"n": float(held.sum()), "right": right_of(net, features.only(held))}
    learn(net, features, plan, seed)
    net.temperature.fill_(plan.temperature)
    shipped = view_net(PACKAGED, pretrained=False)  # whose other parts stay as they are
    net.places.load_state_dict(shipped.places.state_dict())
    net.orientation.load_state_dict(shipped.orientation.state_dict())
    some = outside_examples(spread(views, MEASURED), 1, np.random.default_rng((seed, 2)))
    path = export_view(net, out, [example.pixels for example in some])
    training = {
        "minutes": round((time.monotonic() - started) / 60, 1), "pictures": len(held), "seed": seed,
        "drawn": plan.drawn, "cars": plan.cars, "decay": plan.decay, "knowledge": plan.knowledge,
        "directions": plan.directions,
    }  # fmt: skip
    ship(make_card(path, net, plan.least, [labels]), path, {"validation": validation}, training)
    return ViewRun(path, validation)


def learn(net: ViewNet, features: Features, plan: Plan, seed: int) -> None:
    """Fits the network's two layers to features."""
    every = join(features, moved(features, np.random.default_rng(seed)))
    keep = without_drawnness(features, plan.directions)
    start = knowledge(net.trunk, plan.knowledge)
    set_layer(net.head, *fit_layer(every, example_weights(every), start, plan.decay, keep))
    outside = features.only(features.targets[:, :OUTSIDES].sum(axis=1) > 0.99)
    ends = replace(outside, targets=np.ascontiguousarray(outside.targets[:, :OUTSIDES]))
    weights = example_weights(ends, plan.ends_drawn)
    set_layer(net.ends, *fit_layer(ends, weights, torch.zeros(OUTSIDES, FEATURES), plan.ends_decay))


@torch.no_grad()
def right_of(net: ViewNet, features: Features) -> float:
    """The share of examples whose likeliest word is one that the label allows."""
    told = net.shares(torch.from_numpy(features.values)).argmax(dim=1).numpy()
    return float(np.mean(features.targets[np.arange(len(told)), told] > 0))
