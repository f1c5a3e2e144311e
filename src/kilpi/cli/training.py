"""kilpi train …: a network from labels; --minutes is the one dial. Needs the extra kilpi[train]."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output, training_views
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
from kilpi.cli.training_asked import need_torch, told_how_to_go_on, what_was_asked
from kilpi.cli.training_told import tell, tell_detector, tell_reader
from kilpi.errors import UsageError


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    train = typer.Typer(help="Train a network on labelled photos.")
    train.command()(detector)
    train.command()(corners)
    train.command()(reader)
    train.command()(verifier)
    training_views.add_verbs(train)
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
