"""The view network: EfficientNet-Lite0 as published, and one linear layer on 1,600 features of it.

Nothing that may train shows a real inside of a car, so the layer starts from what ImageNet knows of the
words: where the drawings say nothing, a seat belt still speaks for seats (`CLASSES_OF`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kilpi.learn.view.domains import Features
from kilpi.learn.view.place_net import PlaceHead
from kilpi.learn.view.trunk import BLOCK_SCALE, FEATURES, WHOLE, Lite0, normalise
from kilpi.types import VIEWS, View

Floats = NDArray[np.float32]

SCALE = 0.45  # brings the features' length to about 10, so that one weight decay suits them
STEPS = 150  # of L-BFGS, at most
OUTSIDES = 5  # the first views of `VIEWS`: front, rear and side
TURNS = 12  # ways that a picture may lie, 30 degrees apart
THIRDS = 3  # parts of a picture's width and height whose features say how it lies
CELLS = FEATURES * THIRDS**2

# ImageNet's classes (ILSVRC 2012 numbers) that speak for a view, from what the words mean: 436 estate car,
# 446 binder, 475 car mirror, 479 car wheel, 482 cassette player, 485 CD player, 511 convertible, 535 disc
# brake, 549 envelope, 581 grille, 656 minivan, 685 odometer, 754 radio, 785 seat belt, 817 sports car, 844
# switch, 848 tape player, 916 web page, 918 crossword, 921 book jacket, 922 menu.
CLASSES_OF: Mapping[View, tuple[int, ...]] = {
    View.FRONT: (817, 581),
    View.FRONT_QUARTER: (817, 656, 436),
    View.REAR: (656, 436),
    View.REAR_QUARTER: (656, 436),
    View.SIDE: (436, 656, 817),
    View.COCKPIT: (511, 785, 485),
    View.INSTRUMENTS: (685,),
    View.SEATS: (785,),
    View.BOOT: (656, 436),
    View.INTERIOR_DETAIL: (485, 848, 482, 754, 844),
    View.WHEEL: (479, 535),
    View.EXTERIOR_DETAIL: (475, 581),
    View.DOCUMENT: (549, 922, 921, 446, 916, 918),
}


class ViewNet(nn.Module):
    """(n, 224, 224, 3) uint8 RGB -> (n, 14) shares of `VIEWS`, which add up to 1.

    Two layers: `head` parts all views, `ends` the outside's share among front, rear and side. What parts
    these is shown by photos, and need not look through the projection that insides need (`domains`). Beside
    them `places` says where cars wear their plates (`places`, `kilpi train places`), and `orientation` how
    the picture lies (`orientation`, `kilpi train orientation`).
    """

    def __init__(self, pretrained: bool = True) -> None:
        super().__init__()
        self.trunk = Lite0(pretrained)
        self.head = nn.Linear(FEATURES, len(VIEWS))
        self.ends = nn.Linear(FEATURES, OUTSIDES)
        self.places = PlaceHead()
        self.orientation = nn.Linear(CELLS, TURNS)
        self.register_buffer("temperature", torch.ones(()))
        self.temperature: Tensor

    def features(self, pixels: Tensor) -> Tensor:
        """(n, h, w, 3) uint8 RGB -> (n, 1600)."""
        features: Tensor = self.trunk(normalise(pixels)) * SCALE
        return features

    def shares(self, features: Tensor) -> Tensor:
        """(n, 1600) -> (n, 14)."""
        views = torch.softmax(self.head(features) / self.temperature, dim=1)
        ends = torch.softmax(self.ends(features), dim=1)
        outside = views[:, :OUTSIDES].sum(dim=1, keepdim=True)
        return torch.cat([ends * outside, views[:, OUTSIDES:]], dim=1)

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        return self.shares(self.features(pixels))

    def cells(self, pixels: Tensor) -> Tensor:
        """(n, 224, 224, 3) uint8 RGB -> (n, CELLS): the features of each third of a picture's width and
        height, which overlap a little.
        """
        _, block, whole = self.trunk.maps(normalise(pixels))
        return thirds(torch.cat([whole, block * BLOCK_SCALE], dim=1) * SCALE)

    def look(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """`forward`; (n, h/32, w/32): where the end is, 0 and 1 at the picture's least and highest odds;
        twice (n, h/16, w/16): the scores of places of plates, and their widths as parts of the picture's; and
        (n, TURNS): how much says that it lies turned to the right by 0, 30, ... 330 degrees.

        `ends` is linear in means over the picture, so that a cell's own features say how much it speaks for
        front or rear against side (class activation maps, Zhou et al. 2016).
        """
        fine, block, whole = self.trunk.maps(normalise(pixels))
        cells = torch.cat([whole, block * BLOCK_SCALE], dim=1) * SCALE
        ends = nn.functional.conv2d(cells, self.ends.weight[:, :, None, None], self.ends.bias)
        odds = torch.logsumexp(ends[:, : OUTSIDES - 1], dim=1) - ends[:, OUTSIDES - 1]
        least, most = odds.amin(dim=(1, 2), keepdim=True), odds.amax(dim=(1, 2), keepdim=True)
        end_map = (odds - least) / (most - least).clamp(min=1e-6)
        places, widths = self.places(fine, block, whole)
        return (
            self.shares(cells.mean(dim=(2, 3))),
            end_map,
            torch.sigmoid(places),
            torch.exp(widths.clamp(max=0)),
            torch.softmax(self.orientation(thirds(cells)), dim=1),
        )


def thirds(cells: Tensor) -> Tensor:
    """(n, FEATURES, 7, 7) -> (n, CELLS): means of three columns and rows of three, one shared by two."""
    return nn.functional.avg_pool2d(cells, 3, 2).flatten(1)


def knowledge(trunk: Lite0, strength: float) -> Tensor:
    """(14, 1600): for each view the mean of its ImageNet classes' weights, times `strength`."""
    rows = torch.zeros(len(VIEWS), FEATURES)
    for i, view in enumerate(VIEWS):
        if view in CLASSES_OF:
            rows[i, :WHOLE] = trunk._fc.weight[list(CLASSES_OF[view])].mean(dim=0)
    return rows * (strength / SCALE)


def fit_layer(
    features: Features,
    weights: Floats,
    start: Tensor,
    decay: float,
    keep: Floats | None = None,
    bias: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """A linear layer's weight (k, d) and bias (k,) with the least cross-entropy to targets (n, k).

    `weights` (n,) add up to 1. `decay` pulls towards `start` (k, d); `keep` (d, d) is a projection that the
    layer looks through, see `domains`; `bias` (k,) is where the bias begins, 0 without it.
    """
    keep = np.eye(features.values.shape[1], dtype=np.float32) if keep is None else keep
    x = torch.from_numpy(features.values @ keep)
    t, each = torch.from_numpy(features.targets), torch.from_numpy(weights)
    through = torch.from_numpy(keep)
    start = start @ through
    weight = start.clone().requires_grad_()
    bias = (torch.zeros(len(start)) if bias is None else bias.clone()).requires_grad_()
    numbers = [weight, bias]
    optimiser = torch.optim.LBFGS(numbers, max_iter=STEPS, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        gap = -(each * (t * torch.log_softmax(x @ weight.T + bias, dim=1)).sum(dim=1)).sum()
        total: Tensor = gap + decay * ((weight - start) ** 2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach() @ through.T, bias.detach()
