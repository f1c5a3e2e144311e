"""kilpi train …: a network from labels; --minutes is the one dial. Needs the extra kilpi[train]."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output
from kilpi.cli.options import Device, From, Images, Json, LabelFiles, Minutes, Resume, RunFolder, folders
from kilpi.errors import MissingExtra


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    train = typer.Typer(help="Train a network on labelled photos.")
    train.command()(detector)
    train.command()(corners)
    train.command()(reader)
    train.command()(verifier)
    app.add_typer(train, name="train", no_args_is_help=True)


def detector(
    minutes: Minutes,
    labels: LabelFiles,
    images: Images = None,
    start_from: From = None,
    resume: Resume = None,
    seed: int = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Finds plates and their corners."""
    need_torch()
    from kilpi.learn.detector.train import train_detector

    run = train_detector(
        minutes, labels, folders(images), start_from=start_from, resume=resume,
        seed=seed, device=device, out=out,
    )  # fmt: skip
    tell(run.validation, run.weights, json)


def corners(
    minutes: Minutes,
    labels: LabelFiles,
    images: Images = None,
    start_from: From = None,
    resume: Resume = None,
    seed: int = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Places the corners of found plates on native pixels."""
    need_torch()
    from kilpi.learn.detector.train_corners import train_corners

    folder = train_corners(
        minutes, labels, folders(images), start_from=start_from, resume=resume,
        seed=seed, device=device, out=out,
    )  # fmt: skip
    tell({}, folder / "corners.onnx", json)


def reader(
    minutes: Minutes,
    labels: LabelFiles,
    images: Images = None,
    start_from: From = None,
    resume: Resume = None,
    seed: int = 0,
    device: Device = "auto",
    out: RunFolder = None,
    json: Json = False,
) -> None:
    """Reads straightened plates."""
    need_torch()
    from kilpi.learn.reader.train import train_reader

    run = train_reader(
        minutes, labels, folders(images), start_from=start_from, resume=resume,
        seed=seed, device=device, out=out,
    )  # fmt: skip
    tell(run.validation, run.weights, json)


def verifier(
    minutes: Minutes,
    labels: LabelFiles,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/verifier"),
    images: Images = None,
    precision: Annotated[float, typer.Option(help="Share of accepted reads that must be right.")] = 0.999,
    seed: int = 0,
    cars: Annotated[int, typer.Option(help="Test cars to compose; four more for each to learn from.")] = 4500,
    workers: Annotated[int, typer.Option(help="Processes that compose and read cars; 0: one a core.")] = 0,
    json: Json = False,
) -> None:
    """Tells how likely a read is right, and sets the threshold for a stated precision."""
    need_torch()
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


def tell(validation: Mapping[str, float], weights: Path, json: bool) -> None:
    """How well the network does on the photos kept back from training, and where it is."""
    told = [", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in validation.items())]
    text = "\n".join([*filter(None, told), f"wrote {weights}"])
    output.tell({"validation": dict(validation), "weights": str(weights)}, text, json)


def need_torch() -> None:
    """Raise MissingExtra where torch is not installed; found without importing it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("training needs torch; run: pip install 'kilpi[train]'")
