"""Sharpens the corners of sightings with a small network that looks at each plate by itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist
from pathlib import Path

import numpy as np

from kilpi.geometry import (
    apply_homography,
    grow_quad,
    homography,
    is_convex,
    quad_from_array,
    quad_iou,
    quad_size,
    quad_to_array,
)
from kilpi.images import warp_pixels
from kilpi.types import Photo, Quad, Sighting
from kilpi.weights import Network, open_network

VIEW = (192, 96)  # width and height of what the network is shown, pixels
MARGIN_X, MARGIN_Y = 0.3, 0.45  # of the plate's size, seen on every side
FAR = 0.07  # of the plate's width: where a corner moved further, a second look is straighter (recipes/LOG.md)
OVERLAPS = 0.1  # IoU from which a sighting is of the plate whose corners a person gave
SAME = 0.3  # IoU below which the answer cannot be the same plate


class CornerFinder:
    """Moves the corners of sightings onto the plates' own corners."""

    def __init__(self, network: Network) -> None:
        """`network` is an opened corners.onnx."""
        self.network = network

    @classmethod
    def load(cls, weights: Path | None = None, threads: int = 0) -> CornerFinder:
        """Opens corners.onnx of a folder (default as in `kilpi.weights`). Raises WeightsError."""
        return cls(open_network("corners", weights, threads))

    def sharpen(self, photo: Photo, sightings: Sequence[Sighting]) -> list[Sighting]:
        """The same sightings, in their order, with sharper corners in native pixels; scores stay."""
        seen = self.look(photo, sightings)
        far = [
            i for i, (s, was) in enumerate(zip(seen, sightings, strict=True)) if moved_far(was.quad, s.quad)
        ]
        for i, again in zip(far, self.look(photo, [seen[i] for i in far]), strict=True):
            seen[i] = again
        return seen

    def look(self, photo: Photo, sightings: Sequence[Sighting]) -> list[Sighting]:
        """One pass of `sharpen`."""
        if not sightings:
            return []
        scale = photo.pixels.shape[1] / photo.width, photo.pixels.shape[0] / photo.height
        outer = [grow_quad(s.quad, MARGIN_X, MARGIN_Y) for s in sightings]
        usable = [is_convex(s.quad) and is_convex(o) for s, o in zip(sightings, outer, strict=True)]
        crops = [
            warp_pixels(photo.pixels, quad_from_array(quad_to_array(o) * scale), *VIEW)
            for o, good in zip(outer, usable, strict=True)
            if good
        ]
        if not crops:
            return list(sightings)
        found = iter(self.network.session.run(None, {"pixels": np.stack(crops)})[0].reshape(-1, 4, 2))
        return [
            Sighting(moved(s.quad, o, next(found)), s.score) if good else s
            for s, o, good in zip(sightings, outer, usable, strict=True)
        ]


def moved_far(was: Quad, now: Quad) -> bool:
    """Whether a corner came to lie further than `FAR` from where it was."""
    return max(dist(a, b) for a, b in zip(was, now, strict=True)) > FAR * quad_size(was)[0]


def moved(quad: Quad, outer: Quad, corners: np.ndarray) -> Quad:
    """Corners (4, 2) in `VIEW` pixels of the crop `outer`, as a quad; the old one where they are no quad."""
    width, height = VIEW
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    new = quad_from_array(apply_homography(homography(frame, quad_to_array(outer)), corners))
    return new if is_convex(new) and quad_iou(new, quad) >= SAME else quad


def corrected(found: Sequence[Sighting], said: Quad | None) -> list[Sighting]:
    """A photo's sightings with the corners that a person gave in the place of any that they overlap."""
    if said is None:
        return list(found)
    others = [one for one in found if quad_iou(one.quad, said) < OVERLAPS]
    return [Sighting(said, 1.0), *others]
