"""Tells what becomes of the cars of a run, as soon as it is known: a JSON line each, or text for a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import typer

from kilpi.adverts.wording import Wording, load_wording
from kilpi.cases import Case, Maker, Taken, read_case
from kilpi.cases.case import GONE
from kilpi.cli import output
from kilpi.cli.meter import Lookups, Meter
from kilpi.photos.intake import BESIDE
from kilpi.schemas import record_to_json
from kilpi.store import Store
from kilpi.types import Reason, Record


@dataclass
class Telling:
    """Tells cars in the order of the survey, each as soon as it and all before it are done."""

    maker: Maker
    as_json: bool
    meter: Meter
    waiting: list[str] = field(default_factory=list)  # cases, in the order in which they are told
    done: set[str] = field(default_factory=set)
    told: dict[str, Record] = field(default_factory=dict)  # by case
    tick: Callable[[], object] = field(default=lambda: None)
    lock: Lock = field(default_factory=Lock)  # cars come from work in several threads

    def expect(self, taken: Sequence[Taken]) -> list[Case]:
        """The cases to be told, each once; of photos that came twice, or of a car that is gone."""
        cases = {}
        for one in taken:
            photo = one.car.photos[0] if one.car.photos else one.case.place
            if one.back:
                name = one.case.address
                told = f"the photos of car {name}, which is {one.case.state.value}; no advert is made"
                output.warn(f"{photo}: {told}. Is it for sale again? kilpi undo {name} -o {self.maker.out}")
            elif one.case.id in cases:
                output.warn(f"{photo}: the same photos as car {one.case.address}; one advert is made")
            cases[one.case.id] = one.case
        self.expect_more(cases.values())
        return list(cases.values())

    def expect_more(self, cases: Collection[Case]) -> None:
        """More cases to be told after the others."""
        self.waiting += [case.id for case in cases if case.id not in self.waiting]

    def watch(self, store: Store, case: Case) -> None:
        """A case came from work."""
        self.maker.settle(case)
        with self.lock:
            self.done.add(case.id)
            self.go_on(store)

    def go_on(self, store: Store) -> None:
        """Tell what can be told."""
        while self.waiting and self.waiting[0] in self.done:
            case = read_case(store, self.waiting.pop(0))
            record = self.maker.settle(case)
            if case.state in GONE and case.id in self.maker.made:
                self.tell_gone(case)
            elif record is not None:
                self.tell(case, record)
            self.tick()

    def tell_gone(self, case: Case) -> None:
        """Of a car whose list says that it is gone there is no folder any more, and no advert to tell of."""
        words = load_wording(self.maker.line.language)
        told = f"{case.address}: {words.state(case.state.value)}, as the stock list says"
        back = f"Is it for sale? kilpi undo {case.address} -o {self.maker.out}"
        output.warn(f"{told}; `kilpi publish` takes its advert down. {back}")

    def tell_contested(self, store: Store) -> None:
        """Once more what was told as an advert and became a question since: another car of the run has its
        mark as well. Its folder is held back.
        """
        for case_id, before in list(self.told.items()):
            case = read_case(store, case_id)
            record = self.maker.settle(case)
            if record is not None and record.state != before.state:
                self.tell(case, record, again=True)

    def tell(self, case: Case, record: Record, again: bool = False) -> None:
        """What became of one car, now; `again`: without the words about its files that were said before."""
        words = load_wording(self.maker.line.language)
        asked = self.meter.of(case.id)
        if not again:
            tell_files(record, words, self.stock_words)
        if self.as_json:
            with suppress(typer.Exit):  # who reads has seen enough; the adverts are made all the same
                output.print_json(told_as(record, self.maker.folder(case), asked))
        self.told[case.id] = record

    @property
    def rows(self) -> list[Record]:
        """What was told last of each car, in the order in which they were told first."""
        return list(self.told.values())

    @property
    def stock_words(self) -> set[str]:
        """What was said of the stock list when it was read, and need not be said again for a car."""
        return {str(problem.error) for problem in self.maker.stock.problems}


def why_so(words: Wording, reasons: Iterable[Reason], missing: Sequence[str]) -> str:
    """Why a car stands where it stands, and what its advert still lacks, as a line."""
    lacks = f"{words.text('page', 'draft_missing')} {', '.join(missing)}." if missing else ""
    return " ".join([*map(words.reason, reasons), *filter(None, [lacks])])


def tell_files(done: Record, words: Wording, said: Collection[str] = ()) -> None:
    """What was wrong with a car's files, and which are not used, but for what was `said` before."""
    for problem in done.problems:
        if problem.message not in said:
            output.warn(problem.message)
    output.tell_left_out([one for one in done.left_out if one.reason.code in BESIDE], 0, words)


def told_as(done: Record, folder: Path, asked: Lookups) -> dict[str, Any]:
    """What became of one car, as JSON has it."""
    return {**record_to_json(done, str(folder)), "lookups": asdict(asked)}
