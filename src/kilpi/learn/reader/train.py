"""`kilpi train reader`: photos and grammars in, a run folder with reader.onnx, card and curves out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from kilpi.errors import LabelError
from kilpi.geometry import quad_from_array, quad_size, quad_to_array
from kilpi.grammar import ANY
from kilpi.images import open_photo
from kilpi.labels.dataset import Scene
from kilpi.labels.locate import located
from kilpi.learn.data_parallel import Batch
from kilpi.learn.eight_bits import spread
from kilpi.learn.onnx_export import ship
from kilpi.learn.reader.crop_pool import CODES, Filling, Pool, Recipe, Sources, country_names
from kilpi.learn.reader.crops import Crop, Placed, Wear, cut, draw_crop
from kilpi.learn.reader.export import (
    MEASURED,
    export_reader,
    load_reader,
    make_reader_card,
    reader_config,
)
from kilpi.learn.reader.loss import reader_loss
from kilpi.learn.reader.marks import Blend, Marks
from kilpi.learn.reader.net import ReaderConfig, ReaderNet
from kilpi.learn.session import Asked, Session, load_split
from kilpi.learn.train import asked_of, load_checkpoint, train
from kilpi.plates.alphabet import ALPHABET, BLANK, SLOTS
from kilpi.plates.reader import fit_crop
from kilpi.text import compact_mark
from kilpi.weights import folder_to_start_from

BATCH = 64
RATE = 3e-3
FURTHER = 2e-3  # learning rate of a training that starts from a trained net
CHECKED = 192  # held-out crops that every checkpoint is measured on
DECIDING = 3072  # held-out crops that say which net is exported: they differ by half a percent
VARIANTS = 12  # cuts of every real plate


@dataclass(frozen=True, slots=True)
class ReaderRun:
    """What a training left behind."""

    folder: Path
    weights: Path
    training_photos: int
    validation_photos: int
    real_plates: int
    validation: dict[str, float]
    drawn: int = 0  # plates drawn into the validation photos, which `validation` counts
    kept_back: frozenset[Path | None] = frozenset()  # the validation photos


def train_reader(asked: Asked, recipe: Recipe | None = None) -> ReaderRun:
    """Trains the reader on plates rendered into the photos of label files, and exports it.

    `asked.start_from` may also be the folder of an earlier run. Raises UsageError, LabelError, WeightsError.
    """
    session = Session("reader", asked)
    training, validation = load_photos(asked.labels, asked.images, asked.val)
    recipe, countries = recipe or Recipe(), country_names(Marks())
    net = starting_net(session.start_from, asked.resume, countries)
    rng = np.random.default_rng(asked.seed)
    real = real_crops(asked.labels, asked.images, {scene.file for scene in training}, rng)
    about = {"net": asdict(net.config), "training_photos": len(training), "real_crops": len(real)}
    plan = session.plan(about, (RATE, FURTHER), save_every_s=120.0)
    checked = held_out_crops(validation, CHECKED, seed=1)
    pool, sources = Pool(recipe, net.config.countries), Sources(tuple(s.view for s in training), tuple(real))
    with Filling(pool, sources, session.seed, asked.workers) as filling:
        batches = pool.batches(BATCH, asked.seed + session.done, filling.alive)
        trained = train(net, batches, step_loss, plan, lambda n: validate(as_reader(n), checked))
    nets = [as_reader(trained)]
    if session.start_from is not None:
        nets.append(halfway(starting_net(session.start_from, None, countries), nets[0]))
    return finish(nets, session, training, validation, real, recipe)


def halfway(before: ReaderNet, after: ReaderNet) -> ReaderNet:
    """The mean of a net's weights before and after a training.

    It often reads better than both: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".
    """
    mean = ReaderNet(after.config)
    old, new = before.state_dict(), after.state_dict()
    floating = [name for name, value in new.items() if value.dtype.is_floating_point]
    mean.load_state_dict(new | {name: (old[name] + new[name]) / 2 for name in floating})
    return nn.Module.eval(mean)


def as_reader(net: nn.Module) -> ReaderNet:
    """The net, typed."""
    assert isinstance(net, ReaderNet)
    return net


def step_loss(net: nn.Module, batch: Batch) -> Tensor:
    """The loss of one batch of `Pool`."""
    pixels, slots, columns, country, rows = batch
    return reader_loss(net(pixels), slots, columns, country, rows).total


def load_photos(
    labels: Sequence[Path], images: Sequence[Path], val: Sequence[Path] = ()
) -> tuple[list[Scene], list[Scene]]:
    """The photos that plates are put into, and those kept apart; a photo without a plate will do as well."""
    training, validation = load_split(labels, images, val)
    if not training or not validation:
        raise LabelError(
            "too few cars: the photos of some must be kept apart for measuring; give those of about 20,"
            " or others with --val"
        )
    return training, validation


def starting_net(start_from: str | Path | None, resume: Path | None, countries: tuple[str, ...]) -> ReaderNet:
    """A net by chance, as shipped, as an earlier run left it, or shaped as in the run that goes on."""
    if resume is not None:
        return ReaderNet(config_of(resume))
    if start_from is None:
        return ReaderNet(ReaderConfig(countries))
    folder = folder_to_start_from(start_from)
    if (folder / "last.pt").is_file():
        return from_run(folder)
    return load_reader(folder)


def from_run(folder: Path) -> ReaderNet:
    """The averaged net of a run's last checkpoint; the run may still be going on."""
    net = ReaderNet(config_of(folder))
    net.load_state_dict(load_checkpoint(folder)["average"])
    return nn.Module.eval(net)


def config_of(folder: Path) -> ReaderConfig:
    """The configuration that a run was started with. Raises UsageError where the folder is none."""
    return reader_config(asked_of(folder)["net"])


def real_crops(
    labels: Sequence[Path], images: Sequence[Path], files: Collection[Path | None], rng: np.random.Generator
) -> list[Crop]:
    """Cuts of the real plates whose text and corners are labelled, from these photos."""
    crops = []
    for path in labels:
        for record, file in located(path, images):
            known = [
                (p, text)
                for p in record.plates
                if p.quad is not None and p.mark and p.legible is not False and (text := usable(p.mark))
            ]
            if not known or file.resolve() not in files:
                continue
            photo = open_photo(file, target_side=4096)
            factor = photo.pixels.shape[1] / photo.width
            for plate, text in known:
                assert plate.quad is not None
                quad = quad_from_array(quad_to_array(plate.quad) * factor)
                placed = Placed(photo.pixels, quad, np.zeros((0, 4, 2)))
                country = plate.country or record.country or ""
                for _ in range(VARIANTS):
                    pixels, boxes = cut(placed, Wear(), rng)
                    crops.append(Crop(pixels, text, country, plate.rows, boxes, quad_size(quad)[0], 0.0))
    return crops


def usable(mark: str) -> str:
    """The mark's letters and digits, upper case; empty where the reader lacks a sign or a slot."""
    text = compact_mark(mark)
    return text if len(text) <= SLOTS and set(text) <= set(CODES) else ""


def held_out_crops(
    scenes: Sequence[Scene], count: int, seed: int, blend: Blend | None = None, wear: Wear | None = None
) -> list[Crop]:
    """Crops in photos that no gradient sees; the same for the same seed and photos."""
    rng, marks, wear = np.random.default_rng([seed, 77]), Marks(blend), wear or Wear()
    views = [scene.view for scene in scenes]
    return [draw_crop(marks.draw(rng), views, wear, rng) for _ in range(count)]


def deciding_crops(scenes: Sequence[Scene], recipe: Recipe) -> list[Crop]:
    """What says which net is exported: two thirds as they were for the trainings before, so that a net that
    forgets is found out, and a third of what this training draws.
    """
    new = held_out_crops(scenes, DECIDING // 2, 3, recipe.blend, recipe.wear)
    return held_out_crops(scenes, DECIDING, seed=2) + new


@torch.no_grad()
def validate(net: ReaderNet, crops: Sequence[Crop]) -> dict[str, float]:
    """Shares of held-out crops read exactly: all, of countries, of no country, in two rows; and countries
    named.
    """
    device = next(net.parameters()).device
    right: list[bool] = []
    named: list[bool] = []
    by_strip: list[bool] = []
    for begin in range(0, len(crops), BATCH):
        some = crops[begin : begin + BATCH]
        out = net(torch.from_numpy(np.stack([fit_crop(crop.pixels) for crop in some])).to(device))
        texts = texts_of(out.slots.argmax(dim=2).cpu())
        right += [text == crop.text for text, crop in zip(texts, some, strict=True)]
        countries = [net.config.countries[i] for i in out.country.argmax(dim=1).tolist()]
        named += [code == crop.country for code, crop in zip(countries, some, strict=True)]
        countries = [net.config.countries[i] for i in out.strip.argmax(dim=1).tolist()]
        by_strip += [code == crop.country for code, crop in zip(countries, some, strict=True)]

    def share(kept: list[bool], values: list[bool]) -> float:
        chosen = [v for v, k in zip(values, kept, strict=True) if k]
        return float(np.mean(chosen)) if chosen else 0.0

    return {
        "exact": share([True] * len(crops), right),
        "exact_of_countries": share([c.country != ANY for c in crops], right),
        "exact_of_none": share([c.country == ANY for c in crops], right),
        "exact_two_rows": share([c.rows == 2 for c in crops], right),
        "country": share([True] * len(crops), named),
        "country_by_strip": share([True] * len(crops), by_strip),
    }


def texts_of(codes: Tensor) -> list[str]:
    """(n, SLOTS) classes -> texts, blanks dropped."""
    return ["".join(ALPHABET[c] for c in row if c != BLANK) for row in codes.tolist()]


def finish(
    nets: Sequence[ReaderNet],
    session: Session,
    training: Sequence[Scene],
    validation: Sequence[Scene],
    real: Sequence[Crop],
    recipe: Recipe,
) -> ReaderRun:
    """Exports the net that reads most of the held-out `deciding_crops`, with its card."""
    crops = deciding_crops(validation, recipe)
    measured, net = max(((validate(net, crops), net) for net in nets), key=lambda pair: pair[0]["exact"])
    seen = [fit_crop(crop.pixels) for crop in spread([*crops, *real], MEASURED)]
    path = export_reader(net, session.folder, crops=seen, start=session.started_from)
    card = make_reader_card(path, net, session.asked.labels)
    metrics = {"validation": {"n": len(crops), **measured}}
    training_data = {
        "minutes": session.asked.minutes, "training_photos": len(training), "real_crops": len(real),
        "halfway": net is not nets[0],
    }  # fmt: skip
    ship(card, path, metrics, training_data)
    kept_back = frozenset(scene.file for scene in validation)
    counts = len(training), len(validation), len(real)
    return ReaderRun(session.folder, path, *counts, measured, len(crops), kept_back)
