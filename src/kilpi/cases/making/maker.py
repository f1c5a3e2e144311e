"""The flow of cases whose photos lie in folders: photos to an advert's folder, with what people answered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from kilpi.adverts.dealer_stock import StockList, load_offer, notes_in
from kilpi.adverts.dealer_stock.values import in_own_money
from kilpi.adverts.folders import advert_digest, current, inputs_digest, write_car
from kilpi.adverts.held import hold_back
from kilpi.adverts.personal import Others, without_others
from kilpi.adverts.public_advert import public_id
from kilpi.adverts.records import DECISION, DRAFT, READY, record
from kilpi.adverts.wording import load_wording
from kilpi.archives import is_there
from kilpi.cases.answers import FACTS, Answers, Identity, SaidMark, SaidVin, said_mark
from kilpi.cases.case import Case, CasePhoto, State, Traits
from kilpi.cases.flow import Later, Outcome, Seen, Task
from kilpi.cases.incoming.folders_in import resolved
from kilpi.cases.learning.teaching import rank
from kilpi.cases.photo_places import lies_at
from kilpi.cases.seen import seen_data, verifier_note
from kilpi.decision.policy import USUAL
from kilpi.decision.strangers import strangers_to
from kilpi.decision.verifier import home_of
from kilpi.errors import CaseChanged, KilpiError, OutputError, UsageError, as_kilpi_error
from kilpi.files import path_from_text, path_to_text, photos_in
from kilpi.grammar import load_grammars
from kilpi.photos.intake import CAR_FILE, CarPhotos
from kilpi.pipeline import Kilpi
from kilpi.registers.trace import Step
from kilpi.schemas import read_record
from kilpi.store.originals import Originals
from kilpi.text import shown
from kilpi.types import Car, Decision, Mark, Offer, Plate, Problem, Reason, Record, Verdict

STATES = {READY: State.READY, DRAFT: State.DRAFT}  # of a record; the others are for a person
NO_ANSWER = "register_unavailable"
READ_SURELY = frozenset({"sure_enough", "plates_agree"})  # also where the register then spoke against it


@dataclass
class Maker:
    """What all cars of one run share. `depends` is all, beside its files, that an advert is made from."""

    line: Kilpi
    out: Path
    stock: StockList = field(default_factory=StockList)
    depends: Sequence[str] = ()
    originals: Originals | None = None
    cars: dict[str, CarPhotos] = field(default_factory=dict)  # by where each of their photos lies
    tried: Callable[[str, bool], object] = lambda case, in_vain: None  # a car's registers were asked
    networks: str = ""  # of the line, as `kilpi.weights.networks_name` has it; noted with each decision
    made: dict[str, Record] = field(default_factory=dict)  # by case: what this run made
    gone: dict[str, str] = field(default_factory=dict)  # by case: what its list says became of it
    others: Others = lambda marks: ()
    calls: Callable[[], tuple[Step, ...]] = tuple  # which registers were asked since it was called last

    def know(self, car: CarPhotos) -> None:
        """A car of the survey: what lies beside its photos, and what they were called by."""
        self.cars |= {path_to_text(resolved(photo)): car for photo in car.photos}

    def folder(self, case: Case) -> Path:
        """Where a case's advert is."""
        return self.out / case.address

    def __call__(self, task: Task) -> Outcome | Later:
        """One case. Whatever goes wrong is its own and becomes its record: the others go on."""
        car, read = self.car_of(task), list[Decision]()
        try:
            done = self.make(task, car, read)
        except CaseChanged:
            raise  # another worker has it: what is here is not to be touched
        except Exception as error:
            self.tried(task.case.id, False)
            task.still_mine()
            done = self.failed(task.case, car, as_kilpi_error(error, car.reference))
        self.made[task.case.id] = done
        if any(why.code == NO_ANSWER for why in done.reasons):
            return Later(None, done.reasons, self.calls())
        return replace(self.outcome(task, done, read[0] if read else None), calls=self.calls())

    def car_of(self, task: Task) -> CarPhotos:
        """The photos that belong to a case, as the survey calls them, and what lies beside them."""
        lying = {self.place(photo): photo for photo in task.belonging}
        known = next((self.cars[place] for place in lying if place in self.cars), None)
        if known is None:
            car_file = path_from_text(task.case.place) / CAR_FILE
            there = bool(task.case.place) and is_there(car_file)  # without a place it would be this folder's
            photos = tuple(map(path_from_text, lying))
            return CarPhotos(task.case.reference, photos, car_file if there else None)
        mine = tuple(photo for photo in known.photos if path_to_text(resolved(photo)) in lying)
        named = {path_to_text(resolved(photo)) for photo in mine}
        others = tuple(path_from_text(place) for place in lying if place not in named)
        return replace(known, reference=task.case.reference, photos=(*mine, *others))

    def place(self, photo: CasePhoto) -> str:
        """Where a photo lies."""
        return lies_at(photo, self.originals)

    def path(self, photo: CasePhoto) -> Path:
        """`place` as a file's path, whatever bytes its name has."""
        return path_from_text(self.place(photo))

    def offer_of(
        self, case: Case, photos: Sequence[CasePhoto], answers: Answers, home: Collection[str] = ()
    ) -> Offer:
        """What the dealer's files and people's answers say of a case; `home`: where not as the line's."""
        car = self.car_of(Task(case, tuple(photos), answers, case.seq, case.changed))
        home = home or home_of(self.line.verifier)
        return offer_told(car.reference, car.car_file, self.stock, notes_of(car), case, answers, home)

    def inputs(self, car: CarPhotos) -> str:
        """The digest of all that a car's advert is made from but people's answers."""
        files = [*car.photos, *([car.car_file] if car.car_file else []), *notes_of(car)]
        beside = [f"{Path(one.path).name} {one.reason.code}" for one in car.left_out]
        return inputs_digest(files, *self.depends, *beside)

    def make(self, task: Task, car: CarPhotos, read: list[Decision]) -> Record:
        """One car's folder, whatever was there before. `read` gets what the photos alone say."""
        problems: list[Problem] = []
        whole = next((self.cars[place] for p in task.photos if (place := self.place(p)) in self.cars), car)

        def offer(mark: Mark | None) -> Offer:
            given, notes = said_mark(task.answers) is not None, notes_of(whole)
            found, said = load_offer(whole.reference, car.car_file, self.stock, notes, mark, given)
            problems.extend(said)
            return with_answers(found, task.answers)

        made = self.line.advert(
            *car.photos,
            reference=car.reference,
            offer=offer,
            answered=answered(task.answers, read),
            corners=task.answers.corners,
            wishes=task.answers.pictures.wishes,
        )
        self.tried(task.case.id, made.asked_in_vain)
        self.gone[task.case.id] = made.offer.gone
        made = replace(
            made,
            problems=(*made.problems, *problems),
            left_out=(*made.left_out, *car.left_out),
            notes=(*made.notes, *car.notes),
        )
        language = self.line.language
        if made.listing is not None:
            wording = load_wording(made.listing.language)
            told = without_others(made.listing, made.decision.mark, self.others, wording)
            made = replace(made, listing=told)
        task.still_mine()
        folder = write_car(made, self.out, language, self.inputs(whole), task.case.address, task.case.id)
        written = read_record(folder / DECISION)
        if written is None:
            raise KilpiError(f"{folder}: was not written whole; run the command again")
        return written

    def failed(self, case: Case, photos: CarPhotos, error: KilpiError) -> Record:
        """The record of a car that could not be made; it is asked for again by every later run.

        Where the disk is at fault nothing is written, so that the last whole advert stays.
        """
        decision = Decision(Verdict.REVIEW, None, None, (Reason("failed"),))
        names = tuple(shown(str(path)) for path in photos.photos)
        problems = [Problem(case.reference, error)]
        car = Car(case.reference, names, decision, problems=tuple(problems), left_out=photos.left_out)
        try:
            if not isinstance(error, OutputError | UsageError):
                write_car(car, self.out, self.line.language, address=case.address, case=case.id)
        except Exception as second:
            problems.append(Problem(case.reference, as_kilpi_error(second, "its record")))
            car = replace(car, problems=tuple(problems))
        return record(car, public_id(car), None, {})

    def outcome(self, task: Task, done: Record, read: Decision | None) -> Outcome:
        """What the case keeps of what was made."""
        mark = Mark(done.mark, done.country) if done.mark else None
        alone = read.mark if read and read.verdict is Verdict.ACCEPTED else None
        sure = done.verdict == Verdict.ACCEPTED or any(why.code in READ_SURELY for why in done.reasons)
        state = STATES.get(done.state, State.REVIEW)
        rejected = {one.path: one.reason.code for one in done.left_out}
        seen = {
            photo.sha256: Seen(done.views.get(name, ""), rejected.get(name, ""))
            for photo in task.photos
            for name in {**done.views, **rejected}
            if Path(name).name == photo.name
        }
        return Outcome(
            state=state,
            mark=mark,
            p=done.p,
            read=alone if task.answers.identity else mark if sure else None,
            likely=likely_mark(read),
            title=done.title if done.title != done.reference else "",
            public=done.id,
            price=Decimal(done.amount) if done.amount else None,
            currency=done.currency if done.amount else "",
            traits=Traits(dealer=done.dealer),
            reasons=done.reasons,
            missing=done.missing,
            advert=advert_digest(done) if state is not State.REVIEW else "",
            gone=State(gone) if (gone := self.gone.pop(task.case.id, "")) else None,
            weights=done.inputs,
            seen=seen,
            rank=rank(task.case.id, done.plates),
            record={**seen_data(done.plates), **verifier_note(done.p, self.line.verifier, self.networks)},
        )

    def outdated(self, case: Case, car: CarPhotos) -> bool:
        """Whether a decided case's folder must be made again: not whole, or of other files or settings."""
        found = current(self.folder(case), self.inputs(car))
        return found is None or (found.state in STATES) != (case.state in KEPT)

    def settle(self, case: Case) -> Record | None:
        """The record of a case as it stands, its folder held back where the case became a question."""
        done = self.made.get(case.id) or read_record(self.folder(case) / DECISION)
        if done and case.state is State.REVIEW and done.state in STATES:
            done = hold_back(self.folder(case), case.reasons, self.line.language) or done
            self.made[case.id] = done
        return done


def likely_mark(read: Decision | None) -> Mark | None:
    """A car's mark that the photos show likelier than not, whatever else may speak against it."""
    if read is None or read.mark is None or not read.mark.identifies_car or (read.p or 0.0) < USUAL.rival_p:
        return None
    return read.mark


KEPT = frozenset({State.DRAFT, State.READY, State.PUBLISHED})  # whose folder holds an advert


def answered(answers: Answers, read: list[Decision]) -> Callable[[Decision], Decision] | None:
    """What makes of the photos' decision a person's; None where nobody said which car it is."""
    said = answers.identity
    if said is None:
        return None
    person = decision_of(said, ())
    mark = person.mark

    def instead(decision: Decision) -> Decision:
        read.append(decision)
        strangers = strangers_to(mark, decision) if mark else ()  # to no mark, who is a stranger nobody knows
        return replace(person, plates=decision.plates, strangers=strangers)

    return instead


def decision_of(said: Identity, plates: Sequence[Plate]) -> Decision:
    """What a person said, as a decision."""
    mark = load_grammars().mark(said.text, said.country) if isinstance(said, SaidMark) else None
    codes = {SaidMark: "answered", SaidVin: "answered_vin"}
    reason = Reason(codes.get(type(said), "answered_no_plate"))
    return Decision(Verdict.ACCEPTED, mark, None, (reason,), tuple(plates))


def with_vin(offer: Offer, said: Identity | None) -> Offer:
    """The dealer's offer with the VIN that a person gave."""
    return replace(offer, vin=said.vin) if isinstance(said, SaidVin) else offer


def offer_told(
    reference: str,
    car_file: Path | None,
    stock: StockList,
    notes: Sequence[Path],
    case: Case,
    answers: Answers,
    home: Collection[str] = (),
) -> Offer:
    """What the dealer's files and people's answers say of a case by the mark that it has, or was given."""
    given = said_mark(answers)
    found, _ = load_offer(reference, car_file, stock, notes, given or case.mark, bool(given))
    return in_own_money(with_answers(found, answers), given or case.mark, home)


def with_answers(offer: Offer, answers: Answers) -> Offer:
    """The dealer's offer with the figures, or the VIN, that a person gave in their place."""
    offer = with_vin(offer, answers.identity)
    facts = answers.facts
    found = ((name, getattr(facts, name)) for name in FACTS)
    given: Mapping[str, object] = {name: value for name, value in found if value is not None}
    unclear = tuple(entry for entry in offer.unclear if entry[0] not in given)
    stands, named = "odometer_km" in given, not given.keys().isdisjoint({"make", "model"})
    priced = not given.keys().isdisjoint({"price", "currency"})  # in euros, where none is said: so forms ask
    told = offer.currency_told or priced
    offer = replace(offer, unclear=unclear, currency_told=told, odometer_stands=stands, named=named)
    offer = replace(offer, odometer_told=offer.odometer_told or stands)
    return replace(offer, **given)  # type: ignore[arg-type]


def notes_of(car: CarPhotos) -> list[Path]:
    """The text files beside a car's photos, where the folder holds this one car and nothing else."""
    folders = {photo.parent for photo in car.photos}
    folder = folders.pop() if len(folders) == 1 else None
    return notes_in(folder) if folder and set(photos_in(folder)) <= set(car.photos) else []
