"""The commands that answer a review page's question, or give what a draft lacks, ready to be copied."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from kilpi.adverts.listing import NAME_MARK, UNASKED
from kilpi.adverts.wording import gap_of
from kilpi.types import Mark, Reason, Record

GONE = frozenset({"photos_missing"})
NO_MARK = frozenset(
    {
        "no_plate",
        "unreadable",
        "only_aside",
        "too_small",
        "end_without_plate",
        "beside_end",
        "blank_plate",
        "trade_plate",
        "show_plate",
    }
)
STRANGERS = frozenset(
    {
        "marks_differ",
        "photos_differ",
        "end_without_plate",
        "answer_contradicted",
        "published_mark_differs",
        "photos_by_reference",
    }
)
UNSURE = frozenset({"read_otherwise", "answer_not_sure"})
TWICE = frozenset({"same_car_again", "mark_of_another_car"})
NOT_ITS_OWN = frozenset(
    {"trade_plate", "show_plate", "marks_differ", "not_a_car"}
)  # what was read is no answer
TO_SET = {
    "price=PRICE": {"price"},
    "km=KM": {"odometer", "odometer_below_register", "odometer_differs", "odometer_few", "odometer_many"},
    "make=MAKE model=MODEL year=YEAR": {"vehicle", UNASKED, "make", NAME_MARK},
}
"""What `kilpi set` is given, and which gaps of [missing] that closes."""
NOT_ASKED = frozenset({"failed", "register_unavailable", "register_refused"})  # no answer would help


def next_commands(folder: Path, mark: Mark | None, reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    """(key in [page], command) for a car's folder, what fits its reasons best first."""
    codes = {why.code for why in reasons}
    car, out = named(folder)
    if codes & GONE:
        return [(f"command_{verb}", f"kilpi {verb} {car} -o {out}") for verb in ("sold", "withdraw")]
    if codes & NOT_ASKED:
        return []
    mark = None if codes & NOT_ITS_OWN else mark
    read = shlex.quote(mark.text) if mark else "MARK"
    country = f" --country {mark.country}" if mark and mark.country else ""
    sure = " --sure" if mark and codes & UNSURE else ""
    command = f"kilpi answer {car} {read}{country}{sure} -o {out}"
    found = [("command_mark" if mark else "command_this", command)]
    if codes & NO_MARK:
        found.append(("command_no_plate", f"kilpi answer {car} --no-plate -o {out}"))
    if codes & STRANGERS:
        found.append(("command_not_these", f"kilpi answer {car} --not-these PHOTO -o {out}"))
    if codes & TWICE:
        found.append(("command_withdraw", f"kilpi withdraw {car} -o {out}"))
    return found


def set_command(folder: Path, car: Record) -> str | None:
    """The command that gives what a draft lacks; None where no `kilpi set` does."""
    gaps = {gap_of(text) for text in car.missing}
    wanted = [pair for pair, of in TO_SET.items() if gaps & of]
    if not wanted:
        return None
    name, out = named(folder)
    return f"kilpi set {name} {' '.join(wanted)} -o {out}"


def named(folder: Path) -> tuple[str, str]:
    """A car's folder and the output folder as a shell takes them, from wherever it is."""
    return shlex.quote(folder.name), shlex.quote(str(folder.parent.resolve()))
