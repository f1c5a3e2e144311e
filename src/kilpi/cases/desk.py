"""Verbs that also touch a car's folder: what people do at a desk, in a browser or a terminal.

A car that is out somewhere keeps its folder until the publisher has taken it down there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kilpi.adverts.held import take_away
from kilpi.adverts.records import DECISION, READY
from kilpi.cases import retention, verbs
from kilpi.cases.beside import Beside
from kilpi.cases.case import AT_WORK, OPEN, Case, State
from kilpi.cases.lists import read_case
from kilpi.publishing.entries import read_entry
from kilpi.publishing.publish import FolderTarget, Sent
from kilpi.schemas import read_record
from kilpi.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """`data` holds the cars' folders."""

    store: Store
    data: Path

    def sold(self, case_id: str, *, by: str, seen: int | None = None) -> Case:
        """As `verbs.sold`."""
        return self._cleared(verbs.sold(self.store, case_id, by=by, seen=seen))

    def withdraw(self, case_id: str, *, by: str, seen: int | None = None) -> Case:
        """As `verbs.withdraw`."""
        return self._cleared(verbs.withdraw(self.store, case_id, by=by, seen=seen))

    def erase(self, case_id: str, *, by: str, seen: int | None = None) -> Case:
        """As `retention.erase`; also what came beside the photos."""
        before = read_case(self.store, case_id)
        case = retention.erase(self.store, case_id, by=by, seen=seen)
        Beside(self.data).remove(case_id)
        if not before.live:
            take_away(self.data / before.address)
        return case

    def clear(self, case: Case) -> None:
        """What is kept of a case beside the store goes, before it is erased; what is gone already is fine.

        Of a car that is out somewhere the folder stays: it says what is to be taken down there.
        """
        Beside(self.data).remove(case.id)
        self._cleared(case)

    def undo(self, case_id: str, *, by: str, seen: int | None = None) -> Case:
        """As `verbs.undo`; a car that is for sale again is made again, for its folder was taken away."""
        was = read_case(self.store, case_id).state
        case = verbs.undo(self.store, case_id, by=by, seen=seen)
        if was in (State.SOLD, State.WITHDRAWN) and case.state in OPEN - AT_WORK:
            case = verbs.rerun(self.store, case_id, by=by, why="undone")
        return case

    def _cleared(self, case: Case) -> Case:
        if not case.live:
            take_away(self.data / case.address)
        return case


@dataclass(frozen=True, slots=True)
class Site:
    """A folder that shows the adverts, for a web server. `Site(...)` is a `publish.Show`."""

    data: Path
    to: Path

    @property
    def target(self) -> str:
        """The place's name, the same as `kilpi publish --to` gives it."""
        return str(self.to.resolve())

    def __call__(self, case: Case, advert: str | None) -> None:
        """The case's advert is out there, or, with None, nothing of it any more. Raises PublishError."""
        folder, place = self.data / case.address, FolderTarget(self.to)
        record = read_record(folder / DECISION)
        if advert is None:
            if record is not None:
                place.deliver(record.id, None, Sent())
            if case.state not in OPEN:
                take_away(folder)
        elif record is not None and record.state == READY:
            place.deliver(record.id, read_entry(folder, record, None), Sent())
