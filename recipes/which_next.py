"""Which car next: how much an answer teaches when questions come in the queue's order, and when in none.

    python recipes/which_next.py --samples samples --seeds 6

Plates arrive as a dealer's photos show them: most ordinary, a part in a style that the shipped reader reads
badly (`learn/strange_style`), some so small or soiled that nobody reads them with ease. What the reader is
not sure of is asked. Of these questions n are answered, chosen by an order; the reader goes on from the
shipped weights with them, mixed with drawn plates, for the same number of steps each time (all but its
convolutions, so that many trainings take minutes); then it reads fresh plates of the same kind. Prints after
each seed the mean gain by order, and how many labels a gain takes.
"""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from kilpi.cases.learning.teaching import is_random, rank, teaches
from kilpi.draw.plates import render_plate
from kilpi.geometry import UNIT, quad_size
from kilpi.grammar import load_grammars
from kilpi.labels.dataset import load_scenes
from kilpi.labels.warps import View
from kilpi.learn.department import mistyped
from kilpi.learn.drawn_test import drawn_views
from kilpi.learn.reader.crop_pool import Pool, Recipe
from kilpi.learn.reader.crops import Crop, Placed, Wear, age, cut, draw_crop, place
from kilpi.learn.reader.export import load_reader
from kilpi.learn.reader.loss import reader_loss
from kilpi.learn.reader.marks import Marks
from kilpi.learn.reader.net import ReaderNet, fold
from kilpi.learn.reader.train import texts_of
from kilpi.learn.strange_style import BARE, restyled
from kilpi.plates.reader import WIDTH, PlateReader
from kilpi.sharpness import plate_sharpness
from kilpi.types import Plate, Sighting
from kilpi.weights import PACKAGED

Rng = np.random.Generator
WEAR = Wear(widths=(40.0, 220.0), strength=0.75, loose=0.15)
STRANGE, SALT = 0.35, 0.4  # share of cars in the strange style, and how much salt
SURE = 0.9  # score of the weakest character below which a plate is asked about
ERRORS = 0.01  # of the answers
VARIANTS = 6  # cuts of every answered plate
REAL, BATCH, RATE = 0.4, 48, 1e-3
REHEARSED = 500  # drawn plates


@dataclass(frozen=True)
class Question:
    """One car's plate: as it lies in its photo, as the line saw it, and what it says."""

    name: str
    placed: Placed
    plate: Plate
    text: str
    country: str
    asked: bool


Order = Callable[[Question], float]
ORDERS: dict[str, Order] = {
    "queue": lambda q: rank(q.name, [q.plate]),
    "teaches": lambda q: -teaches(q.plate),
    "least sure": lambda q: weakest(q.plate),
}


def weakest(plate: Plate) -> float:
    """The score of the weakest character."""
    assert plate.reading is not None
    return min((slot[0].score for slot in plate.reading.slots), default=0.0)


def arrive(name: str, views: Sequence[View], reader: PlateReader, rng: Rng) -> Question:
    """One car."""
    grammars = load_grammars()
    sample = grammars.sample("FI" if rng.random() < 0.75 else "SE", rng, "ordinary")
    while set(sample.mark.compact) & set(BARE):
        sample = grammars.sample(str(sample.mark.country), rng, "ordinary")
    width = float(np.exp(rng.uniform(*np.log(WEAR.widths))))
    plate = render_plate(sample, rng, 96)
    if rng.random() < STRANGE:
        plate = restyled(plate, rng, SALT)
    placed = place(plate, UNIT, views[int(rng.integers(len(views)))], width, WEAR, rng)
    placed = Placed(
        age(placed.pixels, WEAR.strength * float(rng.beta(1.1, 1.6)), WEAR, rng), placed.quad, placed.boxes
    )
    pixels, _ = cut(placed, WEAR, rng)
    seen = Plate(
        name, Sighting(placed.quad, 0.9), reader.read([pixels])[0], (), (800, 600), plate_sharpness(pixels)
    )
    return Question(name, placed, seen, sample.mark.compact, str(sample.mark.country), weakest(seen) < SURE)


def cuts(question: Question, rng: Rng, count: int = VARIANTS) -> list[Crop]:
    """An answered plate as the reader learns it; one cut alone is for the test, and true."""
    text = mistyped(question.text, rng) if count > 1 and rng.random() < ERRORS else question.text
    width = quad_size(question.placed.quad)[0]
    made = [cut(question.placed, WEAR, rng) for _ in range(count)]
    return [Crop(pixels, text, question.country, 1, boxes[:0], width, 0.0) for pixels, boxes in made]


@dataclass(frozen=True)
class Seen:
    """Crops as the frozen convolutions answer them, with their truths (`Pool`)."""

    trunk: torch.Tensor
    strip: torch.Tensor
    truths: tuple[torch.Tensor, ...]

    def some(self, i: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """These crops."""
        return self.trunk[i], self.strip[i], *(one[i] for one in self.truths)


@torch.no_grad()
def see(net: ReaderNet, crops: Sequence[Crop]) -> Seen:
    """All crops through what is not trained here."""
    pool = Pool(Recipe(size=len(crops)), net.config.countries)
    for i, crop in enumerate(crops):
        pool.put(i, crop)
    parts = [pool.pixels[i : i + BATCH] for i in range(0, len(crops), BATCH)]
    trunk = torch.cat([net.trunk(fold(part[:, :, :WIDTH])) for part in parts])
    strip = torch.cat([net.see_strip(part) for part in parts])
    return Seen(
        trunk, strip, tuple(one.long() for one in (pool.slots, pool.columns, pool.country, pool.rows))
    )


def head_of(net: ReaderNet) -> ReaderNet:
    """A copy that begins after the convolutions; statistics of batches stay as they are."""
    head = copy.deepcopy(net).eval()
    head.trunk = torch.nn.Sequential()
    return head


def learnt(start: ReaderNet, answered: Seen, drawn: Seen, steps: int, seed: int) -> ReaderNet:
    """What follows the convolutions, after so many steps."""
    torch.manual_seed(seed)
    head, real = head_of(start), round(REAL * BATCH)
    optimiser = torch.optim.AdamW([p for n, p in head.named_parameters() if "strip" not in n], lr=RATE)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 5) * 0.5 * (1 + math.cos(math.pi * step / steps))
        mine = answered.some(torch.randint(len(answered.trunk), (real,)))
        rest = drawn.some(torch.randint(len(drawn.trunk), (BATCH - real,)))
        trunk, strip, *truths = (torch.cat(pair) for pair in zip(mine, rest, strict=True))
        optimiser.zero_grad()
        reader_loss(head.read(head.lines(trunk), strip), *truths).total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(head.parameters(), 10.0)
        optimiser.step()
    return head


@torch.no_grad()
def exact(head: ReaderNet, tested: Seen) -> float:
    """Per cent of plates read exactly."""
    right = 0
    for begin in range(0, len(tested.trunk), BATCH):
        i = torch.arange(begin, min(begin + BATCH, len(tested.trunk)))
        trunk, strip, slots, *_ = tested.some(i)
        told = head.read(head.lines(trunk), strip).slots.argmax(dim=2)
        right += sum(a == b for a, b in zip(texts_of(told), texts_of(slots), strict=True))
    return 100 * right / len(tested.trunk)


def needed(gains: Sequence[tuple[int, float]], wanted: float) -> str:
    """How many labels a gain takes, between the sizes that were tried in proportion."""
    before = (0, 0.0)
    for n, gain in gains:
        if gain >= wanted:
            return f"{before[0] + (n - before[0]) * (wanted - before[1]) / (gain - before[1]):.0f}"
        before = (n, gain)
    return f"> {before[0]}"


def main(
    samples: Annotated[Path, typer.Option()] = Path("samples"),
    seeds: int = 6,
    cars: Annotated[int, typer.Option(help="That arrive before each training.")] = 300,
    tested: Annotated[int, typer.Option(help="Fresh plates that are read afterwards.")] = 500,
    sizes: Annotated[str, typer.Option(help="How many answers, in turn.")] = "10,20,40,80",
    steps: int = 60,
) -> None:
    views = [s.view for s in load_scenes(samples / "labels.jsonl", side=800) if len(s.view.quads) == 1]
    reader, start = PlateReader.load(PACKAGED, 1), load_reader(PACKAGED)
    rng, marks, grounds = np.random.default_rng(77), Marks(), drawn_views(12, 5)
    drawn = see(start, [draw_crop(marks.draw(rng), grounds, Wear(), rng) for _ in range(REHEARSED)])
    fresh = [arrive(f"test {i}", views, reader, np.random.default_rng([1, i])) for i in range(tested)]
    test = see(start, [cuts(q, np.random.default_rng([9, i]), 1)[0] for i, q in enumerate(fresh)])
    before = exact(head_of(start), test)
    share = sum(q.asked for q in fresh) / tested
    print(f"before: {before:.1f} % of {tested} read exactly, {share:.0%} asked", flush=True)
    gains: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seed in range(seeds):
        chance = [np.random.default_rng([2, seed, i]) for i in range(cars)]
        come = [arrive(f"{seed} {i}", views, reader, rng) for i, rng in enumerate(chance)]
        asked = [q for q in come if q.asked]
        orders = {name: sorted(asked, key=order) for name, order in ORDERS.items()}
        orders["random"] = [asked[i] for i in np.random.default_rng([4, seed]).permutation(len(asked))]
        random = sum(is_random(q.name) for q in orders["queue"][:20])
        print(
            f"seed {seed}: {len(asked)} asked, of the queue's first 20 {random} of the random part",
            flush=True,
        )
        told = {q.name: see(start, cuts(q, np.random.default_rng([5, seed, i]))) for i, q in enumerate(asked)}
        for n in map(int, sizes.split(",")):
            for name, order in orders.items():
                mine = joined([told[q.name] for q in order[:n]])
                gains[name][n].append(exact(learnt(start, mine, drawn, steps, seed), test) - before)
        report(gains)


def joined(parts: Sequence[Seen]) -> Seen:
    """Several as one."""
    truths = tuple(torch.cat(each) for each in zip(*(part.truths for part in parts), strict=True))
    return Seen(torch.cat([part.trunk for part in parts]), torch.cat([part.strip for part in parts]), truths)


def report(gains: dict[str, dict[int, list[float]]]) -> None:
    """The mean gain and its standard error, by order and number of answers."""
    for name, by_size in gains.items():
        means = [(n, float(np.mean(values))) for n, values in by_size.items()]
        spread = {n: np.std(v, ddof=1) / math.sqrt(len(v)) if len(v) > 1 else 0.0 for n, v in by_size.items()}
        told = ", ".join(f"{n}: {mean:+.2f} ({spread[n]:.2f})" for n, mean in means)
        takes = ", ".join(f"+{points}: {needed(means, points)}" for points in (1, 2, 4))
        print(f"{name}: {told}; labels for {takes}", flush=True)


if __name__ == "__main__":
    typer.run(main)
