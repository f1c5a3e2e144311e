"""Two detectors, or readers, on the same labelled photos, plate by plate: what their trainings end with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kilpi.errors import LabelError
from kilpi.evaluation.detector import DetectorReport, evaluate_detector
from kilpi.evaluation.metrics import at_least
from kilpi.evaluation.reader import evaluate_reader
from kilpi.labels.locate import located
from kilpi.labels.record import write_labels

# What is told of both -> its name in a DetectorReport; shares are told in per cent.
MEASURES = {
    "plates found": "recall",
    "false plates a photo": "false_per_photo",
    "AP50": "ap50",
    "AP50-95": "ap50_95",
    "corner error, part of the width": "corner_error",
}


class Differing:
    """What only one of two networks did, and whether chance explains it."""

    __slots__ = ()
    only_before: int
    only_after: int

    @property
    def p(self) -> float:
        """Two-sided exact sign test (McNemar) of what only one of the two did: how likely by chance."""
        return sign_test(self.only_before, self.only_after)

    @property
    def chance(self) -> str:
        """The p, and what it says, in words."""
        return f"p = {self.p:.3f}, {sure(self.p)}"


@dataclass(frozen=True, slots=True)
class BeforeAfter(Differing):
    """Both reports, and the plates that only one of the two found."""

    before: DetectorReport
    after: DetectorReport
    only_before: int
    only_after: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts = {"found_only_before": self.only_before, "found_only_after": self.only_after, "p": self.p}
        return {"before": self.before.as_dict(), "after": self.after.as_dict(), **counts}

    @property
    def text(self) -> str:
        """A table for a person."""
        lines = [
            f"{self.after.photos} photos, {self.after.plates} plates that were not learnt from:",
            f"  {'':32}{'before':>8}{'after':>8}",
        ]
        for name, key in MEASURES.items():
            values = [getattr(report, key) for report in (self.before, self.after)]
            told = ["–" if value is None else f"{value:.3f}" for value in values]
            lines.append(f"  {name:32}{told[0]:>8}{told[1]:>8}")
        only = f"found only before {self.only_before}, only after {self.only_after}"
        lines.append(f"  {only}: {self.chance}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class MarksBeforeAfter(Differing):
    """Marks that both readers read, how many each did exactly, and those that only one of the two did."""

    marks: int
    before: int
    after: int
    only_before: int
    only_after: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts = {"read_only_before": self.only_before, "read_only_after": self.only_after, "p": self.p}
        return {"marks": self.marks, "before": self.before, "after": self.after, **counts}

    @property
    def text(self) -> str:
        """For a person."""
        return (
            f"{self.marks} marks that were not learnt from: {self.before} read exactly before,"
            f" {self.after} after\n"
            f"  only before {self.only_before}, only after {self.only_after}: {self.chance}"
        )


def sure(p: float) -> str:
    """What a p says, in words."""
    return "chance explains it" if p >= 0.05 else "chance does not explain it"


def sign_test(one: int, other: int) -> float:
    """How likely, where either is as likely, is a difference this large or larger. 1.0 of none."""
    return min(1.0, 2 * at_least(max(one, other), one + other))


def compare_detectors(
    labels: Sequence[Path], images: Sequence[Path], before: Path, after: Path
) -> BeforeAfter:
    """Both folders' detectors on every photo that is found. Raises LabelError, WeightsError."""
    old = evaluate_detector(labels, images, weights=before, refine=False)
    new = evaluate_detector(labels, images, weights=after, refine=False)
    pairs = found_by_both(old, new)
    return BeforeAfter(old, new, pairs.count((True, False)), pairs.count((False, True)))


def compare_readers(
    labels: Sequence[Path], images: Sequence[Path], before: Path, after: Path
) -> MarksBeforeAfter | None:
    """Both folders' readers on every labelled mark that is found; None where there is none. WeightsError."""
    try:
        both = [evaluate_reader(labels, images, weights=folder).results for folder in (before, after)]
    except LabelError:
        return None
    old, new = ([read.raw == read.expected for read in reads] for reads in both)
    pairs = list(zip(old, new, strict=True))
    return MarksBeforeAfter(
        len(pairs), sum(old), sum(new), pairs.count((True, False)), pairs.count((False, True))
    )


def found_by_both(before: DetectorReport, after: DetectorReport) -> list[tuple[bool, bool]]:
    """Of each labelled plate in turn, whether either found it. Of photos that both saw: one may be erased
    between.
    """
    paths = {result.path for result in before.results} & {result.path for result in after.results}
    both = ([m.found for r in one.results if r.path in paths for m in r.matches] for one in (before, after))
    return list(zip(*both, strict=True))


def write_kept_back(
    labels: Sequence[Path], images: Sequence[Path], photos: Collection[Path | None], path: Path
) -> Path:
    """A label file of these photos, which a training kept back; their paths are absolute."""
    records = [
        replace(record, path=str(file.resolve()))
        for each in labels
        for record, file in located(each, images)
        if file.resolve() in photos
    ]
    write_labels(path, records)
    return path
