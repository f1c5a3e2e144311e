"""kilpi labels …: a customer's own labelled photos in, checked, split, resized and out again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cases.learning.label_files import labels_folder
from kilpi.cases.learning.labelling import as_data, collect, write_from_cases
from kilpi.cases.learning.view_labels import collect_views, write_views
from kilpi.cli import output
from kilpi.cli.cases import opened
from kilpi.cli.options import DataFolder, Json, name_missing
from kilpi.errors import LabelError
from kilpi.labels.check import check_labels, fits_grammar
from kilpi.labels.exporting import CANNOT_HOLD, export_labels
from kilpi.labels.importing import import_labels
from kilpi.labels.locate import Pictures, label_folders
from kilpi.labels.record import read_labels, write_labels
from kilpi.labels.resize import label_arrays, parse_size, resize_labels, write_arrays
from kilpi.labels.split import earlier_split, parse_ratio, split_labels, write_split
from kilpi.labels.stats import label_stats
from kilpi.text import counted

app = typer.Typer(help="Labelled photos: import, look, check, split, resize, export.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="LABELS", help="A label file (JSONL).")]
Files = Annotated[list[Path], typer.Argument(metavar="LABELS", help="Label files (JSONL), or folders.")]
Images = Annotated[
    Path | None, typer.Option(envvar="KILPI_DATA", help="Folder of the photos, if not beside the labels.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where the result goes.")]
Size = Annotated[str, typer.Option(metavar="W[xH]", help="Pixels, like 640 or 640x480.")]
Classes = Annotated[
    list[str] | None,
    typer.Option("--class", metavar="NAME", help="A class that is plates, where the labels hold others too."),
]
Letterbox = Annotated[bool, typer.Option("--letterbox", help="Keep proportions, fill the rest with grey.")]


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE", help="Label files, or folders of them.")],
    out: Out,
    images: Images = None,
    classes: Classes = None,
    json: Json = False,
) -> None:
    """Labels of any ImgLab format -> one label file.

    dlib XML or pts, VOC, COCO, YOLO, TensorFlow.
    """
    imported = import_labels(paths, out, [images] if images else [], classes or ())
    if imported.records:
        write_labels(out, imported.records)
        imported_to = f"wrote {out}"
    else:
        imported_to = "nothing was written"
    tell(json, f"{imported.text}\n{imported_to}")
    if imported.refused or not imported.records:
        raise typer.Exit(LabelError.exit_code)


@app.command("export")
def export(
    labels: File,
    to: Annotated[str, typer.Option(help=", ".join(CANNOT_HOLD))],
    out: Out,
    images: Images = None,
    json: Json = False,
) -> None:
    """A label file -> another program's format.

    And what that cannot hold.
    """
    name_missing([labels], images)
    tell(json, export_labels(read_labels(labels), to, out, pictures_of(labels, images)).text)


@app.command("check")
def check(labels: Files, images: Images = None, json: Json = False) -> None:
    """What is wrong with labels.

    Bad quads, missing pictures, unknown marks, doubles, cars on both sides of a split.
    """
    labels = label_files(labels)
    folders = [folder for file in labels for folder in label_folders(file, images)]
    files = {str(file): read_labels(file) for file in labels}
    checked = check_labels(files, Pictures(folders), fits_grammar)
    tell(json, checked.text)
    if not checked.passed:
        raise typer.Exit(LabelError.exit_code)


@app.command("from-cases")
def from_cases(
    data: DataFolder = Path("out"),
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only answers since this day.")
    ] = None,
    json: Json = False,
) -> None:
    """What people answered -> DATA/labels/*.jsonl.

    train.jsonl and test.jsonl; a car stays on its side for good.
    """
    with opened(data) as store:
        found = collect(store, since.astimezone() if since else None)
        split = write_from_cases(store, found)
        views = write_views(store, collect_views(store))
        folder = labels_folder(store)
    files = {str(folder / f"{name}.jsonl"): records for name, records in split.sides.items()}
    checked = check_labels(files, Pictures([folder]), fits_grammar)
    if json:
        output.print_json(
            {**as_data(found, split), "views": views, "errors": sum(f.error for f in checked.findings)}
        )
    else:
        shown = f"{counted(sum(views.values()), 'photo')} of which somebody said what they show"
        say(f"{found.text}\n{shown}\n{split.text}\n{checked.text}\nwrote {', '.join(files)}")
    if not checked.passed:
        raise typer.Exit(LabelError.exit_code)


@app.command("stats")
def stats(labels: Files, json: Json = False) -> None:
    """Counts, countries, plate sizes."""
    tell(json, label_stats([record for file in label_files(labels) for record in read_labels(file)]))


@app.command("split")
def split(
    labels: File,
    out: Out,
    ratio: Annotated[str, typer.Option(help="Per cent of train, val and test.")] = "60/20/20",
    images: Images = None,
    json: Json = False,
) -> None:
    """Train, val and test by car.

    Photos that are added later leave the others where they are.
    """
    name_missing([labels], images)
    made = split_labels(
        read_labels(labels), parse_ratio(ratio), pictures_of(labels, images), earlier_split(out)
    )
    write_split(made, out)
    tell(json, f"{made.text}\nwrote {', '.join(str(out / f'{side}.jsonl') for side in made.sides)}")


@app.command("resize")
def resize(
    labels: File,
    size: Size,
    out: Out,
    letterbox: Letterbox = False,
    images: Images = None,
    json: Json = False,
) -> None:
    """Pictures and labels scaled together."""
    made = resize_labels(read_labels(labels), pictures_of(labels, images), out, parse_size(size), letterbox)
    tell(json, f"{made.text}\nwrote {out}")
    if made.skipped:
        raise typer.Exit(LabelError.exit_code)


@app.command("arrays")
def arrays(
    labels: File,
    size: Size,
    out: Out,
    letterbox: Letterbox = False,
    images: Images = None,
    json: Json = False,
) -> None:
    """Pictures and corners as arrays, for training elsewhere.

    X (N, H, W, 3) uint8 and y (N, 8) float32 in one .npz.
    """
    made = label_arrays(read_labels(labels), pictures_of(labels, images), parse_size(size), letterbox)
    write_arrays(made, out)
    tell(json, f"{made.text}\nwrote {out}")


def label_files(paths: list[Path]) -> list[Path]:
    """Label files as given; a folder stands for the label files directly in it."""
    return [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]


def pictures_of(labels: Path, images: Path | None) -> Pictures:
    """Where a label file's photos may be."""
    return Pictures(label_folders(labels, images))


def say(text: str) -> None:
    """Plain text to standard output, whatever it holds."""
    output.console.print(text, markup=False, soft_wrap=True)


def tell(json: bool, text: str) -> None:
    """What a verb did: its lines as they are, or with --json as one object.

    Piped it stays text, unlike the other verbs: these reports are read by people, in files too.
    """
    if json:
        output.print_json({"report": text.splitlines()})
    else:
        say(text)
