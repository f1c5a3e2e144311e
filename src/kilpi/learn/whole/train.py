"""`kilpi train whole`: photos and grammars in, a run folder with whole.onnx, its card and curves out.

Examples are drawn first, part by part, in processes of their own, and kept in the run's folder; then they are
learnt from for the minutes that were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.hashing import sha256_hex
from kilpi.learn.data_parallel import Batch
from kilpi.learn.onnx_export import ship
from kilpi.learn.parts import gather
from kilpi.learn.reader.crop_pool import vary
from kilpi.learn.reader.export import load_reader
from kilpi.learn.reader.train import load_photos
from kilpi.learn.session import Asked, Session
from kilpi.learn.train import train
from kilpi.learn.whole.examples import HIDDEN, NOTHING, UNASKED, Examples, Sources
from kilpi.learn.whole.export import export_whole, load_whole, make_whole_card
from kilpi.learn.whole.net import WholeNet, from_reader
from kilpi.learn.whole.real_plates import real_plates

BATCH = 64
RATE, FURTHER = 2e-3, 1e-3  # learning rates from the reader, and from a network of this kind
EACH = 4000  # examples a part
CHECKED = 1000  # examples from photos that nothing was learnt from
SEEDS = 1000  # parts of a run at most, each with a seed of its own; the last is for what is measured
ROOMS = 0.5  # how much what is above letters counts
FEW = 0.02  # share of plates without a cover that may be doubted, where the rest is measured


@dataclass(frozen=True, slots=True)
class WholeRun:
    """What a training left behind."""

    folder: Path
    weights: Path
    validation: dict[str, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """n examples: pixels (n, HEIGHT, WIDTH, 3) uint8, `ink` and `room` (n, TOKENS) int8."""

    pixels: Tensor
    ink: Tensor
    room: Tensor


def train_whole(asked: Asked, parts: int = 18) -> WholeRun:
    """Trains the network on `parts` times EACH plates, and exports it. Raises UsageError, LabelError,
    WeightsError.
    """
    session = Session("whole", asked)
    training, validation = load_photos(asked.labels, asked.images, asked.val)
    real = real_plates(asked.labels, asked.images, {scene.name for scene in training}, asked.seed)
    learnt = Sources(tuple(s.view for s in training), tuple(real))
    apart = Sources(tuple(s.view for s in validation))
    net = load_whole(session.start_from) if session.start_from else from_reader(load_reader())
    about = {
        "net": asdict(net.config),
        "training_photos": len(training),
        "real_crops": len(real),
        "parts": parts,
    }
    plan = session.plan(about, (RATE, FURTHER), save_every_s=120.0)
    seen = parts_of(learnt, parts, asked.seed, session.folder, asked.workers)
    checked = make(apart, CHECKED, asked.seed * SEEDS + SEEDS - 1)
    trained = train(net, batches(seen, asked.seed), step_loss, plan, lambda n: measure(n, checked))
    assert isinstance(trained, WholeNet)
    measured = measure(trained, checked)
    path = export_whole(trained, session.folder)
    ship(
        make_whole_card(path, trained, asked.labels), path, {"validation": {"n": CHECKED, **measured}},
        {"minutes": asked.minutes, **{k: v for k, v in about.items() if k != "net"}},
    )  # fmt: skip
    return WholeRun(session.folder, path, measured)


def parts_of(sources: Sources, parts: int, seed: int, out: Path, workers: int) -> Seen:
    """All parts; those that lie in `out` already are taken from there."""
    made = sha256_hex(f"{seed} {EACH} {len(sources.views)} {len(sources.real)}".encode())[:8]
    files = [out / f"whole-{made}-{i:03d}.npz" for i in range(parts)]
    return gather(Seen, files, partial(make_part, sources, seed), workers)


def make_part(sources: Sources, seed: int, part: int) -> Seen:
    """One part of a run with this seed."""
    return make(sources, EACH, seed * SEEDS + part)


def make(sources: Sources, count: int, seed: int) -> Seen:
    """The first examples of a seed."""
    some = list(islice(Examples(sources, seed), count))
    return Seen(*(torch.from_numpy(np.stack(part)) for part in zip(*some, strict=True)))


def batches(seen: Seen, seed: int) -> Iterator[Batch]:
    """Endless batches: every example once an epoch, each time in another light and cut."""
    rng, count = np.random.default_rng([seed, 5]), len(seen.pixels)
    while True:
        order = torch.from_numpy(rng.permutation(count))
        for begin in range(0, count - BATCH + 1, BATCH):
            rows = order[begin : begin + BATCH]
            yield vary(seen.pixels[rows], rng), seen.ink[rows].float(), seen.room[rows].float()


def step_loss(net: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of what was asked, of characters and of the room above letters."""
    pixels, ink, room = batch
    odds = net(pixels).float()
    return asked_loss(odds[..., 0], ink) + ROOMS * asked_loss(odds[..., 1], room)


def asked_loss(odds: Tensor, wanted: Tensor) -> Tensor:
    """The mean cross entropy where something is asked."""
    asked = (wanted != UNASKED).float()
    each = F.binary_cross_entropy_with_logits(odds, wanted.clamp(min=0), reduction="none") * asked
    return each.sum() / asked.sum().clamp(min=1)


@torch.no_grad()
def measure(net: nn.Module, seen: Seen) -> dict[str, float]:
    """How many plates with something hidden are told where FEW of those without are doubted, by the highest
    score of a plate; and of letters by the room above them.
    """
    odds = torch.cat([net(seen.pixels[i : i + BATCH]).float() for i in range(0, len(seen.pixels), BATCH)])
    asked = odds[..., 0].masked_fill(seen.ink == UNASKED, -20).amax(dim=1)
    hidden = (seen.ink == HIDDEN).any(dim=1)
    clear = ~hidden & (seen.ink != UNASKED).all(dim=1)
    letters = seen.room != UNASKED
    rooms, wanted = odds[..., 1][letters], seen.room[letters]
    return {
        "plates_told": told(asked[clear], asked[hidden]),
        "rooms_told": told(rooms[wanted == NOTHING], rooms[wanted == HIDDEN]),
    }


def told(without: Tensor, having: Tensor) -> float:
    """The part of `having` above what all but FEW of `without` stay below."""
    if not len(without) or not len(having):
        return 0.0
    return float((having > torch.quantile(without, 1 - FEW)).float().mean())
