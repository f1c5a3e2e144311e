"""The net that sharpens corners: a small picture of one plate and its surroundings in, four places out.

Finding a plate needs the whole photo at a low resolution; placing its corners to a hundredth of its width
needs a few thousand pixels around it. The four heat maps are turned into places by their expectation (soft
arg max), so that the answer is finer than a cell.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.geometry import (
    apply_homography,
    grow_quad,
    homography,
    is_convex,
    quad_from_array,
    quad_from_box,
    quad_size,
    quad_to_array,
)
from kilpi.images import warp_pixels
from kilpi.labels.warps import View, mirror, sort_out
from kilpi.learn.blocks import ConvUnit, Residual
from kilpi.learn.data_parallel import Batch
from kilpi.learn.detector.pictures import Pictures
from kilpi.learn.detector.shots import photograph, relight
from kilpi.plates.corners import MARGIN_X, MARGIN_Y, VIEW
from kilpi.types import Pixels, Quad

CELL = 4  # pixels per cell of the heat maps
SPREAD = 1.0  # cells, standard deviation of the target
WIDTHS = (16, 32, 64, 96)
NARROWEST, WIDEST = 20, 260  # pixels of a plate as it is met; smaller ones teach nothing, larger ones no more
ROOM = 2.0  # plate widths around a plate that are kept of its photo: what is done to a piece costs little
CROPS = 4  # made of each plate
PLACE_WEIGHT = 0.3

Rng = np.random.Generator


class CornerNet(nn.Module):
    """(n, 96, 192, 3) uint8 RGB -> (n, 8) corners tl, tr, br, bl as x, y in its pixels, float32."""

    def __init__(self, widths: tuple[int, int, int, int] = WIDTHS) -> None:
        super().__init__()
        w2, w4, w8, w16 = widths
        self.to4 = nn.Sequential(ConvUnit(3, w2, stride=2), ConvUnit(w2, w4, stride=2), Residual(w4))
        self.to8 = nn.Sequential(ConvUnit(w4, w8, stride=2), Residual(w8))
        self.to16 = nn.Sequential(ConvUnit(w8, w16, stride=2), Residual(w16))
        self.to32 = nn.Sequential(ConvUnit(w16, w16, stride=2), Residual(w16))
        self.side16, self.side8, self.side4 = (
            nn.Conv2d(w16, w8, 1),
            nn.Conv2d(w8, w8, 1),
            nn.Conv2d(w4, w4, 1),
        )
        self.side32 = nn.Conv2d(w16, w8, 1)
        self.smooth16, self.smooth8 = ConvUnit(w8, w8), ConvUnit(w8, w4)
        self.head = nn.Sequential(ConvUnit(w4, w4), nn.Conv2d(w4, 4, 1))

    def maps(self, pixels: Tensor) -> Tensor:
        """(n, 96, 192, 3) uint8 -> (n, 4, 24, 48) logits, one map a corner."""
        x = (pixels.permute(0, 3, 1, 2).to(torch.float32) - 127.0) / 128.0
        s4 = self.to4(x)
        s8 = self.to8(s4)
        s16 = self.to16(s8)
        s32 = self.to32(s16)
        p16 = self.smooth16(self.side16(s16) + F.interpolate(self.side32(s32), scale_factor=2.0))
        p8 = self.smooth8(self.side8(s8) + F.interpolate(p16, scale_factor=2.0))
        out: Tensor = self.head(self.side4(s4) + F.interpolate(p8, scale_factor=2.0))
        return out

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        return places(self.maps(pixels).float())


def places(maps: Tensor) -> Tensor:
    """Logits (n, 4, h, w) -> (n, 8) expected places in input pixels."""
    n, _, h, w = maps.shape
    share = torch.softmax(maps.reshape(n, 4, h * w), dim=2).reshape(n, 4, h, w)
    xs = (torch.arange(w, device=maps.device, dtype=torch.float32) + 0.5) * CELL
    ys = (torch.arange(h, device=maps.device, dtype=torch.float32) + 0.5) * CELL
    x, y = (share.sum(2) * xs).sum(2), (share.sum(3) * ys).sum(2)
    return torch.stack([x, y], dim=2).reshape(n, 8)


def corner_net_loss(net: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy with a Gaussian on every corner, and the distance of the expected places in pixels."""
    assert isinstance(net, CornerNet)
    pixels, corners = batch
    maps = net.maps(pixels).float()
    n, _, h, w = maps.shape
    xs = torch.arange(w, device=maps.device, dtype=torch.float32) + 0.5
    ys = torch.arange(h, device=maps.device, dtype=torch.float32) + 0.5
    x, y = corners[:, 0::2, None] / CELL, corners[:, 1::2, None] / CELL
    across = torch.softmax(-((xs - x) ** 2) / (2 * SPREAD**2), dim=2)
    down = torch.softmax(-((ys - y) ** 2) / (2 * SPREAD**2), dim=2)
    target = (down[:, :, :, None] * across[:, :, None, :]).reshape(n, 4, h * w)
    entropy = -(target * torch.log_softmax(maps.reshape(n, 4, h * w), dim=2)).sum(2).mean()
    return entropy + PLACE_WEIGHT * (places(maps) - corners).abs().mean()


class PlateCrops(Pictures):
    """Endless batches for `CornerNet`: pixels (n, 96, 192, 3) uint8 and corners (n, 8) float32."""

    def make_batch(self, rng: Rng) -> Batch:
        """One batch; only plates with true corners are used."""
        pixels: list[Pixels] = []
        corners: list[NDArray[np.float32]] = []
        while len(pixels) < self.batch:
            view = self.scenes[int(rng.choice(len(self.scenes), p=self.chances))].view
            shown = [quad for quad in view.quads[view.exact] if np.ptp(quad[:, 0]) >= NARROWEST]
            if not shown:
                continue
            view = piece(view, shown[int(rng.integers(len(shown)))], rng)
            if rng.random() < self.mix.mirrored:
                view = mirror(view)
            if self.retouch is not None and rng.random() < self.mix.retouched:
                view = self.retouch(view, rng)
            for quad, exact in zip(view.quads, view.exact, strict=True):
                if exact and np.ptp(quad[:, 0]) >= NARROWEST:
                    made = [crop(view, quad_from_array(quad), rng) for _ in range(CROPS)]
                    pixels += [c[0] for c in made if c is not None]
                    corners += [c[1] for c in made if c is not None]
        return tuple(torch.from_numpy(np.stack(part[: self.batch])) for part in (pixels, corners))


def piece(view: View, quad: NDArray[np.float32], rng: Rng) -> View:
    """The surroundings of one plate, at most as large as in the photo, and often much smaller."""
    native = float(np.ptp(quad[:, 0]))
    width = float(np.exp(rng.uniform(np.log(NARROWEST), np.log(min(native, WIDEST)))))
    h, w = view.pixels.shape[:2]
    low = np.maximum(quad.min(axis=0) - ROOM * native, 0).astype(int)
    high = np.minimum(quad.max(axis=0) + ROOM * native, (w, h)).astype(int) + 1
    pixels = view.pixels[low[1] : high[1], low[0] : high[0]]
    size = [max(2, round(side * width / native)) for side in pixels.shape[1::-1]]
    scale = np.array(size) / pixels.shape[1::-1]
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    moved = [((quads - low) * scale).astype(np.float32) for quads in (view.quads, view.ignore)]
    return sort_out(View(small, moved[0], view.exact, moved[1]), float(NARROWEST) - 1)


def crop(view: View, quad: Quad, rng: Rng) -> tuple[Pixels, NDArray[np.float32]] | None:
    """One plate as a detector may have seen it, roughly, and where its corners truly are in the crop."""
    seen = rough(quad, rng)
    if not is_convex(seen):
        return None
    outer = grow_quad(seen, MARGIN_X, MARGIN_Y)
    if not is_convex(outer):
        return None
    width, height = VIEW
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    corners = apply_homography(homography(quad_to_array(outer), frame), quad_to_array(quad))
    pixels = warp_pixels(view.pixels, outer, width, height)
    return photograph(relight(pixels, rng), rng), corners.reshape(8).astype(np.float32)


def rough(quad: Quad, rng: Rng) -> Quad:
    """A quad as wrong as a detector's: moved, scaled, bent; now and then the upright box around it."""
    if rng.random() < 0.3:
        quad = quad_from_box(quad.box)
    corners = quad_to_array(quad)
    size = np.array(quad_size(quad))
    amount = rng.uniform(0.05, 1.0)
    shift = rng.normal(0, amount, 2) * (0.06, 0.12)
    bend = rng.normal(0, amount, (4, 2)) * (0.05, 0.10)
    middle = corners.mean(axis=0)
    stretch = np.exp(rng.normal(0, amount, 2) * (0.08, 0.12))
    return quad_from_array(middle + (corners - middle) * stretch + (shift + bend) * size)


def only_exact(view: View) -> View:
    """The view with only those plates whose corners are true."""
    return replace(view, quads=view.quads[view.exact], exact=view.exact[view.exact])
