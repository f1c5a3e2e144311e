"""What was asked of a training: the options as they were given, or as a run that goes on began with them."""

from __future__ import annotations

import importlib.util
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kilpi.cli import output
from kilpi.cli.options import folders, name_doubtful
from kilpi.errors import MissingExtra, Stopped, UsageError
from kilpi.labels.record import read_labels

if TYPE_CHECKING:
    from kilpi.learn.session import Asked


def what_was_asked(
    minutes: float | None,
    labels: list[Path] | None,
    images: Path | None,
    val: list[Path] | None,
    start_from: str | None,
    resume: Path | None,
    seed: int,
    device: str,
    out: Path | None,
) -> Asked:
    """The options as a training takes them; of a run that goes on, those that are not given are as it began.

    Raises UsageError where one is missing, or is another than the run began with: with other labels it could
    be measured on what it has learnt from.
    """
    from kilpi.learn.session import Asked
    from kilpi.learn.train import asked_of

    begun = asked_of(resume) if resume else {}
    if resume:
        same_as_begun(resume, begun, {"labels": labels or [], "val": val or []}, start_from)
        minutes, start_from = minutes or begun.get("minutes"), begun.get("start_from")
    learnt = labels or [Path(path) for path in begun.get("labels", ())]
    found = folders(images) or [Path(path) for path in begun.get("images", ())]
    if minutes is None or not learnt:
        raise UsageError(f"--{'minutes' if minutes is None else 'labels'} is missing; see --help")
    measured = with_photos(val or [Path(path) for path in begun.get("val", ())])
    name_doubtful([*learnt, *measured], found)
    return Asked(minutes, learnt, found, start_from, resume, seed, device, out, val=measured)


def same_as_begun(
    run: Path, begun: Mapping[str, Any], given: Mapping[str, list[Path]], start_from: str | None
) -> None:
    """Raises UsageError where what is given is not what a run began with."""
    for name, paths in given.items():
        before = {Path(path).resolve() for path in begun.get(name, ())}
        if paths and {path.resolve() for path in paths} != before:
            raise UsageError(f"--{name}: {run} began with others; leave it away to go on, or train anew")
    if start_from is not None and start_from != begun.get("start_from"):
        raise UsageError(f"--from: {run} began with {begun.get('start_from') or 'chance'}; leave it away")


def with_photos(val: list[Path]) -> list[Path]:
    """The files of --val that hold any; a split of few cars may leave one empty."""
    held = [path for path in val if read_labels(path)]
    for path in val:
        if path not in held:
            output.warn(f"{path}: holds no photos; a part of --labels is kept back to measure on instead")
    return held


@contextmanager
def told_how_to_go_on(name: str = "") -> Iterator[None]:
    """Where a training (`name`, else a retraining) was stopped, the error names the command that goes on."""
    try:
        yield
    except Stopped as error:
        folder = shlex.quote(str(error).rpartition("kept in ")[2])
        command = f"kilpi train {name} --resume {folder}" if name else "the same command and --resume"
        raise Stopped(f"{error}; go on with {command}") from None


def need_torch() -> None:
    """Raise MissingExtra where torch is not installed; found without importing it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("training needs torch; run: pip install 'kilpi[train]'")
