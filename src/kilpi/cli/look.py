"""kilpi look …: contact sheets, because data that nobody has looked at is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output
from kilpi.cli.labels import pictures_of, say
from kilpi.cli.options import Images, Json, LabelFile, Seed, Sheet, folders
from kilpi.cli.training_asked import need_torch
from kilpi.images import encode_png, open_photo

Count = Annotated[int, typer.Option(help="How many pictures.")]


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    look = typer.Typer(help="Contact sheets (PNG) of labels, plates, renders or mistakes.")
    look.command()(labels)
    look.command()(rectify)
    look.command()(synth)
    look.command()(errors)
    look.command()(augment)
    app.add_typer(look, name="look", no_args_is_help=True)


def labels(
    file: LabelFile,
    out: Sheet = Path("labels.png"),
    count: Annotated[int, typer.Option(help="How many photos.")] = 20,
    sample: Annotated[int, typer.Option(help="This many at random instead of the first ones.")] = 0,
    images: Images = None,
    json: Json = False,
) -> None:
    """Photos with boxes, corners and texts."""
    from kilpi.labels.look import look_labels
    from kilpi.labels.record import read_labels

    sheet = look_labels(read_labels(file), pictures_of(file, images), sample or count, sample > 0)
    output.write_picture(out, encode_png(sheet.pixels), json)
    if not output.wants_json(json):
        say(sheet.text)


def rectify(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo.")],
    out: Sheet = Path("rectify.png"),
    json: Json = False,
) -> None:
    """How one photo's plates are straightened, step by step."""
    from kilpi.plates.detector import PlateDetector
    from kilpi.plates.look import look_rectify

    opened = open_photo(photo)
    output.write_picture(out, encode_png(look_rectify(opened, PlateDetector.load())), json)


def synth(
    out: Sheet = Path("synth.png"),
    count: Count = 96,
    seed: Seed = 0,
    file: Annotated[list[Path] | None, typer.Option("--labels", help="Render into these photos.")] = None,
    images: Images = None,
    json: Json = False,
) -> None:
    """What the reader is trained on, with the truth under each plate."""
    from kilpi.learn.reader.sheets import look_synth

    output.write_picture(out, encode_png(look_synth(count, seed, file or [], folders(images))), json)


def errors(
    file: LabelFile,
    out: Sheet = Path("errors.png"),
    images: Images = None,
    json: Json = False,
) -> None:
    """Labelled plates that the reader misreads."""
    from kilpi.evaluation.reader import evaluate_reader
    from kilpi.evaluation.reader_sheets import look_errors

    done = evaluate_reader([file], folders(images))
    output.write_picture(out, encode_png(look_errors(done.results)), json)


def augment(
    file: Annotated[list[Path], typer.Option("--labels", help="Label file; may be repeated.")],
    out: Sheet = Path("augment.png"),
    images: Images = None,
    count: Count = 40,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """What the detector is trained on, with the true corners."""
    need_torch()
    from kilpi.learn.detector.augment_sheet import look_augment

    output.write_picture(out, encode_png(look_augment(file, folders(images), count, seed)), json)
