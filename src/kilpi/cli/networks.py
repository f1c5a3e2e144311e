"""kilpi eval, train, export, look, bench, doctor: the networks and this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kilpi.cli import output
from kilpi.cli.photos import Json, Ocr, make_kilpi
from kilpi.learn.evaluate import Scores

Labels = Annotated[list[Path], typer.Option("--labels", help="Label file (JSONL); may be repeated.")]
Images = Annotated[
    Path | None, typer.Option("--images", help="Folder of the photos, if not beside the labels.")
]


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    evaluate = typer.Typer(help="Measure a network, or the whole line, on labelled photos.")
    evaluate.command("all")(eval_all)
    app.add_typer(evaluate, name="eval", no_args_is_help=True)


def eval_all(
    labels: Labels,
    images: Images = None,
    errors: Annotated[Path | None, typer.Option(help="Contact sheet (PNG) of what went wrong.")] = None,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """The whole line, photo to text, on labelled photos."""
    from kilpi.images import encode_png
    from kilpi.labels.locate import Pictures, label_folders
    from kilpi.labels.record import read_labels
    from kilpi.learn.evaluate import error_sheet, evaluate_all

    kilpi = make_kilpi(ocr)
    for path in labels:
        records = read_labels(path)
        with output.progress_bar() as bar:
            tick = partial(bar.advance, bar.add_task(str(path), total=len(records)))
            result = evaluate_all(kilpi, records, Pictures(label_folders(path, images)), tick)
        if output.wants_json(json):
            output.print_json({"labels": str(path), **result.scores.as_dict()})
        else:
            output.console.print(scores_table(str(path), result.scores))
        if errors and result.misses:
            output.write_picture(errors, encode_png(error_sheet(result.misses)))


def scores_table(name: str, scores: Scores) -> Table:
    """End-to-end figures, each with what it was counted on."""
    table = Table("measure", "value", "of", title=name, title_justify="left")
    rows = [
        ("recall at IoU 0.5", percent(scores.recall), f"{scores.plates} plates"),
        ("exact text", percent(scores.exact), f"{scores.texts} texts"),
        ("exact, O=0 and I=1", percent(scores.exact_folded), f"{scores.texts} texts"),
        ("character error rate", percent(scores.character_error_rate), f"{scores.texts} texts"),
        ("false plates a photo", f"{scores.false_plates_per_photo:.3f}", f"{scores.photos} photos"),
        ("unreadable files", str(scores.unreadable_files), f"{scores.photos} photos"),
        ("time a photo, median", f"{scores.median_ms:.0f} ms", f"p95 {scores.p95_ms:.0f} ms"),
        ("peak memory", f"{scores.peak_memory_mb:.0f} MB", "process"),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def percent(share: float | None) -> str:
    """A share in per cent with one decimal; a dash where nothing was counted."""
    return "–" if share is None else f"{100 * share:.1f} %"
