"""Verbs that also touch a car's folder: what people do at a desk, in a browser or a terminal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kilpi.adverts.folders import advert_digest
from kilpi.adverts.held import take_away
from kilpi.adverts.records import DECISION, READY
from kilpi.cases import verbs
from kilpi.cases.case import AT_WORK, GONE, OPEN, Case, State
from kilpi.cases.forgetting import retention
from kilpi.cases.forgetting.retention import GONE_NAMES, NAMES
from kilpi.cases.lists import read_case
from kilpi.cases.outgoing.noted import NOT_THE_CASES
from kilpi.cases.records import KILPI, lock
from kilpi.cases.shared import others_marks
from kilpi.errors import CaseRefused, PublishError
from kilpi.files import locked_folder, write_whole
from kilpi.publishing.entries import Entry, marks_in_texts, read_entry
from kilpi.publishing.files import FEEDS, leave_feeds
from kilpi.publishing.folder_target import FolderTarget
from kilpi.publishing.ledger import Sent
from kilpi.publishing.offers import Offers
from kilpi.schemas import read_record
from kilpi.store import Store, Tx
from kilpi.store.engines import make_private_folder
from kilpi.types import Record


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
        """As `retention.erase`, which takes the folder and the texts too."""
        return retention.erase(self.store, case_id, by=by, seen=seen)

    def join(self, case_id: str, into: str, *, by: str) -> tuple[Case, Case]:
        """As `verbs.join`; the case that is over has no advert any more."""
        this, other = verbs.join(self.store, case_id, into, by=by)
        return self._cleared(this), other

    def undo(
        self, case_id: str, *, by: str, seen: int | None = None, last: int | None = None, own: bool = False
    ) -> Case:
        """As `verbs.undo`; a car that is for sale again is made again, for its folder was taken away."""
        was = read_case(self.store, case_id).state
        case = verbs.undo(self.store, case_id, by=by, seen=seen, last=last, own=own)
        if was in GONE and case.state in OPEN - AT_WORK:
            case = verbs.rerun(self.store, case_id, by=by, why="undone")
        return case

    def _cleared(self, case: Case) -> Case:
        """Its folder goes, unless somebody has taken the sale back meanwhile."""

        def do(tx: Tx) -> None:
            if lock(tx, case.id).state not in OPEN:
                take_away(self.data / case.address)

        self.store.write(do)
        return case


@dataclass(frozen=True, slots=True)
class Site:
    """A folder that shows the adverts, for a web server. `Site(...)` is a `publish.Show`.

    Under which public name a case is out there is kept in `data`, for its own folder may be gone when the
    advert is to be taken down. The case knows it too, also of what another program put there.
    """

    data: Path
    to: Path
    offers: Offers | None = None  # the rows that buyers search in, where a server shows the folder

    @property
    def target(self) -> str:
        """The place's name, the same as `kilpi publish --to` gives it."""
        return str(self.to.resolve())

    def __call__(self, case: Case, advert: str | None) -> None:
        """The case's advert is out there, or, with None, nothing of it any more.

        One publisher at a time: who looked at the folder earlier does not send after who looked later. Raises
        PublishError, StoreError.
        """
        with locked_folder(self.to):
            self._show(case, advert)

    def _show(self, case: Case, advert: str | None) -> None:
        name, gone = self.data / NAMES / case.id, self.data / GONE_NAMES / case.id
        noted = name.read_text(encoding="utf-8") if name.is_file() else ""
        before = [one for one in dict.fromkeys((*case.out_as, noted)) if one]
        if advert is None:
            for identity in before:
                self._deliver(identity, None)
            if before and case.state in GONE:  # who comes by an old address is told what became of the car
                make_private_folder(gone.parent)
                write_whole(gone, before[-1].encode(), private=True)
                if self.is_erased(case):  # meanwhile, after it had looked here
                    gone.unlink(missing_ok=True)
            name.unlink(missing_ok=True)
            return
        folder = self.data / case.address
        record = read_record(folder / DECISION)
        if record is None or record.state != READY:
            raise PublishError(f"{folder}: holds no advert that is ready; make it again")
        if advert_digest(record) != advert:
            raise PublishError(f"{folder}: {NOT_THE_CASES}")
        entry = self._entry(case, folder, record)
        for identity in before:
            if identity != record.id:
                self._deliver(identity, None)
        make_private_folder(name.parent)
        write_whole(name, record.id.encode(), private=True)
        self._deliver(record.id, entry)
        gone.unlink(missing_ok=True)

    def _entry(self, case: Case, folder: Path, record: Record) -> Entry:
        """What goes out. A text that names a car that came later makes it a draft, which says so. Raises
        PublishError, StoreError.
        """
        others = others_marks(self.offers.store, case, marks_in_texts(folder)) if self.offers else ()
        try:
            return read_entry(folder, record, None, others=others)
        except PublishError:
            if self.offers and others:
                with suppress(CaseRefused):  # sold meanwhile
                    verbs.rerun(self.offers.store, case.id, by=KILPI, why="others_mark")
            raise

    def is_erased(self, case: Case) -> bool:
        """Whether the case was erased meanwhile. Raises StoreError."""
        return self.offers is not None and read_case(self.offers.store, case.id).state is State.ERASED

    def _deliver(self, identity: str, entry: Entry | None) -> None:
        FolderTarget(self.to).deliver(identity, entry, Sent())
        if entry is None:
            leave_feeds(self.to / FEEDS, identity)  # which `kilpi publish` wrote, and writes again some day
        if self.offers is not None:
            self.offers.note([identity])
