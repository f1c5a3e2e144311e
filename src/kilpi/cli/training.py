"""kilpi train …: a network from labels; --minutes is the one dial. Needs the extra kilpi[train]."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output
from kilpi.cli.options import (
    Device,
    From,
    Images,
    Json,
    LabelFiles,
    LabelFilesOrResumed,
    Minutes,
    MinutesOrResumed,
    Resume,
    RunFolder,
    Seed,
    Validation,
    folders,
    name_doubtful,
    sound_minutes,
)
from kilpi.cli.training_asked import told_how_to_go_on, what_was_asked
from kilpi.cli.training_told import tell, tell_detector, tell_reader
from kilpi.errors import MissingExtra, UsageError
from kilpi.images import SUFFIXES
from kilpi.weights import folder_to_start_from


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    train = typer.Typer(help="Train a network on labelled photos.")
    train.command()(detector)
    train.command()(corners)
    train.command()(reader)
    train.command()(verifier)
    train.command()(view)
    train.command()(places)
    train.command()(whole)
    app.add_typer(train, name="train", no_args_is_help=True)


def detector(
    minutes: MinutesOrResumed = None,
    labels: LabelFilesOrResumed = None,
    images: Images = None,
    val: Validation = None,
    start_from: From = None,
    resume: Resume = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Finds plates and their corners."""
    need_torch()
    from kilpi.learn.detector.train import train_detector

    asked = what_was_asked(minutes, labels, images, val, start_from, resume, seed, device, out)
    with told_how_to_go_on("detector"):
        run = train_detector(asked)
    tell_detector(run, asked, json)


def corners(
    minutes: MinutesOrResumed = None,
    labels: LabelFilesOrResumed = None,
    images: Images = None,
    val: Validation = None,
    start_from: From = None,
    resume: Resume = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Places the corners of found plates on native pixels."""
    need_torch()
    from kilpi.learn.detector.train_corners import train_corners

    asked = what_was_asked(minutes, labels, images, val, start_from, resume, seed, device, out)
    with told_how_to_go_on("corners"):
        run = train_corners(asked)
    tell(run.validation, run.weights, json)


def reader(
    minutes: MinutesOrResumed = None,
    labels: LabelFilesOrResumed = None,
    images: Images = None,
    val: Validation = None,
    start_from: From = None,
    resume: Resume = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Reads straightened plates."""
    need_torch()
    from kilpi.learn.reader.train import train_reader

    asked = what_was_asked(minutes, labels, images, val, start_from, resume, seed, device, out)
    with told_how_to_go_on("reader"):
        run = train_reader(asked)
    tell_reader(run, asked, json)


def verifier(
    minutes: Minutes,
    labels: LabelFiles,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/verifier"),
    images: Images = None,
    precision: Annotated[float, typer.Option(help="Share of accepted reads that must be right.")] = 0.999,
    seed: Seed = 0,
    cars: Annotated[
        int, typer.Option(min=1, help="Test cars to compose; four more for each to learn from.")
    ] = 4500,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that compose and read cars; 0: one a core.")
    ] = 0,
    json: Json = False,
) -> None:
    """Tells how likely a read is right.

    And sets the threshold for a stated precision.
    """
    need_torch()
    sound_minutes(minutes)
    if not 0 < precision < 1:
        raise UsageError("--precision must be between 0 and 1, like 0.999")
    name_doubtful(labels, folders(images))
    from kilpi.learn.verifier.train import Cars, train_verifier

    run = train_verifier(
        minutes, labels, out, folders(images), Cars.for_test(cars), precision, seed,
        workers=workers or os.cpu_count() or 1,
    )  # fmt: skip
    bar = f"{run.threshold.p:.4f}" if run.threshold else "none reaches it; more data is needed"
    value = {
        "reads": run.pairs, "wrong": run.wrong_pairs, "p": run.threshold.p if run.threshold else None,
        "weights": str(run.weights),
    }  # fmt: skip
    text = f"{run.pairs} reads, {run.wrong_pairs} of them wrong; threshold for {precision:.1%}: {bar}"
    output.tell(value, f"{text}\nwrote {run.weights}", json)


def view(
    labels: Annotated[Path, typer.Option("--labels", help="File of views (JSONL), see labels/README.md.")],
    images: Annotated[Path, typer.Option(envvar="KILPI_DATA", help="Folder of the labelled photos.")],
    drawn: Annotated[
        int, typer.Option(min=0, help="Pictures to draw of each view that no photo shows.")
    ] = 730,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/view"),
    json: Json = False,
) -> None:
    """Tells what a photo shows.

    A side of the car, its inside, a detail, a paper.
    """
    need_torch()
    from kilpi.learn.view.train import Plan, train_view

    photos = sorted(path for path in images.rglob("*") if path.suffix.lower() in SUFFIXES)
    run = train_view(labels, photos, out, Plan(drawn=drawn), seed)
    tell(run.validation, run.weights, json)


def places(
    labels: LabelFiles,
    images: Images = None,
    start_from: From = None,
    parts: Annotated[int, typer.Option(min=1, help="How many times 1,600 crops are learnt from.")] = 20,
    workers: Annotated[int, typer.Option(min=0, help="Processes that make crops; 0: one a core.")] = 0,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/places"),
    json: Json = False,
) -> None:
    """Tells where a car wears its plate.

    Also where none is seen. The rest of the view network stays as it is.
    """
    need_torch()
    name_doubtful(labels, folders(images))
    from kilpi.learn.view.places import Plan, train_places

    run = train_places(
        labels,
        folders(images),
        folder_to_start_from(start_from),
        out,
        Plan(parts),
        seed,
        workers=workers or os.cpu_count() or 1,
    )
    tell(run.validation, run.weights, json)


def whole(
    minutes: MinutesOrResumed = None,
    labels: LabelFilesOrResumed = None,
    images: Images = None,
    val: Validation = None,
    start_from: From = None,
    resume: Resume = None,
    parts: Annotated[int, typer.Option(min=1, help="How many times 4,000 plates are learnt from.")] = 18,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw plates; 0: one a core.")] = 0,
    seed: Seed = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Tells where a part of a plate's mark is hidden.

    By snow, stickers, a frame. Begins with the reader that ships.
    """
    need_torch()
    from kilpi.learn.whole.train import train_whole

    asked = what_was_asked(minutes, labels, images, val, start_from, resume, seed, device, out)
    asked = replace(asked, workers=workers or os.cpu_count() or 1)
    with told_how_to_go_on("whole"):
        run = train_whole(asked, parts)
    tell(run.validation, run.weights, json)


def need_torch() -> None:
    """Raise MissingExtra where torch is not installed; found without importing it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("training needs torch; run: pip install 'kilpi[train]'")
