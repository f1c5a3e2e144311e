"""Two studies of the reader, small enough for one core: other nets, and what each drawn addition brings.

    python -m recipes.reader_study nets --labels labels/train-world.jsonl labels/train-road.jsonl \
        --images PHOTOS --world data/world --sets TEST.jsonl --minutes 60 --out runs/reader-study
    python -m recipes.reader_study additions --before EIGHTH (all else alike)

`nets` trains the slot reader and the nets of `recipes/reader_nets.py` from chance, on the same drawn crops.
`additions` trains the reader of the folder `--before` further: once on plates drawn as before the ninth
training, and once more for each thing that it added; measured is the mean of the weights before and after.
The nets of a study learn in turns, one step each, so that all have the same processor time also on a machine
that does other work. All read with one look, raw text. What was drawn, trained or read lies in `--out` and is
not done again. `--world` is a folder of `recipes/world_set.py`, `--sets` are label files.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from recipes.reader_crops import (
    CropFile,
    Crops,
    draw_into,
    drawn_set,
    labelled_set,
    load_sources,
    world_set,
)
from recipes.reader_nets import WAYS, Read, Scores, Way, read_slots
from torch import Tensor, nn

from kilpi.evaluation.metrics import at_least, coverage_at, risk_areas
from kilpi.learn.data_parallel import Batch, Replicas
from kilpi.learn.onnx_export import check_answers, export, parameters, random_pixels
from kilpi.learn.reader.crop_pool import Recipe, Sources, country_names
from kilpi.learn.reader.crops import Wear
from kilpi.learn.reader.export import load_reader
from kilpi.learn.reader.marks import Blend, Marks
from kilpi.learn.reader.net import ReaderConfig
from kilpi.learn.reader.train import BATCH, FURTHER, as_reader, halfway, step_loss
from kilpi.learn.train import Plan, Run, seed_all
from kilpi.plates.reader import SHAPE

SEED = 5
AGREEMENT = 1e-3  # largest difference torch - ONNX Runtime of any score
SURE = 0.9  # of the weakest character: `kilpi.plates.reader.SURE`
PRECISION = 0.99
REPORTED = 50  # steps between two lines about how far a net is
ROUNDS, RUNS = 60, 3  # of the timing: nets in turn, runs of each
# Before the ninth training every plate was drawn as `Blend()` and `Wear()` say; it added these.
ADDITIONS = {
    "nothing": Recipe(Blend(), Wear()),
    "elsewhere": Recipe(Blend(world=0.55), Wear()),
    "letterforms": Recipe(Blend(), Wear(letterforms=0.2)),
    "trinkets": Recipe(Blend(), Wear(trinkets=0.12)),
    "phone": Recipe(Blend(), Wear(phone=0.25)),
    "angle": Recipe(Blend(), Wear(angle=62.0, loose=0.35)),
    "all": Recipe(),  # as the ninth's last leg: also more Nordic plates, and wider and less worn ones
}
BEFORE = "before"
Reads = dict[str, list[Read]]  # by test set
Loss = Callable[[nn.Module, Batch], Tensor]


class Study:
    """A folder, the photos (loaded when something must be drawn) and the test sets."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked, self.out = asked, Path(asked.out)
        self.sources: tuple[Sources, Sources] | None = None
        held = self.crops("held", asked.held, Recipe(real=0.0), 7, apart=True)
        self.sets = [drawn_set("held", held), world_set(asked.world)]
        self.sets += [labelled_set(path, asked.images, asked.most) for path in asked.sets]

    def crops(self, name: str, count: int, recipe: Recipe, seed: int, apart: bool = False) -> CropFile:
        """`count` crops drawn by a recipe, from the photos for training or those kept apart."""
        file = CropFile(self.out / "crops" / name, count, recipe)
        if int(file.made) >= count:
            return file
        if self.sources is None:
            self.sources = load_sources(self.asked.labels, self.asked.images)
        return draw_into(file, self.sources[apart], seed)

    def plan(self, rate: float) -> Plan:
        """One thread's, on the processor."""
        return Plan(self.asked.minutes, self.out, SEED, "cpu", rate)

    def learn(self, learners: Sequence[Learner]) -> dict[str, nn.Module]:
        """The averaged nets by name, trained together for `--minutes`, or as an earlier call trained them."""
        files = {each.name: self.out / f"{each.name}.pt" for each in learners}
        missing = [each for each in learners if not files[each.name].is_file()]
        train_in_turns(missing, self.asked.minutes)
        for each in missing:
            torch.save(each.run.average.net.state_dict(), files[each.name])
        for each in learners:
            each.run.average.net.load_state_dict(torch.load(files[each.name], weights_only=True))
        return {each.name: nn.Module.eval(each.run.average.net) for each in learners}

    def read(self, name: str, net: nn.Module, way: Callable[[Tensor], list[Read]]) -> Reads:
        """What the net reads of every set; kept in a file."""
        kept = self.out / f"{name}.json"
        told = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
        told |= {each.name: read_set(net, each, way) for each in self.sets if each.name not in told}
        kept.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        return {each.name: [Read(*read) for read in told[each.name]] for each in self.sets}


class Learner:
    """A net that learns in one thread, and the processor time that it has had."""

    def __init__(self, name: str, net: nn.Module, crops: CropFile, loss: Loss, plan: Plan) -> None:
        self.name, self.loss, self.run, self.spent = name, loss, Run(net, plan), 0.0
        self.run.replicas = Replicas(self.run.net, 1)
        self.batches = crops.in_turn(BATCH, SEED)

    def step(self, seconds: float) -> None:
        """One step; `seconds` of the plan's time are over."""
        begin = time.process_time()
        self.run.state.seconds = seconds
        loss = self.run.take_step(next(self.batches), self.loss)
        self.spent += time.process_time() - begin
        if self.run.state.step % REPORTED == 0:
            told = f"{self.spent:.0f} s, {self.run.state.samples} crops, loss {loss:.3f}"
            print(f"{seconds:.0f} s: {self.name} {told}", flush=True)


def train_in_turns(learners: Sequence[Learner], minutes: float) -> None:
    """Trains all for so long by the clock. Whose processor time is least has the next step, so that all have
    the same, whatever else the machine does; every learning rate has fallen to zero at the end.
    """
    begin = time.monotonic()
    while learners and (seconds := time.monotonic() - begin) < 60 * minutes:
        min(learners, key=lambda each: each.spent).step(seconds)
    for each in learners:
        print(f"{each.name}: {each.spent:.0f} s, {each.run.state.samples} crops in all", flush=True)


@torch.no_grad()
def read_set(net: nn.Module, tests: Crops, way: Callable[[Tensor], list[Read]]) -> list[Read]:
    """What the net reads, one look at each crop."""
    scores = nn.Module.eval(Scores(net))
    return [read for some in torch.split(tests.pixels, BATCH) for read in way(scores(some)[0])]


def nets(study: Study) -> None:
    """Trains, measures and times the nets, and prints the tables."""
    crops = study.crops("all", study.asked.drawn, Recipe(), 1)
    config, learners, reads = ReaderConfig(country_names(Marks())), [], dict[str, Reads]()
    ways = chosen_ways(study.asked.only)
    for way in ways:
        seed_all(SEED)
        learners.append(Learner(way.name, way.make(config), crops, way.loss, study.plan(way.rate)))
    learnt = study.learn(learners)
    for way in ways:
        reads[way.name] = study.read(way.name, learnt[way.name], way.read)
        print(f"{way.name}: {parameters(learnt[way.name])} parameters")
    print(table(study.sets, reads, WAYS[0].name))
    print(scores_table(study.sets, reads), flush=True)
    print(times({name: exported(net, study.out / f"{name}.onnx") for name, net in learnt.items()}))


def chosen_ways(only: list[str]) -> list[Way]:
    """The slot reader, and those asked for."""
    return [way for way in WAYS if way is WAYS[0] or not only or way.name in only]


def additions(study: Study) -> None:
    """Trains and measures a leg for every addition, and prints the tables."""
    before, learners = load_reader(study.asked.before), []
    for name, recipe in ADDITIONS.items():
        if study.asked.only and name not in study.asked.only:
            continue
        seed = 1 if name == "all" else 2  # of the crops that `nets` learns from, the first
        crops = study.crops(name, study.asked.drawn, recipe, seed)
        learners.append(
            Learner(f"leg-{name}", load_reader(study.asked.before), crops, step_loss, study.plan(FURTHER))
        )
    seed_all(SEED)
    learnt = study.learn(learners)
    reads = {BEFORE: study.read(BEFORE, before, read_slots)}
    for name, after in learnt.items():
        reads[name] = study.read(name, halfway(before, as_reader(after)), read_slots)
    for base in (BEFORE, "leg-nothing"):
        if base in reads:
            print(table(study.sets, reads, base), flush=True)


def exported(net: nn.Module, path: Path) -> Path:
    """The net as ONNX, answering as torch does. Raises WeightsError."""
    scores = nn.Module.eval(Scores(net.to("cpu")))
    tries = [random_pixels(n, *SHAPE) for n in (1, 3)]
    check = partial(check_answers, scores, inputs=tries, most=AGREEMENT)
    if path.is_file():
        return path
    return export(scores, random_pixels(2, *SHAPE), path, ["text", "countries", "two_rows"], check)


def times(files: dict[str, Path]) -> str:
    """Median and least processor time of one crop, ms, in ONNX Runtime with one thread; the nets in turn."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    sessions = {name: ort.InferenceSession(path, options) for name, path in files.items()}
    spent: dict[str, list[float]] = {name: [] for name in files}
    crop = random_pixels(1, *SHAPE).numpy()
    for _ in range(ROUNDS):
        for name, session in sessions.items():
            session.run(None, {"pixels": crop})
            begin = time.process_time()
            for _ in range(RUNS):
                session.run(None, {"pixels": crop})
            spent[name].append(1000 * (time.process_time() - begin) / RUNS)
    return "\n".join(f"{name}: {np.median(ms):.2f} ms ({min(ms):.2f})" for name, ms in spent.items())


def right(tests: Crops, reads: list[Read]) -> np.ndarray:
    """(n,) bool: the text is read exactly."""
    return np.array([read.text == text for read, text in zip(reads, tests.texts, strict=True)])


def p_of(won: int, lost: int) -> float:
    """The sign test: how likely is so uneven a split, either way, where both are as likely."""
    return min(1.0, 2 * at_least(max(won, lost), won + lost))


def table(sets: list[Crops], reads: dict[str, Reads], base: str) -> str:
    """Right of every set and part by name; won and lost against `base`, and p of the sign test."""
    lines = ["| | n | " + " | ".join(reads) + " |", "|---" * (2 + len(reads)) + "|"]
    for tests in sets:
        truth = {name: right(tests, those[tests.name]) for name, those in reads.items()}
        parts = list(dict.fromkeys(tests.parts))
        for part in [tests.name, *parts] if len(parts) > 1 else parts:
            mask = np.array([part in (tests.name, each) for each in tests.parts])
            cells = []
            for name, values in truth.items():
                won = int((values & ~truth[base] & mask).sum())
                lost = int((~values & truth[base] & mask).sum())
                against = "" if name == base else f" ({won}, {lost}; {p_of(won, lost):.2g})"
                cells.append(f"{int((values & mask).sum())}{against}")
            lines.append(f"| {part} | {int(mask.sum())} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def scores_table(sets: list[Crops], reads: dict[str, Reads]) -> str:
    """By net and set: read surely, of these wrong; what can be taken at `PRECISION`; AURC."""
    lines = [f"| | set | sure ({SURE}) | wrong | share at {PRECISION:.0%} | AURC |", "|---" * 6 + "|"]
    for name, those in reads.items():
        for tests in sets:
            truth = right(tests, those[tests.name])
            weakest = np.array([read.weakest for read in those[tests.name]])
            sure = weakest >= SURE
            told = f"{int(sure.sum())} | {int((sure & ~truth).sum())}"
            values = coverage_at(weakest, truth, PRECISION), risk_areas(weakest, truth)[0]
            lines.append(f"| {name} | {tests.name} | {told} | {values[0]:.1%} | {values[1]:.4f} |")
    return "\n".join(lines)


def main() -> None:
    """One of the two studies."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", choices=("nets", "additions"))
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="whose photos get plates")
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--sets", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=12.0, help="by the clock, all nets together")
    parser.add_argument("--drawn", type=int, default=50_000, help="training crops, each of the additions")
    parser.add_argument("--most", type=int, default=3200, help="plates of a label file, the first")
    parser.add_argument("--held", type=int, default=3000)
    parser.add_argument("--before", type=Path, help="the folder of the reader that the additions start from")
    parser.add_argument("--only", nargs="*", default=[], help="some nets or additions, by name")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    study = Study(asked)
    {"nets": nets, "additions": additions}[asked.study](study)


if __name__ == "__main__":
    main()
