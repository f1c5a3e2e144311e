"""The view network as it is stored: its layers back from an .onnx file, and from there into another net."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kilpi.errors import WeightsError
from kilpi.learn.onnx_export import stored_weights
from kilpi.learn.view.net import ViewNet
from kilpi.weights import PACKAGED, find_weights

# What a network of an earlier version may lack, by the beginnings of the stored names.
LATER = ("net.places.", "net.orientation.")


def view_net(folder: Path, pretrained: bool = True) -> ViewNet:
    """The network of a folder, as it is trained further. Raises WeightsError."""
    path = find_weights("view", folder)
    stored = stored_weights(path)
    lacking = tuple(part for part in LATER if not any(name.startswith(part) for name in stored))
    if lacking:
        stored |= shipped(lacking)
    net = ViewNet(pretrained).eval()

    def numbers(name: str) -> Tensor:
        value = stored.get(f"net.{name}")
        if value is None:
            raise WeightsError(f"{path}: was not exported by this version; train from scratch")
        return torch.from_numpy(np.array(value, np.float32))

    for name in ("head", "ends", "places", "orientation"):
        part = getattr(net, name)
        part.load_state_dict({key: numbers(f"{name}.{key}") for key in part.state_dict()})
    net.temperature.fill_(float(numbers("temperature")))
    return net


def shipped(parts: tuple[str, ...]) -> dict[str, NDArray[np.float32]]:
    """Parts of the network that ships, by the stored names."""
    stored = stored_weights(find_weights("view", PACKAGED))
    return {name: value for name, value in stored.items() if name.startswith(parts)}


@torch.no_grad()
def set_layer(layer: torch.nn.Linear, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Gives a layer its numbers."""
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
