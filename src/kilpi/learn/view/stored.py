"""The view network as it is stored: its layers back from an .onnx file, and from there into another net."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor

from kilpi.errors import WeightsError
from kilpi.learn.view.net import ViewNet
from kilpi.weights import PACKAGED, find_weights


def view_net(folder: Path, pretrained: bool = True) -> ViewNet:
    """The network of a folder, as it is trained further. Raises WeightsError."""
    path = find_weights("view", folder)
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    net = ViewNet(pretrained).eval()

    def numbers(name: str) -> Tensor:
        value = stored.get(f"net.{name}", stored.get(f"net.{name}.half"))
        if value is None:
            raise WeightsError(f"{path}: was not exported by this version; train from scratch")
        return torch.from_numpy(np.array(value, np.float32))

    for name in ("head", "ends"):
        set_layer(getattr(net, name), numbers(f"{name}.weight"), numbers(f"{name}.bias"))
    net.temperature.fill_(float(numbers("temperature")))
    if "net.places.answer.weight" not in stored and folder != PACKAGED:
        net.places.load_state_dict(view_net(PACKAGED, pretrained=False).places.state_dict())
        return net  # a network of an earlier version maps no places: what ships does
    net.places.load_state_dict({key: numbers(f"places.{key}") for key in net.places.state_dict()})
    return net


@torch.no_grad()
def set_layer(layer: torch.nn.Linear, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Gives a layer its numbers."""
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
