"""What a photo of a car shows: which side of it, or its inside, its instruments, a detail, a paper.

The network (`learn/view`) sees the photo at 224 pixels, squashed to a square, and gives every word a share. A
word is told where its group's share is large enough; else the view is unsure, which is an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.images import shrink_fast
from kilpi.photos.plate_place import places_of
from kilpi.ports import Viewer
from kilpi.types import GROUPS, VIEWS, Group, Photo, Pixels, View, ViewGuess
from kilpi.weights import Network, find_any, open_network

SIDE = 224  # pixels; the network's input is SIDE x SIDE
BATCH = 8  # photos a run: more at once gains no time on a CPU and takes memory


class ViewReader:
    """Tells what photos show, with the network that Kilpi trained. Implements `ports.Viewer`."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.least = network.card.thresholds.get("p", 0.5)

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 0) -> ViewReader:
        """Opens view.onnx of `folder`, by default of the weights in use. Raises WeightsError."""
        return cls(open_network("view", folder, threads))

    def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
        """Per photo what it shows."""
        return self.read_pixels([photo.pixels for photo in photos])

    def read_pixels(self, pictures: Sequence[Pixels]) -> list[ViewGuess]:
        """`read` for bare (h, w, 3) uint8 RGB pictures of any size, upright."""
        guesses: list[ViewGuess] = []
        for start in range(0, len(pictures), BATCH):
            batch = np.stack([squash(pixels) for pixels in pictures[start : start + BATCH]])
            shares, *maps = self.network.session.run(None, {"pixels": batch})
            for i, row in enumerate(shares):
                guess = guess_of(np.asarray(row, np.float64), self.least)
                guesses.append(with_maps(guess, [one[i] for one in maps]))
        return guesses


def with_maps(guess: ViewGuess, maps: Sequence[NDArray[np.float32]]) -> ViewGuess:
    """The guess with what else its network tells: the end, places of plates and their widths, how the picture
    lies; earlier ones tell less.
    """
    if maps:
        guess = replace(guess, end_map=tuple(tuple(map(float, line)) for line in maps[0]))
    if len(maps) > 2:
        guess = replace(guess, places=places_of(maps[1], maps[2]))
    if len(maps) > 3:
        guess = replace(guess, orientation=tuple(map(float, maps[3])))
    return guess


def views_of(photos: Sequence[Photo], viewer: Viewer) -> dict[str, ViewGuess]:
    """What each photo shows, by its id; a photo where the viewer fails is left out."""
    guesses: dict[str, ViewGuess] = {}
    for photo in photos:
        with suppress(Exception):
            guesses[photo.id] = viewer.read([photo])[0]
    return guesses


def default_viewer(threads: int = 0) -> ViewReader | None:
    """The view network in use; None where there is none: then the plate's place says what it can."""
    found = find_any("view")
    return ViewReader.load(found.parent, threads) if found else None


def squash(pixels: Pixels) -> Pixels:
    """The whole picture as (SIDE, SIDE, 3): its proportions are lost, nothing of it is."""
    if pixels.shape[:2] == (SIDE, SIDE):
        return pixels
    if min(pixels.shape[:2]) >= SIDE:
        return shrink_fast(pixels, SIDE, SIDE)
    return np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def group_shares(shares: NDArray[np.float64]) -> dict[Group, float]:
    """(14,) shares of `VIEWS` -> each group's."""
    sums: dict[Group, float] = {group: 0.0 for group in Group if group is not Group.UNSURE}
    for view, share in zip(VIEWS, shares, strict=True):
        sums[GROUPS[view]] += float(share)
    return sums


def guess_of(shares: NDArray[np.float64], least: float) -> ViewGuess:
    """(14,) shares -> the likeliest group's likeliest view, UNSURE where the group has less than `least`."""
    sums = group_shares(shares)
    group = max(sums, key=lambda one: sums[one])
    best = max((view for view in VIEWS if GROUPS[view] is group), key=lambda view: shares[VIEWS.index(view)])
    told = best if sums[group] >= least else View.UNSURE
    share = float(shares[VIEWS.index(best)])
    return ViewGuess(told, sums[group], share, best, tuple(float(value) for value in shares))
