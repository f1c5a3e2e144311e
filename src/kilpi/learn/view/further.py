"""The view network goes on from the weights in use, with photos of which a person said what they show.

Only its two layers learn; the trunk's features stay. They are held near to where they were in two ways: a
pull towards their weights, and drawings on which they are to answer as before (Li and Hoiem 2016, "Learning
without forgetting"). Both fits are convex, so that it takes seconds once the features are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kilpi.errors import LabelError
from kilpi.images import open_photo
from kilpi.labels.locate import located
from kilpi.learn.eight_bits import spread
from kilpi.learn.onnx_export import ship
from kilpi.learn.view.domains import Features, example_weights, join
from kilpi.learn.view.export import MEASURED, export_view, joined_data, make_card
from kilpi.learn.view.net import OUTSIDES, ViewNet, fit_layer
from kilpi.learn.view.pictures import LabelledView, drawn_cars, drawn_examples, outside_examples
from kilpi.learn.view.stored import set_layer, view_net
from kilpi.learn.view.train import ViewRun, look, right_of
from kilpi.types import Pixels, View
from kilpi.weights import find_weights, read_card

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Further:
    """How much is drawn, and how the layers are held; recipes/views_further.py measures it."""

    copies: int = 8  # of each photo
    drawn: int = 12  # pictures of each word that is drawn
    cars: int = 6  # drawn cars of each side
    real: float = 0.4  # share of the photos in the fit, as with the reader
    decay: float = 3e-3  # the pull towards the weights in use
    ends_decay: float = 3e-3


def train_further(
    learnt: Path, kept_back: Path, start: Path, out: Path, seed: int = 0, plan: Further | None = None
) -> ViewRun:
    """view.onnx and its card in `out`, from the network of the folder `start`.

    `learnt` and `kept_back` are label files whose photos name their `view`. What is kept back is measured on,
    and then learnt too. Raises LabelError where no photo is found, WeightsError.
    """
    plan = plan or Further()
    card = read_card(find_weights("view", start))
    net = view_net(start)
    held, mine = photo_features(net, kept_back, plan, seed), photo_features(net, learnt, plan, seed + 1)
    if not len(mine.values) + len(held.values):
        raise LabelError(f"{learnt}: none of its photos is found; nothing to learn a view from")
    old = rehearsal(net, plan, seed)
    validation = {"n": float(len(held.values))}
    if len(mine.values) and len(held.values):
        validation["right_before"] = right_of(net, held)
        go_on(net, mine, old, plan)
        validation["right"] = right_of(net, held)
        net = view_net(start)
    go_on(net, join(mine, held), old, plan)
    out.mkdir(parents=True, exist_ok=True)
    path = export_view(net, out, photos_of(learnt, kept_back), start)
    training = {"photos": len(set(join(mine, held).groups.tolist())), "drawn": len(old.values), "seed": seed}
    made = make_card(path, net, card.thresholds["p"], [learnt])
    made = replace(made, data=joined_data(card.data, made.data))
    kept = {name: told for name, told in card.metrics.items() if name in ("places", "orientation")}
    ship(made, path, {"validation": validation, **kept}, training)
    return ViewRun(path, validation)


def photo_features(net: ViewNet, labels: Path, plan: Further, seed: int) -> Features:
    """Each labelled photo `plan.copies` times, cut and lit otherwise each time; none for an empty file."""
    return look(net, outside_examples(views_of(labels), plan.copies, np.random.default_rng((seed, 5))))


def views_of(labels: Path) -> list[LabelledView]:
    """The photos of a label file of which somebody said the view."""
    try:
        pairs = [(record, path) for record, path in located(labels) if record.view is not None]
    except LabelError:
        return []
    return [LabelledView(path, str(record.photo), (View(str(record.view)),)) for record, path in pairs]


def photos_of(*labels: Path) -> list[Pixels]:
    """Some of those photos, from all over them: as many as an export measures ranges on."""
    views = [view for file in labels for view in views_of(file)]
    return [open_photo(view.path).pixels for view in spread(views, MEASURED)]


@torch.no_grad()
def rehearsal(net: ViewNet, plan: Further, seed: int) -> Features:
    """Drawings of every word; their targets are the network's own answers, before its temperature."""
    drawn = join(look(net, drawn_examples(plan.drawn, seed, ())), look(net, drawn_cars(plan.cars, seed)))
    answers = torch.softmax(net.head(torch.from_numpy(drawn.values)), dim=1)
    return replace(drawn, targets=np.asarray(answers.numpy(), np.float32))


def go_on(net: ViewNet, photos: Features, old: Features, plan: Further) -> None:
    """Fits both layers to the photos and to what the network answered before."""
    fit_near(net.head, [photos, old], plan.real, plan.decay)
    outside = photos.only(photos.targets[:, :OUTSIDES].sum(axis=1) > 0.99)
    if len(outside.values):
        cars = old.only(old.targets[:, :OUTSIDES].sum(axis=1) > 0.5)
        with torch.no_grad():
            answers = torch.softmax(net.ends(torch.from_numpy(cars.values)), dim=1).numpy()
        parts = [
            replace(outside, targets=np.ascontiguousarray(outside.targets[:, :OUTSIDES])),
            replace(cars, targets=np.asarray(answers, np.float32)),
        ]
        fit_near(net.ends, parts, plan.real, plan.ends_decay)


def fit_near(layer: nn.Linear, parts: Sequence[Features], real: float, decay: float) -> None:
    """A layer's numbers moved to answer the first part, which counts `real`, and still the second."""
    photos, old = parts
    each = np.full(len(photos.values), real / max(len(photos.values), 1), np.float32)
    rest = example_weights(old) * (1 - real) if len(old.values) else np.zeros(0, np.float32)
    weights = np.concatenate([each, rest]).astype(np.float32)
    start = layer.weight.detach().clone()
    bias = layer.bias.detach().clone()
    set_layer(layer, *fit_layer(join(photos, old), weights / weights.sum(), start, decay, bias=bias))
