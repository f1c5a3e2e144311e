"""kilpi eval: a network, or the whole line, measured on labelled photos."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.table import Table

from kilpi.cli import output
from kilpi.cli.options import (
    ErrorSheet,
    Home,
    Images,
    Json,
    LabelFiles,
    Ocr,
    Report,
    Weights,
    countries,
    folders,
    name_doubtful,
)
from kilpi.cli.photos import make_kilpi
from kilpi.config import load_settings
from kilpi.errors import LabelError, MissingExtra
from kilpi.evaluation.line import Miss, Scores
from kilpi.schemas import plain

if TYPE_CHECKING:
    from kilpi.decision.verifier import LstmVerifier
    from kilpi.evaluation.decision import Comparison, DecisionReport


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    evaluate = typer.Typer(help="Measure a network, or the whole line, on labelled photos.")
    evaluate.command("all")(eval_all)
    evaluate.command("detector")(eval_detector)
    evaluate.command("reader")(eval_reader)
    evaluate.command("decision")(eval_decision)
    app.add_typer(evaluate, name="eval", no_args_is_help=True)


def eval_all(
    labels: LabelFiles,
    images: Images = None,
    errors: ErrorSheet = None,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """The whole line, photo to text, on labelled photos."""
    from kilpi.evaluation.line import error_sheet, evaluate_all
    from kilpi.images import encode_png
    from kilpi.labels.locate import Pictures, label_folders
    from kilpi.labels.record import read_labels

    kilpi, misses = make_kilpi(ocr), list[Miss]()
    name_doubtful(labels, folders(images))
    for path in labels:
        records = read_labels(path)
        with output.progress_bar() as bar:
            tick = partial(bar.advance, bar.add_task(str(path), total=len(records)))
            result = evaluate_all(kilpi, records, Pictures(label_folders(path, images)), tick)
        if result.scores.photos == result.scores.unreadable_files:
            raise LabelError(f"{path}: none of its photos could be read; say where they are with --images")
        if output.wants_json(json):
            output.print_json({"labels": str(path), **result.scores.as_dict()})
        else:
            output.console.print(scores_table(str(path), result.scores))
        misses += result.misses
    if errors and misses:
        output.write_picture(errors, encode_png(error_sheet(misses)))


def scores_table(name: str, scores: Scores) -> Table:
    """End-to-end figures, each with what it was counted on."""
    table = Table("measure", "value", "of", title=output.escape(name), title_justify="left")
    rows = [
        ("recall at IoU 0.5", percent(scores.recall), f"{scores.plates} plates"),
        ("exact text", percent(scores.exact), f"{scores.texts} texts"),
        ("exact, O=0 and I=1", percent(scores.exact_folded), f"{scores.texts} texts"),
        ("character error rate", percent(scores.character_error_rate), f"{scores.texts} texts"),
        ("false plates a photo", f"{scores.false_plates_per_photo:.3f}", f"{scores.photos} photos"),
        ("recall, all finds", percent(scores.raw_recall), f"{scores.plates} plates"),
        ("false finds a photo, all", f"{scores.raw_false_per_photo:.3f}", f"{scores.photos} photos"),
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


def eval_detector(
    labels: LabelFiles,
    images: Images = None,
    weights: Weights = None,
    report: Report = None,
    json: Json = False,
) -> None:
    """Average precision, recall, corner error, by size.

    With --report plots and the worst photos.
    """
    from kilpi.evaluation.detector import evaluate_detector

    need_plots(report)
    name_doubtful(labels, folders(images))
    done = evaluate_detector(labels, folders(images), weights=weights)
    output.tell(done.as_dict(), done.summary(), json)
    if report:
        from kilpi.evaluation.detector_report import write_html

        write_html(done, report)


def eval_reader(
    labels: LabelFiles,
    images: Images = None,
    weights: Weights = None,
    report: Report = None,
    errors: ErrorSheet = None,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """Exact match, character errors and confusions.

    On plates cut at their labelled corners, or on crops.
    """
    from kilpi.evaluation.reader import evaluate_reader
    from kilpi.evaluation.reader_sheets import look_errors
    from kilpi.images import encode_png

    need_plots(report)
    name_doubtful(labels, folders(images))
    other = make_kilpi(True).reader if ocr else None
    done = evaluate_reader(labels, folders(images), weights=weights, reader=other)
    output.tell(done.as_dict(), str(done), json)
    if report:
        from kilpi.evaluation.reader_report import write_html

        write_html(done, report)
    if errors:
        output.write_picture(errors, encode_png(look_errors(done.results)))


def eval_decision(
    cars: Annotated[
        Path,
        typer.Option(
            help="Label file whose photos name their car; or a verifier's run folder: its test cars."
        ),
    ],
    images: Images = None,
    weights: Weights = None,
    report: Report = None,
    home: Home = "",
    json: Json = False,
) -> None:
    """How many cars are accepted, and how many of those wrongly.

    The verifier beside simpler scores.
    """
    from kilpi.decision.verifier import LstmVerifier, default_verifier
    from kilpi.evaluation.decision import compare, decide_cars, load_cars

    need_plots(report)
    if cars.is_file():
        name_doubtful([cars], folders(images))
    seen = load_cars(cars, folders(images))
    verifier = default_verifier(weights, countries(home or load_settings().home))
    done = decide_cars(seen, verifier, cars.name)
    compared = compare(seen, verifier, rivals(cars, verifier)) if isinstance(verifier, LstmVerifier) else None
    rows = [plain(row) for row in compared.rows] if compared else []
    output.tell({**done.as_dict(), "scores": rows}, decision_text(done), json)
    if compared and not output.wants_json(json):
        output.console.print(comparison_table(compared))
    if compared and report:
        from kilpi.evaluation.decision_report import write_html

        write_html(done, compared, report)


def decision_text(done: DecisionReport) -> str:
    """The figures in words, and why the others go to a person."""
    lines = [
        f"{done.cars} cars, {done.possible} of them with a mark of their own: accepted {done.accepted}"
        f" ({percent(done.coverage)}), wrongly {done.wrong} (at most {percent(done.bound)}, one-sided 95 %);"
        f" median {done.median_ms:.2f} ms a decision",
        *(f"  to a person: {code.replace('_', ' ')}: {count}" for code, count in done.reasons),
    ]
    return "\n".join(lines)


def need_plots(report: Path | None) -> None:
    """Raise MissingExtra before the work where a report is wanted and nothing here can draw it."""
    if report and importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("--report draws with matplotlib; run: pip install 'kilpi[eval]'")


def rivals(run: Path, verifier: LstmVerifier) -> dict[str, Callable[..., NDArray[np.float64]]]:
    """The linear model trained beside this verifier, where its run folder has one and torch is there."""
    if not (run / "linear.pt").is_file() or importlib.util.find_spec("torch") is None:
        return {}
    from kilpi.learn.verifier.train import linear_scores

    linear = linear_scores(run, verifier.tokeniser)
    return {"logistic regression": linear} if linear else {}


def comparison_table(compared: Comparison) -> Table:
    """The verifier and its rivals on the same marks; the report has intervals and more measures."""
    heads = ("score", "at 99.9 %", "at 99.5 %", "at 99 %", "AUGRC", "ECE")
    title = (
        f"coverage of {compared.n} marks, {compared.wrong} of them wrong;"
        f" ECE of the {int(compared.asked.sum())} that no rule sorts out"
    )
    table = Table(*heads, title=title, title_justify="left")
    for row in compared.rows:
        ece = "–" if row.ece is None else f"{row.ece:.4f}"
        table.add_row(row.name, *(percent(share) for share in row.coverage), f"{row.augrc:.5f}", ece)
    return table
