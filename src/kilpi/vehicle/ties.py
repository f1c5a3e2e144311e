"""What ties the register's car, the photos and the dealer's row together, and whether that lifts a decision.

The shares are data: vehicle/data/ties.toml. That a mark exists in the register ties nothing: in a country
whose numbers are dense a misread mark exists as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path

from kilpi.decision.evidence import Belief, Tie, add_up, believe
from kilpi.decision.strangers import LEFT_OUT
from kilpi.errors import UsageError
from kilpi.photos.colour import COMPATIBLE
from kilpi.types import Decision, Mark, Offer, Reason, Vehicle, Verdict
from kilpi.vehicle.crosscheck import same_make, same_vin
from kilpi.vocabulary import Colour

MISREAD = frozenset({"not_sure_enough", "low_score"})  # doubts whether the characters are right
HIDING = frozenset(
    {"dots_unsure", "maybe_covered", "maybe_hidden", "maybe_longer", "spacing_odd", "cut_off", "feet_hidden"}
)
"""Doubts whether the mark is whole: a part of it may be hidden."""
ASIDE = frozenset({"only_aside", "too_small", "end_without_plate", "beside_end", "blank_plate"})
"""Doubts whether the plate is this car's."""
ELSEWHERE = frozenset({"country_unsure"})
"""Doubts which country's mark this is. Only the dealer's VIN in that country's own register says so: a row's
mark names no country, and a stranger's make may be the car's.
"""
LIFTABLE = MISREAD | HIDING | ASIDE | ELSEWHERE
"""Doubts that ties may take away; one of any other kind stays a doubt whatever fits."""
HOME = frozenset({"FI", "AX"})  # whose shares the table has
SAME_YEAR = 1  # years between a dealer's model year and the register's first registration that still fit


@dataclass(frozen=True)
class Shares:
    """ties.toml, by its tables."""

    lift: Mapping[str, float]
    right: Mapping[str, float]
    another: Mapping[str, float]
    misread: Mapping[str, float]
    make: Mapping[str, float]
    colour: Mapping[str, float]

    def tie(self, about: str, misread: float | None = None) -> Tie:
        """The tie of one kind; `misread` where it depends on what fits."""
        by_chance = self.misread[about] if misread is None else misread
        return Tie(about, by_chance, self.another[about], self.right[about])

    def colour_tie(self, seen: Colour) -> Tie:
        """The register's colour fits the seen one: as often as all colours that would not contradict it."""
        return self.tie("colour", min(1.0, sum(self.colour[colour] for colour in COMPATIBLE[seen])))

    def make_tie(self, make: str, mark: Mark) -> Tie:
        """The register's make is the dealer's."""
        if mark.country not in HOME:
            return self.tie("make", self.make["elsewhere"])
        named = (share for name, share in self.make.items() if same_make(name, make))
        return self.tie("make", next(named, self.make["other"]))


@cache
def load_shares(counted: Path | None = None) -> Shares:
    """The shipped shares; those of `counted`, which `kilpi registers table` wrote, in their place.

    Raises UsageError where that file is none of these.
    """
    text = resources.files("kilpi.vehicle").joinpath("data", "ties.toml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, float]] = tomllib.loads(text)
    if counted is not None:
        own = counted_tables(counted)
        elsewhere = tables["make"]["elsewhere"]
        tables |= {
            "make": {**own["make"], "elsewhere": elsewhere},
            "colour": tables["colour"] | own["colour"],
        }
        tables["misread"] = tables["misread"] | {"year": own["misread"]["year"]}
    return Shares(**tables)


def counted_tables(path: Path) -> dict[str, dict[str, float]]:
    """The tables of a file of counted shares, held against what they must be."""
    try:
        tables: dict[str, dict[str, float]] = tomllib.loads(path.read_text(encoding="utf-8"))
        shares = [*tables["make"].values(), *tables["colour"].values(), tables["misread"]["year"]]
        sound = {str(colour) for colour in Colour} == set(tables["colour"]) and "other" in tables["make"]
        sound &= all(isinstance(one, float) and 0 < one <= 1 for one in shares)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise UsageError(f"{path.name}: holds no shares; make them with kilpi registers table CSV -o FILE")
    return tables


def row_ties(mark: Mark, offer: Offer, shares: Shares) -> tuple[Tie, ...]:
    """What of the dealer's row fits the plate by itself: the row's own mark."""
    return (shares.tie("mark"),) if offer.mark and offer.mark == mark.compact else ()


def possible_ties(mark: Mark, offer: Offer, seen: Colour | None, shares: Shares) -> tuple[Tie, ...]:
    """Every tie that there will be if the register's car fits in all that is known."""
    ties = list(row_ties(mark, offer, shares))
    if seen:
        ties.append(shares.colour_tie(seen))
    if offer.make:
        ties.append(shares.make_tie(offer.make, mark))
    if offer.year:
        ties.append(shares.tie("year"))
    if offer.vin:
        ties.append(shares.tie("vin"))
    return tuple(ties)


def ties_of(
    vehicle: Vehicle, mark: Mark, offer: Offer, seen: Colour | None, shares: Shares
) -> tuple[Tie, ...]:
    """The possible ties that hold for this vehicle of the register."""
    first = vehicle.first_registered
    holds = {
        "mark": True,
        "colour": bool(seen and vehicle.colour and vehicle.colour in COMPATIBLE[seen]),
        "make": bool(vehicle.make and offer.make and same_make(vehicle.make, offer.make)),
        "year": bool(first and offer.year and abs(first.year - offer.year) <= SAME_YEAR),
        "vin": bool(same_vin(vehicle.vin, offer.vin)),
    }
    return tuple(tie for tie in possible_ties(mark, offer, seen, shares) if holds[tie.about])


def belief_in(decision: Decision, shares: Shares) -> Belief | None:
    """What is believed of a decision in review that ties may lift; None of every other.

    Its doubts must all be liftable, and its p known and not below the floor.
    """
    codes = {reason.code for reason in decision.reasons}
    liftable = decision.verdict is Verdict.REVIEW and decision.mark is not None and codes <= LIFTABLE
    if not liftable or decision.p is None or decision.p < shares.lift["floor"]:
        return None
    most = [shares.lift["weak"]] if "low_score" in codes else []
    most += [shares.lift["hidden"]] if codes & HIDING else []
    another = shares.lift["another_aside"] if codes & ASIDE else 0.0
    return believe(min([decision.p, *most]), shares.lift["another"], another)


def suffices(
    decision: Decision, ties: Sequence[Tie], least: float, shares: Shares, vehicle: Vehicle | None = None
) -> bool:
    """Whether the read is sure enough with these ties, even if every share were twice as large. `vehicle` is
    the register's answer, once there is one.
    """
    belief = belief_in(decision, shares)
    if belief is None or not ties or not names_country(decision, ties, vehicle):
        return False
    return add_up(belief, ties, shares.lift["doubled"]) >= least


def names_country(decision: Decision, ties: Iterable[Tie], vehicle: Vehicle | None = None) -> bool:
    """Whether it is undoubted which country's mark this is, or a VIN tells, and the register's answer, once
    there is one, says so itself: a list without countries knows the car and not where it is registered.
    """
    if all(reason.code not in ELSEWHERE for reason in decision.reasons):
        return True
    said = vehicle is None or (decision.mark is not None and vehicle.mark.country == decision.mark.country)
    return said and any(tie.about == "vin" for tie in ties)


def lifted(decision: Decision, ties: Sequence[Tie], shares: Shares) -> Decision:
    """A decision that may be lifted, accepted for its ties. `p` stays the read's own; the reason has the one
    with the ties. Raises ValueError where none may be lifted.
    """
    belief = belief_in(decision, shares)
    if belief is None:
        raise ValueError("no tie may lift this decision")
    values = {
        "ties": [tie.about for tie in ties],
        "p": round(add_up(belief, ties), 4),
        "p_doubled": round(add_up(belief, ties, shares.lift["doubled"]), 4),
    }
    reasons = [Reason("ties_fit", values)]
    if decision.strangers:
        reasons.append(Reason(LEFT_OUT, {"photos": len(decision.strangers)}))
    return replace(decision, verdict=Verdict.ACCEPTED, reasons=tuple(reasons))
