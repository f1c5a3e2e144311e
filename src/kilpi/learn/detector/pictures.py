"""What the detector is trained on: an endless stream of pictures made from a few hundred photos.

Each picture is a photo (or four) seen by another camera in another light, with plates swapped for rendered
ones where their corners are known, plates pasted where there were none, and decoys that are no plates. Some
are drawn from nothing: displays, dashboards, papers, walls, wheels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from kilpi.labels.dataset import Scene
from kilpi.labels.warps import OBLIQUE, SMALLEST, View, look_at, mirror, plain_view, tile
from kilpi.learn.data_parallel import Batch
from kilpi.learn.detector.heatmaps import draw_targets
from kilpi.learn.detector.shots import photograph, relight
from kilpi.learn.hard_negatives import Clutter, add_decoys

Rng = np.random.Generator
Retouch = Callable[[View, Rng], View]
"""Changes the plates of a view: swaps those with true corners, pastes new ones. The size stays."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How pictures are made; every number but pixels is a probability."""

    side: int = 320  # pixels of the square picture
    widths: tuple[float, float] = (17.0, 230.0)  # plate widths in the picture, log-uniform between
    mosaic: float = 0.2
    mirrored: float = 0.5
    retouched: float = 0.65
    decoys: float = 0.7
    elsewhere: float = 0.12  # look at a random place instead of at a plate
    drawn: float = 0.28  # no photo, but a drawn picture without a plate
    strewn: float = (
        0.45  # of the drawn pictures, into how many a plate may be pasted: else drawing told it all
    )
    large: float = 0.08  # the plate as large as the picture or larger
    turned: float = 0.11  # rolled by any angle
    oblique: float = OBLIQUE  # seen from up to 60 degrees to the side
    smallest: float = SMALLEST  # pixels; a plate narrower than that is to be ignored


MOST_DECOYS = 5
LARGE = (0.75, 1.8)  # widths of a large plate, of the picture's side


def make_view(scene: Scene, side: int, mix: Mix, rng: Rng, retouch: Retouch | None, clutter: Clutter) -> View:
    """One photo, or a drawn picture in its place, as one square view of `side` pixels."""
    drawn = rng.random() < mix.drawn
    view = plain_view(clutter.scene(rng)) if drawn else scene.view
    if rng.random() < mix.mirrored:
        view = mirror(view)
    if retouch is not None and rng.random() < (mix.strewn if drawn else mix.retouched):
        view = retouch(view, rng)
    if rng.random() < mix.decoys:
        taken = np.concatenate([view.quads, view.ignore])
        pixels = add_decoys(view.pixels, taken, rng, MOST_DECOYS, clutter.piece)
        view = replace(view, pixels=pixels)
    place, scale = aim(view, side, mix, rng)
    return look_at(view, place, scale, (side, side), rng, mix.turned, mix.oblique, mix.smallest)


def aim(view: View, side: int, mix: Mix, rng: Rng) -> tuple[np.ndarray, float]:
    """What to look at (2,), pixels, and how many output pixels to give each of its pixels."""
    height, width = view.pixels.shape[:2]
    least = 0.85 * side / max(width, height)
    if len(view.quads) == 0 or rng.random() < mix.elsewhere:
        scale = float(np.exp(rng.uniform(np.log(0.4), np.log(2.0)))) * side / max(width, height)
        place = (rng.random(2) * (width, height)).astype(np.float32)
        return place, float(np.clip(scale, least, 4.0))
    quad = view.quads[int(rng.integers(len(view.quads)))]
    wide = float(np.ptp(quad[:, 0]))
    if rng.random() < mix.large:
        return quad.mean(axis=0), float(min(side * rng.uniform(*LARGE) / wide, 10.0))
    low, high = np.log(mix.widths)
    scale = float(np.exp(rng.uniform(low, min(high, np.log(0.75 * side))))) / wide
    return quad.mean(axis=0), float(np.clip(scale, least, 4.0))


def make_picture(
    scenes: Sequence[Scene],
    chances: np.ndarray,
    mix: Mix,
    rng: Rng,
    retouch: Retouch | None,
    clutter: Clutter,
) -> View:
    """One training picture of (mix.side, mix.side) pixels."""

    def draw() -> Scene:
        return scenes[int(rng.choice(len(scenes), p=chances))]

    if rng.random() < mix.mosaic:
        view = tile([make_view(draw(), mix.side // 2, mix, rng, retouch, clutter) for _ in range(4)])
    else:
        view = make_view(draw(), mix.side, mix, rng, retouch, clutter)
    return replace(view, pixels=photograph(relight(view.pixels, rng), rng))


class Pictures(IterableDataset[Batch]):
    """Endless batches: pixels (n, s, s, 3) uint8, then heat, corners, weight, care of `heatmaps.Targets`."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        batch: int = 16,
        mix: Mix | None = None,
        seed: int = 0,
        retouch: Retouch | None = None,
    ) -> None:
        self.scenes, self.batch, self.mix = list(scenes), batch, mix or Mix()
        self.seed, self.retouch = seed, retouch
        shares = np.array([s.share for s in scenes], dtype=np.float64)
        self.chances = shares / shares.sum()
        self.clutter: Clutter | None = None  # made where it is used: a worker process makes its own

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        cv2.setNumThreads(1)
        while True:
            yield self.make_batch(rng)

    def make_batch(self, rng: Rng) -> Batch:
        """One batch; see the class."""
        clutter = self.clutter = self.clutter or Clutter()
        views = [
            make_picture(self.scenes, self.chances, self.mix, rng, self.retouch, clutter)
            for _ in range(self.batch)
        ]
        return batch_of(views, self.mix.side)


def batch_of(views: Sequence[View], side: int) -> Batch:
    """Square views of `side` pixels with their targets, as `Pictures` gives them."""
    targets = [draw_targets(v.quads, v.exact, v.ignore, side, side) for v in views]
    parts = [np.stack([v.pixels for v in views])]
    parts += [np.stack(column) for column in zip(*targets, strict=True)]
    return tuple(torch.from_numpy(part) for part in parts)


def stream(pictures: Pictures, workers: int = 1) -> DataLoader[Batch]:
    """The batches, made in `workers` processes beside the training (0: in the training itself)."""
    if workers == 0:
        return DataLoader(pictures, batch_size=None)
    # Spawned, not forked: OpenCV's and torch's threads do not survive a fork, and the worker would hang.
    return DataLoader(
        pictures, batch_size=None, num_workers=workers, prefetch_factor=6, multiprocessing_context="spawn"
    )
