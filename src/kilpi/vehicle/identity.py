"""Which car this is, of all that is known: the plate, the register, the dealer's row, its VIN.

An accepted mark is asked for and its answer held against photos and row. A mark in review is asked for only
where its sole doubts are such as fitting ties take away, where it is likelier right than not, and where ties
could suffice at all; what the register then says is kept only where the car is accepted for it. A car without
a readable plate of its own is found by the VIN that the dealer gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kilpi.decision.strangers import strangers_to
from kilpi.decision.tracks import says
from kilpi.errors import RegisterError
from kilpi.ports import Register, VinRegister
from kilpi.text import compact_mark
from kilpi.types import Decision, Mark, Offer, Photos, Plate, Reason, Vehicle, Verdict
from kilpi.vehicle.crosscheck import against, seen_colour
from kilpi.vehicle.lookup import doubt_of, forget, identify
from kilpi.vehicle.ties import (
    Shares,
    lifted,
    load_shares,
    possible_ties,
    row_ties,
    suffices,
    ties_of,
)
from kilpi.vocabulary import Colour

ANSWERED_VIN, DOWN = "answered_vin", "register_unavailable"
WITHOUT_PLATE = frozenset({"no_plate", "unreadable", "trade_plate", "show_plate", ANSWERED_VIN})
"""Reasons by which the photos show no mark of this car; its VIN then tells which it is."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The vehicle and the decision. `in_vain`: an unaccepted mark was asked for, and the answer not kept."""

    vehicle: Vehicle | None
    decision: Decision
    in_vain: bool = False


@dataclass(frozen=True)
class Identifier:
    """What all cars of a run share. `lookups` is how many marks a car may be asked for, as in `identify`.

    `least` is the p from which the verifier accepts; None where its p was not measured: nothing is lifted.
    `see` tells the paint around plates.
    """

    register: Register | None
    lookups: int = 1
    least: float | None = None
    see: Callable[[Sequence[Plate], Photos], Colour | None] = seen_colour
    shares: Shares = field(default_factory=load_shares)

    def identify(self, decision: Decision, photos: Photos, offer: Offer, confirmed: bool = False) -> Identity:
        """The decision with all that speaks for and against it, and the vehicle where it is accepted.

        `confirmed`: the decision is a person's.
        """
        if confirmed:
            return self.stand_by(decision, photos, offer)
        before = against_row(decision, offer)
        decision = self.lift_by_row(before, offer)
        if decision.verdict is Verdict.ACCEPTED:
            if self.register is None:
                return Identity(None, decision)
            vehicle, decision = identify(decision, self.register, photos, offer, self.lookups)
            if before.verdict is Verdict.REVIEW and decision.verdict is Verdict.REVIEW:
                # The row's mark alone lifted it, and the register speaks against it.
                return self.in_vain(decision)
            return Identity(vehicle, decision)
        tried = self.lift_by_register(decision, photos, offer)
        return tried or self.by_vin(decision, offer) or Identity(None, decision)

    def stand_by(self, decision: Decision, photos: Photos, offer: Offer) -> Identity:
        """What a person said stands; what speaks against it is told. A register that is down is awaited."""
        if any(reason.code == ANSWERED_VIN for reason in decision.reasons):
            found = self.by_vin(decision, offer) or Identity(None, decision)
            more = [reason for reason in found.decision.reasons if reason not in decision.reasons]
            reasons = (*decision.reasons, *more)
            down = any(reason.code == DOWN for reason in reasons)
            verdict = Verdict.REVIEW if down else Verdict.ACCEPTED
            mark = found.decision.mark  # as the register says, and so which photos are another car's
            strangers = strangers_to(mark, decision) if mark else decision.strangers
            told = replace(found.decision, verdict=verdict, reasons=reasons, strangers=strangers)
            return replace(found, decision=told)
        decision = replace(against_row(decision, offer), verdict=Verdict.ACCEPTED)
        if self.register is None:
            return Identity(None, decision)
        return Identity(*identify(decision, self.register, photos, offer, self.lookups, confirmed=True))

    def lift_by_row(self, decision: Decision, offer: Offer) -> Decision:
        """Accepts where the dealer's row has the very mark that was read, and that suffices."""
        if decision.mark is None or self.least is None:
            return decision
        ties = row_ties(decision.mark, offer, self.shares)
        enough = suffices(decision, ties, self.least, self.shares)
        return lifted(decision, ties, self.shares) if enough else decision

    def lift_by_register(self, decision: Decision, photos: Photos, offer: Offer) -> Identity | None:
        """Asks for a mark in review where fitting ties could accept it; None where nobody was asked."""
        shares, mark = self.shares, decision.mark
        if mark is None or self.register is None or self.least is None or self.lookups < 1:
            return None
        seen = self.see([plate for plate in decision.plates if says(plate, mark)], photos)
        if not suffices(decision, possible_ties(mark, offer, seen, shares), self.least, shares):
            return None
        try:
            vehicle = self.register.look_up(mark)
        except RegisterError as error:
            return self.in_vain(with_doubts(decision, (doubt_of(error),)))
        doubts = against(vehicle, seen, offer)
        ties = ties_of(vehicle, mark, offer, seen, shares)
        if doubts or not suffices(decision, ties, self.least, shares, vehicle):
            return self.in_vain(with_doubts(decision, doubts))
        return Identity(vehicle, lifted(decision, ties, shares))

    def in_vain(self, decision: Decision) -> Identity:
        """A decision still in review, and nothing kept of an answer that may be about a stranger's car."""
        if decision.mark:
            forget(self.register, decision.mark)
        return Identity(None, decision, in_vain=True)

    def by_vin(self, decision: Decision, offer: Offer) -> Identity | None:
        """A car whose photos show no mark of its own, found by the dealer's VIN; None where it has none."""
        codes = {reason.code for reason in decision.reasons}
        if not offer.vin or not codes & WITHOUT_PLATE or self.lookups < 1:
            return None
        if not isinstance(self.register, VinRegister):
            return None
        try:
            vehicle = self.register.look_up_vin(offer.vin)
        except RegisterError as error:
            return Identity(None, with_doubts(decision, (doubt_of(error, by_vin=True),)))
        doubts = [*against(vehicle, None, offer), *other_marks(vehicle.mark, decision, offer)]
        if doubts:
            return Identity(None, with_doubts(decision, doubts))
        found = replace(decision, verdict=Verdict.ACCEPTED, mark=vehicle.mark, p=None)
        return Identity(vehicle, replace(found, reasons=(Reason("identified_by_vin"),)))


def against_row(decision: Decision, offer: Offer) -> Decision:
    """The decision, in review where the row that the folder's name found has another mark than the plate."""
    mark = decision.mark
    if mark is None or not mark.identifies_car or not offer.mark or offer.mark == mark.compact:
        return decision
    return replace(decision, verdict=Verdict.REVIEW, reasons=(*decision.reasons, mark_differs(mark, offer)))


def other_marks(found: Mark, decision: Decision, offer: Offer) -> list[Reason]:
    """What speaks against a VIN's mark: another one in the dealer's row, or on a plate in the photos that may
    be this car's: the one that was read, or one that rivals it, as beside a dealer's trade plate.
    """
    doubts = []
    if offer.mark and offer.mark != found.compact:
        doubts.append(mark_differs(found, offer))
    read = decision.mark
    others = [read.text] if read and read.series and read.identifies_car else []
    for why in decision.reasons:
        if why.code == "marks_differ":
            others += [text for text in why.values.get("marks", ()) if not (read and text == read.text)]
    for text in dict.fromkeys(others):
        if compact_mark(text) != found.compact:
            doubts.append(Reason("contradiction_mark", {"read": text, "dealer": found.text}))
    return doubts


def with_doubts(decision: Decision, doubts: Sequence[Reason]) -> Decision:
    """The decision with more that speaks against it."""
    return replace(decision, reasons=(*decision.reasons, *doubts))


def mark_differs(mark: Mark, offer: Offer) -> Reason:
    """Both marks, for a person."""
    return Reason("contradiction_mark", {"read": mark.text, "dealer": offer.mark})
