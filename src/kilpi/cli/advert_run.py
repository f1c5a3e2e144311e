"""What `kilpi advert` was asked for, kept beside its cases, so that an answered car is made the same way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import kilpi
from kilpi.adverts.dealer_stock import StockList, read_stock_list
from kilpi.adverts.folders import inputs_digest
from kilpi.adverts.wording import load_wording
from kilpi.cases import AuditPlan, Case, Maker, State, parts_of, read_case, rerun, work
from kilpi.cases.case import AT_WORK, OPEN
from kilpi.cases.jobs import LEASE_S, in_hand
from kilpi.cases.outgoing.noted import holds_another
from kilpi.cases.records import KILPI, WORK
from kilpi.cli import output
from kilpi.cli.meter import Meter
from kilpi.cli.options import countries
from kilpi.cli.photos import make_kilpi
from kilpi.config import Settings, load_settings
from kilpi.errors import UsageError
from kilpi.files import write_whole
from kilpi.images import native, open_photo
from kilpi.odometer.text import PpOcrTextReader
from kilpi.photos.intake import CarPhotos, Survey, survey
from kilpi.plates.rapidocr import load_engine
from kilpi.publishing.dealer_file import read_dealer
from kilpi.registers import open_register
from kilpi.store import Store
from kilpi.vehicle.ties import load_shares
from kilpi.weights import network_files, networks_name
from kilpi.weights.versions import use_current

FILE = "kilpi.json"  # in the output folder
POLL_S = 0.5  # between looks at a case that another process works on


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of one run, all that an advert depends on."""

    photos: tuple[str, ...]
    register: str = ""
    offers: str | None = None
    language: str = "fi"
    per_car: str | None = None
    profile: str = "site"
    home: str = ""
    cover: str | None = None
    ocr: bool = False
    lookups: int = 1
    show: tuple[str, ...] = ()  # what the dealer's own show plates say

    def keep(self, out: Path) -> None:
        """Write them down, with paths that hold wherever the next command is run."""
        paths = tuple(absolute(path) for path in self.photos)
        registers = ",".join(map(absolute, self.register.split(","))) if self.register else ""
        offers, cover = (absolute(path) if path else None for path in (self.offers, self.cover))
        kept = replace(self, photos=paths, register=registers, offers=offers, cover=cover)
        write_whole(out / FILE, (json.dumps(asdict(kept), indent=1) + "\n").encode(), private=True)

    @classmethod
    def load(cls, out: Path) -> Asked | None:
        """What the last run into `out` was asked for; None where there was none."""
        try:
            values = json.loads((out / FILE).read_text(encoding="utf-8"))
            return cls(**{**values, "photos": tuple(values["photos"]), "show": tuple(values.get("show", ()))})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    @classmethod
    def language_of(cls, out: Path) -> str:
        """The language of the last run into `out`, in which its cars are told; else that of the settings."""
        asked = cls.load(out)
        return asked.language if asked else load_settings().language

    def look(self, out: Path) -> Survey:
        """The cars that it is about; files that were given for something else are not photos amiss.

        Raises UsageError.
        """
        given = {Path(file).resolve() for file in (self.register, self.offers, self.cover) if file}
        found = survey(map(Path, self.photos), self.per_car, skip=[out])
        left = tuple(one for one in found.left_out if Path(one.path).resolve() not in given)
        return replace(found, left_out=left)

    def maker(self, out: Path, settings: Settings, meter: Meter, jobs: int = 1) -> Maker:
        """The flow, with `jobs` photos at a time.

        Raises UsageError, LabelError, RegisterError, MissingExtra and the like before any work.
        """
        load_wording(self.language)
        use_current(out)
        homes = countries(self.home)
        known = self.register
        register = open_register(known, settings, meter, output.warn) if known else None
        pixels = native(open_photo(Path(self.cover))).pixels if self.cover else None
        line = make_kilpi(self.ocr, register, self.language, self.profile, homes, pixels, self.show, jobs)
        line.lookups, line.shares = self.lookups, settings.shares
        if settings.cover_texts:
            line.texts = line.text_reader = PpOcrTextReader(load_engine())
        load_shares(settings.shares)
        files = [digest_of(known), digest_of(self.offers), digest_of(self.cover)]
        networks = inputs_digest(network_files())
        depends = [
            kilpi.__version__,
            self.language,
            self.profile,
            str(self.ocr),
            str(homes),
            *self.show,
            *(["texts"] if settings.cover_texts else []),
            digest_of(str(settings.shares) if settings.shares else None),
            networks,
            *files,
        ]
        return Maker(
            line, out, stock_list(self.offers), depends, tried=meter.close, calls=meter.take,
            networks=networks_name(),
        )  # fmt: skip


def absolute(path: str) -> str:
    """A path that exists, from the root; anything else as it is (a register's name)."""
    return str(Path(path).absolute()) if Path(path).exists() else path


def cover_of(dealer: Path | None) -> Path | None:
    """The cover image that a dealer's file names, where there is one."""
    named = read_dealer(dealer).cover if dealer else None
    return dealer.parent / named if dealer and named else None


def digest_of(name: str | None) -> str:
    """What a file, a register's name or nothing adds to an advert's inputs."""
    path = Path(name) if name else None
    return inputs_digest([path]) if path and path.is_file() else inputs_digest([], str(name or ""))


def stock_list(path: str | None) -> StockList:
    """The dealer's stock list, bad rows said; empty without a file."""
    stock = read_stock_list(Path(path)) if path else StockList()
    for problem in stock.problems:
        output.warn(str(problem.error))
    return stock


def rerun_outdated(store: Store, maker: Maker, case: Case, car: CarPhotos, again: bool) -> Case:
    """A case goes to work again where its folder is not as it must be, or where it waits for a register."""
    waits = case.state is State.WORKING and case.next_try is not None
    if case.state not in OPEN or (case.state in AT_WORK and not waits):
        return case
    if not (again or waits or maker.outdated(case, car) or holds_another(store, maker.out, case)):
        return case
    return rerun(store, case.id, by=KILPI, why="inputs")


def audit_plan() -> AuditPlan:
    """Which accepted cars are audited, as the settings say."""
    settings = load_settings()
    return AuditPlan(settings.audit_share, settings.promise)


def work_through(store: Store, maker: Maker, ids: Iterable[str], watch: Callable[[Case], object]) -> None:
    """Works until these cases are decided or put off, by this worker or another; `watch` is called from
    several threads where several photos are worked on at a time.

    A worker that died has its lease to the end; what failed is tried again for as long, then left.
    """

    def take_cars(stop: Callable[[], bool]) -> int:
        return work(store, maker, watch=watch, plan=audit_plan(), stop=stop)

    wanted = set(ids)
    until = time.monotonic() + LEASE_S + 5
    while True:
        maker.line.each.at_once(take_cars)
        cases = [read_case(store, case_id) for case_id in sorted(wanted)]
        wanted = {case.id for case in cases if case.state in AT_WORK and case.next_try is None}
        if wanted & in_hand(store, WORK):
            until = time.monotonic() + LEASE_S + 5
        if not wanted or time.monotonic() > until:
            return
        time.sleep(POLL_S)


def last_run(out: Path, settings: Settings, store: Store) -> Maker | None:
    """The flow of the last `kilpi advert` into a folder, ready to make one of its cars again."""
    asked = Asked.load(out)
    if asked is None:
        return None
    maker = asked.maker(out, settings, Meter())
    maker.originals = store.originals
    try:
        for car in asked.look(out).cars:
            for part in (asked.per_car is None and parts_of(store, car)) or [car]:
                maker.know(part)
    except UsageError as error:
        output.warn(str(error))  # its photos are known from the case
    return maker
