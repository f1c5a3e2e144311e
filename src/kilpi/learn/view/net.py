"""The view network: EfficientNet-Lite0 as published, and one linear layer on its 1,280 features.

Nothing that may train shows a real inside of a car, so the layer starts from what ImageNet knows of the
words: where the drawings say nothing, a seat belt still speaks for seats (`CLASSES_OF`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kilpi.learn.view.trunk import FEATURES, Lite0, normalise
from kilpi.photos.view import VIEWS, View

Floats = NDArray[np.float32]

SCALE = 0.45  # brings the features' length to about 10, so that one weight decay suits them

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
    """(n, 224, 224, 3) uint8 RGB -> (n, 14) shares of `VIEWS`, which add up to 1."""

    def __init__(self, pretrained: bool = True) -> None:
        super().__init__()
        self.trunk = Lite0(pretrained)
        self.head = nn.Linear(FEATURES, len(VIEWS))
        self.register_buffer("temperature", torch.ones(()))
        self.temperature: Tensor

    def features(self, pixels: Tensor) -> Tensor:
        """(n, h, w, 3) uint8 RGB -> (n, 1280)."""
        return self.trunk.maps(normalise(pixels)).mean(dim=(2, 3))

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        logits: Tensor = self.head(self.features(pixels) * SCALE)
        return torch.softmax(logits / self.temperature, dim=1)


def knowledge(trunk: Lite0, strength: float) -> Tensor:
    """(14, 1280): for each view the mean of its ImageNet classes' weights, times `strength`."""
    rows = [
        trunk._fc.weight[list(CLASSES_OF[view])].mean(dim=0) if view in CLASSES_OF else torch.zeros(FEATURES)
        for view in VIEWS
    ]
    return torch.stack(rows) * (strength / SCALE)


def fit_head(
    features: Floats, targets: Floats, start: Tensor, decay: float, steps: int = 150
) -> tuple[Tensor, Tensor]:
    """The layer's weight (14, 1280) and bias (14,) with the least cross-entropy; all views weigh alike.

    `features` (n, 1280) as the trunk gives them, `targets` (n, 14) shares. `decay` pulls towards `start`.
    """
    x = torch.from_numpy(features.astype(np.float32) * np.float32(SCALE))
    t = torch.from_numpy(targets.astype(np.float32))
    each = (t / t.sum(dim=0).clamp(min=1)).sum(dim=1)
    each = each / each.sum()
    weight, bias = start.clone().requires_grad_(), torch.zeros(len(start), requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=steps, history_size=20, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        gap = -(each * (t * torch.log_softmax(x @ weight.T + bias, dim=1)).sum(dim=1)).sum()
        total: Tensor = gap + decay * ((weight - start) ** 2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)
    return weight.detach(), bias.detach()
