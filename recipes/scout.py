"""Trains the scout further, on plates at any angle.

The scout (`plates/any_angle.py`) only suspects, so it learns from pictures that a detector sees too seldom:
nine in ten rolled by any angle, half from far to the side, plates from 12 pixels on, lamps before three in
ten of those that are drawn. Making a picture costs as much as learning from it, so each is learnt from three
times, turned by quarters and mirrored.

    python -m recipes.scout --minutes 60 --labels ... --images ... -o runs/scout
    python -m recipes.scout --export runs/scout --share 0.75 --labels ... -o runs/scout-75

`--export` writes what a run's last checkpoint has, also while it goes on; `--share` of it and the rest of the
shipped weights. Both write scout.onnx and its card.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from recipes.measure_turned import turn
from recipes.suspects import suspected
from torch import nn

from kilpi.labels.dataset import Scene
from kilpi.labels.warps import View, as_seen, mirror
from kilpi.learn.data_parallel import Batch
from kilpi.learn.detector.export import config_to_state, export_detector, load_shipped, make_card
from kilpi.learn.detector.net import DetectorNet, ExportedDetector
from kilpi.learn.detector.photometric import PlateSwapper
from kilpi.learn.detector.pictures import Mix, Pictures, batch_of, make_picture
from kilpi.learn.detector.train import BATCH, as_detector, step_loss
from kilpi.learn.hard_negatives import Clutter
from kilpi.learn.onnx_export import ship
from kilpi.learn.session import Asked, Session, load_all
from kilpi.learn.train import load_checkpoint, train
from kilpi.plates.detector import FIRST_SIDE, decode, fit_side, pad
from kilpi.weights import PACKAGED, find_weights, read_card

MIX = Mix(turned=0.9, oblique=0.5, smallest=12.0, widths=(13.0, 150.0), mosaic=0.35)
RATE = 7e-4
LIT = 0.3  # drawn plates with lamps before them
USES = 3  # of each picture
KEPT = 384  # pictures at hand: those of one batch are not learnt from in the next again

Rng = np.random.Generator


def quarter(view: View, turns: int) -> View:
    """A square view turned by quarter turns to the left, its plates told as they then are seen."""
    side = view.pixels.shape[0]

    def move(quads: np.ndarray) -> np.ndarray:
        for _ in range(turns):
            quads = np.stack([quads[..., 1], side - quads[..., 0]], axis=-1)
        return quads.astype(np.float32)

    pixels = np.ascontiguousarray(np.rot90(view.pixels, turns))
    return View(pixels, as_seen(move(view.quads)), view.exact, move(view.ignore))


class OftenTurned(Pictures):
    """As `Pictures`, but every picture comes USES times, each time turned and mirrored another way."""

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng([self.seed, 0])
        clutter = self.clutter = self.clutter or Clutter()
        kept: list[tuple[View, int]] = []
        fresh = 0  # to be made before the next batch
        while True:
            while len(kept) < 2 * BATCH or fresh > 0:
                made = make_picture(self.scenes, self.chances, self.mix, rng, self.retouch, clutter)
                kept.append((made, USES))
                fresh -= 1
            fresh = BATCH // USES + (len(kept) < KEPT)
            yield batch_of([self.take(kept, rng) for _ in range(self.batch)], self.mix.side)

    @staticmethod
    def take(kept: list[tuple[View, int]], rng: Rng) -> View:
        """One of the pictures at hand, another way round."""
        at = int(rng.integers(len(kept)))
        view, uses = kept[at]
        kept[at] = kept[-1]
        kept.pop()
        if uses > 1:
            kept.append((view, uses - 1))
        turns, mirrored = (0, False) if uses == USES else (int(rng.integers(4)), rng.random() < 0.5)
        if mirrored:
            flipped = mirror(view)
            view = replace(flipped, quads=as_seen(flipped.quads))
        return quarter(view, turns)


@torch.no_grad()
def held_out(net: DetectorNet, scenes: Sequence[Scene], level: float) -> dict[str, float]:
    """Of the plates of held-out photos at two angles each the share that is suspected at `level`, at 416
    pixels; and how much is suspected that is no labelled plate, a picture.
    """
    shipped, rng = ExportedDetector(net).eval(), np.random.default_rng(0)
    plates = hits = extra = pictures = 0
    for scene in scenes:
        for angle in rng.integers(0, 360, 2):
            pixels, matrix = turn(scene.view.pixels, int(angle))
            height, width = pixels.shape[:2]
            small = fit_side(pixels, FIRST_SIDE, width, height)
            scores, corners = shipped(torch.from_numpy(pad(small.pixels)))
            seen = [quad for quad, _ in decode(scores[0].numpy(), corners[0].numpy(), level)]
            true = [(q @ matrix[:, :2].T + matrix[:, 2]) * small.scale for q in scene.view.quads]
            found = sum(suspected(seen, quad) for quad in true)
            plates, hits, pictures = plates + len(true), hits + found, pictures + 1
            extra += max(0, len(seen) - found)
    return {"suspected": hits / max(plates, 1), "others_a_picture": extra / max(pictures, 1)}


def write(
    net: DetectorNet,
    folder: Path,
    scenes: Sequence[Scene],
    labels: Sequence[Path],
    level: float,
    about: Sequence[dict[str, object]],
) -> Path:
    """scout.onnx and its card; `about` is what was measured and how it was trained."""
    photos, start = [scene.view.pixels for scene in scenes], find_weights("scout", PACKAGED)
    path = export_detector(net, folder, "scout", photos, start)
    ship(make_card(path, net, {"score": level}, labels), path, *about)
    return path


def mixed(net: DetectorNet, other: DetectorNet, share: float) -> DetectorNet:
    """`share` of one net's weights and the rest of another's; the running means of the batch norms, too."""
    theirs = other.state_dict()
    both = {
        key: torch.lerp(theirs[key], value, share) if value.dtype.is_floating_point else value
        for key, value in net.state_dict().items()
    }
    net.load_state_dict(both)
    return net


def learn(wanted: argparse.Namespace, scenes: tuple[list[Scene], list[Scene]]) -> DetectorNet:
    """The shipped scout, trained on as the run folder notes."""
    asked = Asked(wanted.minutes, wanted.labels, wanted.images, "shipped", seed=wanted.seed, out=wanted.out)
    session, start = Session("scout", asked), load_shipped(name="scout")
    plan = session.plan({"net": config_to_state(start.config), "mix": str(MIX)}, (RATE, RATE))
    pictures = OftenTurned(scenes[0], BATCH, MIX, session.seed, PlateSwapper(lit=LIT))

    def measure(net: nn.Module) -> dict[str, float]:
        return held_out(as_detector(net), scenes[1], wanted.score)

    return as_detector(train(start, pictures, step_loss, plan, measure))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--score", type=float, default=0.15, help="least score, for the card")
    parser.add_argument("--export", type=Path, help="the folder of a run")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("-o", "--out", type=Path, required=True)
    wanted = parser.parse_args()
    scenes = load_all(wanted.labels, wanted.images)
    run = wanted.export or wanted.out
    before = read_card(find_weights("scout", PACKAGED)).sha256
    net = load_shipped(name="scout") if wanted.export else learn(wanted, scenes)
    state = load_checkpoint(run)
    if wanted.export:
        net.load_state_dict(state["average"])
        wanted.out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run / "curves.csv", wanted.out / "curves.csv")
        net = mixed(net, load_shipped(name="scout"), wanted.share)
    measured = {"n": len(scenes[1]), **held_out(net, scenes[1], wanted.score)}
    trained = {"minutes": round(state["seconds"] / 60, 1), "samples": state["samples"], "mix": asdict(MIX)}
    trained |= {"rate": RATE, "from": before, "share": wanted.share}
    print(write(net, wanted.out, scenes[0], wanted.labels, wanted.score, ({"validation": measured}, trained)))


if __name__ == "__main__":
    main()
