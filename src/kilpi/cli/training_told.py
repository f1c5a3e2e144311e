"""What `kilpi train` ends with: the new network beside the one before, where it is, and what to do then."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kilpi.cli import output
from kilpi.weights import folder_to_start_from

if TYPE_CHECKING:
    from kilpi.evaluation.before_after import BeforeAfter
    from kilpi.learn.detector.train import DetectorRun
    from kilpi.learn.reader.train import ReaderRun
    from kilpi.learn.session import Asked

UNMEASURED = "no photo was kept back to measure on: give --val, or more photos"

NO_MARKS = "the photos kept back to measure on have no labelled mark: give --val, or label more"
READER_ALONE = (
    "before that: kilpi train verifier, with KILPI_WEIGHTS naming this folder; without its own verifier two"
    " photos that agree are enough, and how often that is wrong is not measured"
)


def tell_detector(run: DetectorRun, asked: Asked, json: bool) -> None:
    """The trained detector beside the one before, and the next commands."""
    compared = before_after(run, asked)
    value: dict[str, Any] = {"validation": run.validation, "weights": str(run.weights)}
    value |= {"compared": compared.as_dict()} if compared else {}
    told = compared.text if compared else UNMEASURED
    then = next_steps("detector", run.folder, asked.images)
    output.tell(value, f"{told}\nwrote {run.weights}\n{then}", json)


def before_after(run: DetectorRun, asked: Asked) -> BeforeAfter | None:
    """The trained detector beside the one that it started from, or the shipped one; None without photos."""
    from kilpi.evaluation.before_after import compare_detectors

    if not run.validation_photos:
        return None
    start = folder_to_start_from(asked.start_from)
    return compare_detectors(measured_on(run, asked), asked.images, start, run.folder)


def measured_on(run: DetectorRun | ReaderRun, asked: Asked) -> list[Path]:
    """The label files of the photos that a training was measured on: of --val, or what it kept back."""
    from kilpi.evaluation.before_after import write_kept_back

    kept = run.folder / "kept-back.jsonl"
    return [*asked.val] or [write_kept_back(asked.labels, asked.images, run.kept_back, kept)]


def next_steps(name: str, folder: Path, images: Sequence[Path]) -> str:
    """The commands that go on from a trained network."""
    where = "".join(f" --images {shlex.quote(str(one))}" for one in images)
    made = shlex.quote(str(folder))
    return (
        f"next: kilpi eval {name} --labels TEST.jsonl{where} --weights {made}\n"
        f"then: KILPI_WEIGHTS={made} kilpi advert PHOTOS -o OUT"
    )


def tell_reader(run: ReaderRun, asked: Asked, json: bool) -> None:
    """The trained reader beside the one that it started from, or the shipped one, and the next commands."""
    from kilpi.evaluation.before_after import compare_readers

    start = folder_to_start_from(asked.start_from)
    compared = compare_readers(measured_on(run, asked), asked.images, start, run.folder)
    value: dict[str, Any] = {"validation": run.validation, "drawn": run.drawn, "weights": str(run.weights)}
    value |= {"compared": compared.as_dict()} if compared else {}
    lines = [
        compared.text if compared else NO_MARKS,
        f"of {run.drawn} plates drawn into their photos: {shares(run.validation)}",
        f"wrote {run.weights}",
        next_steps("reader", run.folder, asked.images),
        READER_ALONE,
    ]
    output.tell(value, "\n".join(lines), json)


def tell(validation: Mapping[str, float], weights: Path, json: bool, then: str = "") -> None:
    """How well the network does on the photos kept back from training, where it is, and what `then` to do."""
    text = "\n".join(filter(None, [shares(validation) or UNMEASURED, f"wrote {weights}", then]))
    output.tell({"validation": dict(validation), "weights": str(weights)}, text, json)


def shares(validation: Mapping[str, float]) -> str:
    """What was measured, on one line."""
    return ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in validation.items())
