"""kilpi train …: a network from labels; --minutes is the one dial. Needs the extra kilpi[train]."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kilpi.cli import output
from kilpi.cli.options import (
    Device,
    From,
    Images,
    Json,
    LabelFiles,
    Minutes,
    Resume,
    RunFolder,
    Seed,
    Validation,
    folders,
    name_missing,
)
from kilpi.errors import MissingExtra
from kilpi.images import SUFFIXES
from kilpi.labels.record import read_labels
from kilpi.weights import folder_to_start_from

if TYPE_CHECKING:
    from kilpi.evaluation.before_after import BeforeAfter
    from kilpi.learn.detector.train import DetectorRun


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
    minutes: Minutes,
    labels: LabelFiles,
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
    val = with_photos(val or [])
    name_missing([*labels, *val], images)
    from kilpi.learn.detector.train import train_detector
    from kilpi.learn.session import Asked

    asked = Asked(minutes, labels, folders(images), start_from, resume, seed, device, out, val=val)
    run = train_detector(asked)
    compared = before_after(run, labels, images, val, start_from)
    value: dict[str, Any] = {"validation": run.validation, "weights": str(run.weights)}
    told = "no photo was kept back to measure on: give --val, or more photos"
    if compared is not None:
        value["compared"] = compared.as_dict()
        told = compared.text
    output.tell(value, f"{told}\nwrote {run.weights}\n{next_steps(run.folder, images)}", json)


def before_after(
    run: DetectorRun, labels: list[Path], images: Path | None, val: list[Path], start_from: str | None
) -> BeforeAfter | None:
    """The trained detector beside the one that it started from, or the shipped one; None without photos."""
    from kilpi.evaluation.before_after import compare_detectors, write_kept_back

    if not run.validation_photos:
        return None
    measured = val
    if not measured:
        measured = [write_kept_back(labels, folders(images), run.kept_back, run.folder / "kept-back.jsonl")]
    before = folder_to_start_from(start_from)
    return compare_detectors(measured, folders(images), before, run.folder)


def with_photos(val: list[Path]) -> list[Path]:
    """The files of --val that hold any; a split of few cars may leave one empty."""
    held = [path for path in val if read_labels(path)]
    for path in val:
        if path not in held:
            output.warn(f"{path}: holds no photos; a part of --labels is kept back to measure on instead")
    return held


def next_steps(folder: Path, images: Path | None) -> str:
    """The commands that go on from a trained detector."""
    where = f" --images {images}" if images else ""
    return (
        f"next: kilpi eval detector --labels TEST.jsonl{where} --weights {folder}\n"
        f"then: KILPI_WEIGHTS={folder} kilpi advert PHOTOS -o OUT"
    )


def corners(
    minutes: Minutes,
    labels: LabelFiles,
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
    val = with_photos(val or [])
    name_missing([*labels, *val], images)
    from kilpi.learn.detector.train_corners import train_corners
    from kilpi.learn.session import Asked

    asked = Asked(minutes, labels, folders(images), start_from, resume, seed, device, out, val=val)
    folder = train_corners(asked)
    tell({}, folder / "corners.onnx", json)


def reader(
    minutes: Minutes,
    labels: LabelFiles,
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
    val = with_photos(val or [])
    name_missing([*labels, *val], images)
    from kilpi.learn.reader.train import train_reader
    from kilpi.learn.session import Asked

    asked = Asked(minutes, labels, folders(images), start_from, resume, seed, device, out, val=val)
    run = train_reader(asked)
    tell(run.validation, run.weights, json)


def verifier(
    minutes: Minutes,
    labels: LabelFiles,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/verifier"),
    images: Images = None,
    precision: Annotated[float, typer.Option(help="Share of accepted reads that must be right.")] = 0.999,
    seed: Seed = 0,
    cars: Annotated[int, typer.Option(help="Test cars to compose; four more for each to learn from.")] = 4500,
    workers: Annotated[int, typer.Option(help="Processes that compose and read cars; 0: one a core.")] = 0,
    json: Json = False,
) -> None:
    """Tells how likely a read is right.

    And sets the threshold for a stated precision.
    """
    need_torch()
    name_missing(labels, images)
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
    drawn: Annotated[int, typer.Option(help="Pictures to draw of each view that no photo shows.")] = 730,
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
    parts: Annotated[int, typer.Option(help="How many times 1,600 crops are learnt from.")] = 20,
    workers: Annotated[int, typer.Option(help="Processes that make crops; 0: one a core.")] = 0,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/places"),
    json: Json = False,
) -> None:
    """Tells where a car wears its plate.

    Also where none is seen. The rest of the view network stays as it is.
    """
    need_torch()
    name_missing(labels, images)
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
    minutes: Minutes,
    labels: LabelFiles,
    images: Images = None,
    val: Validation = None,
    start_from: From = None,
    resume: Resume = None,
    parts: Annotated[int, typer.Option(help="How many times 4,000 plates are learnt from.")] = 18,
    workers: Annotated[int, typer.Option(help="Processes that draw plates; 0: one a core.")] = 0,
    seed: Seed = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Tells where a part of a plate's mark is hidden.

    By snow, stickers, a frame. Begins with the reader that ships.
    """
    need_torch()
    val = with_photos(val or [])
    name_missing([*labels, *val], images)
    from kilpi.learn.session import Asked
    from kilpi.learn.whole.train import train_whole

    processes = workers or os.cpu_count() or 1
    asked = Asked(
        minutes, labels, folders(images), start_from, resume, seed, device, out, workers=processes, val=val
    )
    run = train_whole(asked, parts)
    tell(run.validation, run.weights, json)


def tell(validation: Mapping[str, float], weights: Path, json: bool) -> None:
    """How well the network does on the photos kept back from training, and where it is."""
    told = [", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in validation.items())]
    text = "\n".join([*filter(None, told), f"wrote {weights}"])
    output.tell({"validation": dict(validation), "weights": str(weights)}, text, json)


def need_torch() -> None:
    """Raise MissingExtra where torch is not installed; found without importing it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("training needs torch; run: pip install 'kilpi[train]'")
