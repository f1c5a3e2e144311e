"""kilpi train …: a network from labels; --minutes is the one dial. Needs the extra kilpi[train]."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli.labels import Images, say
from kilpi.errors import MissingExtra
from kilpi.images import SUFFIXES

Minutes = Annotated[float, typer.Option(help="Wall time of the training; everything else follows from it.")]
Labels = Annotated[list[Path], typer.Option("--labels", help="Label file (JSONL); may be repeated.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Run folder; default: runs/<date>-<name>.")]
From = Annotated[str | None, typer.Option("--from", help="shipped, or a folder with weights, to start from.")]
Resume = Annotated[Path | None, typer.Option(help="Run folder of a training that was killed.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    train = typer.Typer(help="Train a network on labelled photos.")
    train.command()(detector)
    train.command()(corners)
    train.command()(reader)
    train.command()(verifier)
    train.command()(view)
    app.add_typer(train, name="train", no_args_is_help=True)


def detector(
    minutes: Minutes,
    labels: Labels,
    images: Images = None,
    start_from: From = None,
    resume: Resume = None,
    seed: int = 0,
    device: Device = "auto",
    out: Out = None,
) -> None:
    """Finds plates and their corners."""
    need_torch()
    from kilpi.learn.detector.train import train_detector

    run = train_detector(
        minutes, labels, [images] if images else [], start_from=start_from, resume=resume,
        seed=seed, device=device, out=out,
    )  # fmt: skip
    tell(run.validation, run.weights)


def corners(
    minutes: Minutes,
    labels: Labels,
    images: Images = None,
    start_from: From = None,
    resume: Resume = None,
    seed: int = 0,
    device: Device = "auto",
    out: Out = None,
) -> None:
    """Places the corners of found plates on native pixels."""
    need_torch()
    from kilpi.learn.detector.train_corners import train_corners

    folder = train_corners(
        minutes, labels, [images] if images else [], start_from=start_from, resume=resume,
        seed=seed, device=device, out=out,
    )  # fmt: skip
    say(f"wrote {folder / 'corners.onnx'}")


def reader(
    minutes: Minutes,
    labels: Labels,
    images: Images = None,
    start_from: From = None,
    resume: Resume = None,
    seed: int = 0,
    device: Device = "auto",
    out: Out = None,
) -> None:
    """Reads straightened plates."""
    need_torch()
    from kilpi.learn.reader.train import train_reader

    run = train_reader(
        minutes, labels, [images] if images else [], start_from=start_from, resume=resume,
        seed=seed, device=device, out=out,
    )  # fmt: skip
    tell(run.validation, run.weights)


def verifier(
    minutes: Minutes,
    labels: Labels,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/verifier"),
    images: Images = None,
    precision: Annotated[float, typer.Option(help="Share of accepted reads that must be right.")] = 0.999,
    seed: int = 0,
    cars: Annotated[int, typer.Option(help="Test cars to compose; four more for each to learn from.")] = 4500,
    workers: Annotated[int, typer.Option(help="Processes that compose and read cars; 0: one a core.")] = 0,
) -> None:
    """Tells how likely a read is right, and sets the threshold for a stated precision."""
    need_torch()
    from kilpi.learn.verifier.train import Cars, train_verifier

    run = train_verifier(
        minutes, labels, out, [images] if images else [], Cars.for_test(cars), precision, seed,
        workers=workers or os.cpu_count() or 1,
    )  # fmt: skip
    bar = f"{run.threshold.p:.4f}" if run.threshold else "none reaches it; more data is needed"
    say(f"{run.pairs} reads, {run.wrong_pairs} of them wrong; threshold for {precision:.1%}: {bar}")
    say(f"wrote {run.weights}")


def view(
    labels: Annotated[Path, typer.Option("--labels", help="File of views (JSONL), see labels/README.md.")],
    images: Annotated[Path, typer.Option("--images", help="Folder of the labelled photos.")],
    drawn: Annotated[int, typer.Option(help="Pictures to draw of each view that no photo shows.")] = 730,
    seed: int = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")] = Path("runs/view"),
) -> None:
    """Tells what a photo shows: a side of the car, its inside, a detail, a paper."""
    need_torch()
    from kilpi.learn.view.train import Plan, train_view

    photos = sorted(path for path in images.rglob("*") if path.suffix.lower() in SUFFIXES)
    run = train_view(labels, photos, out, Plan(drawn=drawn), seed)
    tell(run.validation, run.weights)


def tell(validation: Mapping[str, float], weights: Path) -> None:
    """How well the network does on the photos kept back from training, and where it is."""
    say(", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in validation.items()))
    say(f"wrote {weights}")


def need_torch() -> None:
    """Raise MissingExtra where torch is not installed; found without importing it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("training needs torch; run: pip install 'kilpi[train]'")
