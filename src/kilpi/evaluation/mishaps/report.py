"""What the decision makes of the folders: a row a kind, and the wrong rate if so many cars had a mishap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kilpi.evaluation.car_reads import CarReads, is_own
from kilpi.evaluation.metrics import upper_bound
from kilpi.evaluation.mishaps.kinds import KINDS, Kind
from kilpi.evaluation.mishaps.reads import cars
from kilpi.grammar import load_grammars
from kilpi.ports import Verifier
from kilpi.types import Decision, Verdict

SHARES = (0.01, 0.05, 0.2)  # of cars with a mishap
SPLITS = ("DE",)  # where the same letters and digits are several marks


@dataclass(frozen=True, slots=True)
class Outcome:
    """One folder's decision against its truth."""

    car: CarReads
    line: Mapping[str, Any]
    decision: Decision
    right: bool

    @property
    def accepted(self) -> bool:
        """Whether the mark goes on without a person."""
        return self.decision.verdict is Verdict.ACCEPTED

    @property
    def wrong(self) -> bool:
        """Whether another car's data would be published."""
        return self.accepted and not self.right


@dataclass(frozen=True, slots=True)
class Row:
    """One kind's counts."""

    kind: Kind
    n: int
    accepted: int
    wrong: int
    reasons: tuple[tuple[str, int], ...]  # of the folders in review

    @property
    def right(self) -> int:
        """Accepted rightly."""
        return self.accepted - self.wrong


def judge(lines: Sequence[dict[str, Any]], verifier: Callable[[tuple[str, ...]], Verifier]) -> list[Outcome]:
    """Every folder's decision; `verifier` gives one for the countries at home."""
    found = []
    for line, car in zip(lines, cars(lines), strict=True):
        decision = verifier(tuple(line["home"])).decide(car.plates, car.shown)
        found.append(Outcome(car, line, decision, is_right(decision, car, line)))
    return found


def is_right(decision: Decision, car: CarReads, line: Mapping[str, Any]) -> bool:
    """Whether the mark fetches this car; where letters and digits can be split two ways, as it is written."""
    mark = decision.mark
    if mark is None or not is_own(mark, car, load_grammars()):
        return False
    return mark.country not in SPLITS or mark.text == line["mark"]


def row_of(kind: Kind, outcomes: Sequence[Outcome]) -> Row:
    """The counts of one kind."""
    accepted = sum(o.accepted for o in outcomes)
    wrong = sum(o.wrong for o in outcomes)
    codes = Counter(o.decision.reasons[0].code for o in outcomes if not o.accepted)
    return Row(kind, len(outcomes), accepted, wrong, tuple(codes.most_common(4)))


def table(rows: Sequence[Row]) -> str:
    """The rows, their sums, and the rates, in Markdown."""
    lines = [
        "| kind | n | accepted | right | wrong | why the others are reviewed |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        why = ", ".join(f"{code} {n}" for code, n in row.reasons)
        lines.append(
            f"| {row.kind.what} (`{row.kind.name}`) | {row.n} | {row.accepted} | {row.right} | {row.wrong} "
            f"| {why} |"
        )
    lines += ["", *rates(rows)]
    return "\n".join(lines)


def rates(rows: Sequence[Row]) -> list[str]:
    """All mishaps together, and the wrong rate among accepted cars for shares of cars with a mishap."""
    mishaps = [r for r in rows if r.kind.mishap]
    clean = [r for r in rows if not r.kind.mishap and r.kind.name == "clean"]
    n, accepted, wrong = (sum(getattr(r, name) for r in mishaps) for name in ("n", "accepted", "wrong"))
    most = 1 / max(1e-9, upper_bound(wrong, n))
    text = [f"mishaps: {n} folders, {accepted} accepted, {wrong} wrong (at most 1 in {most:.0f} folders)"]
    if not (n and clean and clean[0].n):
        return text
    alone = clean[0].accepted / clean[0].n, clean[0].wrong / clean[0].n
    for share in SHARES:
        # Every kind counts alike.
        bad = [sum(getattr(r, name) / r.n for r in mishaps) / len(mishaps) for name in ("accepted", "wrong")]
        all_accepted = (1 - share) * alone[0] + share * bad[0]
        all_wrong = (1 - share) * alone[1] + share * bad[1]
        rate = all_wrong / max(all_accepted, 1e-9)
        text.append(f"if {share:.0%} of cars had a mishap: {rate:.3%} of the accepted would be wrong")
    return text


def kinds_named(names: Sequence[str]) -> list[Kind]:
    """The kinds of these names, in the table's order; all where none is named."""
    return [kind for kind in KINDS if not names or kind.name in names]
