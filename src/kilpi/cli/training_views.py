"""kilpi train view, places, orientation: the parts of the view network, each by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli.options import From, Images, Json, LabelFiles, Seed, folders, name_doubtful
from kilpi.cli.training_asked import need_torch
from kilpi.cli.training_told import tell
from kilpi.images import SUFFIXES
from kilpi.weights import folder_to_start_from


def add_verbs(train: typer.Typer) -> None:
    """Register this file's verbs."""
    train.command()(view)
    train.command()(places)
    train.command()(orientation)


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


def orientation(
    labels: LabelFiles,
    images: Images = None,
    start_from: From = None,
    parts: Annotated[int, typer.Option(min=1, help="How many times 1,600 crops are learnt from.")] = 6,
    workers: Annotated[int, typer.Option(min=0, help="Processes that make crops; 0: one a core.")] = 0,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/orientation"),
    json: Json = False,
) -> None:
    """Tells how a picture of a car lies.

    Upright, on its side, on its head. The rest of the view network stays as it is.
    """
    need_torch()
    name_doubtful(labels, folders(images))
    from kilpi.learn.view.orientation import Plan, train_orientation

    run = train_orientation(
        labels,
        folders(images),
        folder_to_start_from(start_from),
        out,
        Plan(parts),
        seed,
        workers=workers or os.cpu_count() or 1,
    )
    tell(run.validation, run.weights, json)
