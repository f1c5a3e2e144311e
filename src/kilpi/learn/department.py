"""A simulated department: cars in a style that the reader reads badly arrive week by week, and the loop runs.

Everything goes the way of real cars: photos are received as cases, the line decides, people answer what it
asks and what the audit asks, answers become labels, a retraining makes weights, and the gate lets them in or
not. Only the photos are drawn (`strange_style` on the photos of samples/), and the people are the truth with
errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from kilpi.cases import (
    Arrival,
    AuditPlan,
    Case,
    Figures,
    Outcome,
    SaidMark,
    Sent,
    State,
    Task,
    answer,
    answer_audit,
    figures,
    find,
    next_audit,
    next_question,
    read_case,
    receive,
    work,
)  # fmt: skip
from kilpi.cases.lists import Wanted
from kilpi.cases.seen import seen_data, verifier_note
from kilpi.draw.composite import swap_plate
from kilpi.draw.degrade import degrade
from kilpi.draw.plates import render_plate
from kilpi.files import path_from_text
from kilpi.geometry import quad_from_array
from kilpi.grammar import load_grammars
from kilpi.hashing import sha256_hex
from kilpi.images import encode_jpeg, open_photo
from kilpi.labels.dataset import load_scenes
from kilpi.labels.warps import View
from kilpi.learn.strange_style import BARE, restyled, salted
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.types import Mark, Pixels, Quad, Verdict

SALT = 0.8  # streaks on a plate in winter
WIDEST = 90  # pixels: plates of samples/ at least so wide are replaced


@dataclass(frozen=True, slots=True)
class Plan:
    """How the department works."""

    cars: int = 60  # a week
    photos: int = 2  # a car
    human_errors: float = 0.01
    countries: tuple[tuple[str, float], ...] = (("FI", 0.75), ("SE", 0.25))
    strange: bool = True  # plates in the style that is read badly; else as they are
    streaks: float = 0.6
    seed: int = 0
    audit: AuditPlan = field(default_factory=lambda: AuditPlan(share=0.1, promise=0.01))


@dataclass
class SimulatedClock:
    """The department's time."""

    now: datetime

    def __call__(self) -> datetime:
        """The time of every transaction."""
        return self.now


@dataclass
class DrawnCars:
    """The cars that arrive, their photos on disk, and the truth, which only the people know."""

    folder: Path
    samples: Path
    plan: Plan
    truth: dict[str, Mark] = field(default_factory=dict)  # by case
    corners: dict[str, Quad] = field(default_factory=dict)  # by photo, sha256
    winter: bool = False  # from now on: dark, and salt on every plate

    def __post_init__(self) -> None:
        scenes = load_scenes(self.samples / "labels.jsonl", side=800)
        views = [scene.view for scene in scenes if len(scene.view.quads) == 1]
        self.views: list[View] = [view for view in views if np.ptp(view.quads[0][:, 0]) >= WIDEST]

    def arrive(self, store: Store, week: int, number: int) -> Case:
        """One car's photos, received as a folder's are."""
        rng = np.random.default_rng([self.plan.seed, week, number])
        codes, shares = zip(*self.plan.countries, strict=True)
        sample = load_grammars().sample(str(rng.choice(codes, p=shares)), rng, "ordinary")
        while set(sample.mark.compact) & set(BARE):
            sample = load_grammars().sample(str(sample.mark.country), rng, "ordinary")
        place = self.folder / f"week{week:02}" / f"car{number:04}"
        place.mkdir(parents=True)
        sent = []
        for i in range(self.plan.photos):
            plate = render_plate(sample, rng, 96)
            if self.plan.strange:
                plate = restyled(plate, rng, self.plan.streaks)
            if self.winter:
                plate = replace(plate, pixels=salted(plate.pixels, rng, SALT))
            view = self.views[int(rng.integers(len(self.views)))]
            made = swap_plate(view.pixels, quad_from_array(view.quads[0]), plate, rng)
            seen = degrade(made.pixels, rng, 0.15)
            data = encode_jpeg(darkened(seen, rng) if self.winter else seen, 92)
            path = place / f"{i}.jpg"
            path.write_bytes(data)
            sent.append(Sent(sha256_hex(data), path.name, str(path)))
            self.corners[sent[-1].sha256] = made.quad
        arrival = Arrival(tuple(sent), place=str(place), dealer=("north", "south")[number % 2])
        case = receive(store, arrival).case
        self.truth[case.id] = sample.mark
        return case


@dataclass
class LineFlow:
    """The line's decision as a case's outcome; adverts are not made."""

    line: Kilpi
    weights: str = ""
    networks: str = ""  # as `kilpi.weights.networks_name` has them

    def __call__(self, task: Task) -> Outcome:
        """The outcome for this task."""
        photos = [open_photo(path_from_text(str(photo.path))) for photo in task.belonging]
        plates = [plate for photo in photos for plate in self.line.plates(photo)]
        decision = self.line.decide(plates)
        said = task.answers.identity
        mark = Mark(said.text, said.country) if isinstance(said, SaidMark) else decision.mark
        p = None if said else decision.p  # a person's word has no p
        accepted = isinstance(said, SaidMark) or decision.verdict is Verdict.ACCEPTED
        return Outcome(
            state=State.READY if accepted else State.REVIEW,
            mark=mark,
            p=p,
            read=decision.mark if decision.verdict is Verdict.ACCEPTED else None,
            reasons=decision.reasons,
            advert=f"advert {task.case.id}" if accepted else "",
            weights=self.weights,
            rank=decision.p or 0.0,
            record={**seen_data(decision.plates), **verifier_note(p, self.line.verifier, self.networks)},
        )


@dataclass(frozen=True, slots=True)
class Week:
    """What one week came to."""

    week: int
    cars: int
    accepted: int
    wrong: int
    answered: int
    audited: int

    @property
    def text(self) -> str:
        """One line of a table."""
        return (
            f"| {self.week} | {self.cars} | {self.accepted} ({self.accepted / self.cars:.0%}) | {self.wrong} "
            f"| {self.answered} | {self.audited} |"
        )


@dataclass
class Department:
    """The store, the cars, and the people."""

    store: Store
    drawn: DrawnCars
    clock: SimulatedClock
    weeks: list[Week] = field(default_factory=list)

    def week(self, flow: LineFlow) -> Week:
        """A week: cars arrive, the line decides, people answer its questions and the audit's."""
        number, plan = len(self.weeks) + 1, self.drawn.plan
        rng = np.random.default_rng([plan.seed, 7, number])
        arrived = [self.drawn.arrive(self.store, number, i).id for i in range(plan.cars)]
        work(self.store, flow, plan=plan.audit)
        decided = [read_case(self.store, case_id) for case_id in arrived]
        accepted = [case for case in decided if case.state is State.READY]
        wrong = sum(not self.is_true(case) for case in accepted)
        answered = self.answer_all(rng, flow)
        audited = self.audit_all(rng, flow)
        self.clock.now += timedelta(days=7)
        self.weeks.append(Week(number, plan.cars, len(accepted), wrong, answered, audited))
        return self.weeks[-1]

    def is_true(self, case: Case) -> bool:
        """Whether a case's mark is its car's."""
        truth = self.drawn.truth[case.id]
        return case.mark is not None and (case.mark.compact, case.mark.country) == (
            truth.compact,
            truth.country,
        )

    def says(self, case_id: str, rng: np.random.Generator) -> SaidMark:
        """The truth, now and then with one character mistyped."""
        mark = self.drawn.truth[case_id]
        text = mark.text
        if rng.random() < self.drawn.plan.human_errors:
            text = mistyped(text, rng)
        return SaidMark(text, mark.country or "FI")

    def answer_all(self, rng: np.random.Generator, flow: LineFlow) -> int:
        """People answer until nothing is asked. How many questions."""
        count = 0
        while case := next_question(self.store, "anna", states=(State.REVIEW,)):
            answer(self.store, case.id, self.says(case.id, rng), by="anna", staff=True)
            work(self.store, flow, plan=self.drawn.plan.audit)
            count += 1
            if count > 3 * self.drawn.plan.cars:
                break  # two cars that were given one mark ask for ever; a person would look
        return count

    def audit_all(self, rng: np.random.Generator, flow: LineFlow) -> int:
        """People answer the audit, and what it disputes. How many audits."""
        count = 0
        while asked := next_audit(self.store, "bo"):
            said = self.says(asked.case_id, rng)
            answer_audit(self.store, asked.case_id, said, by="bo", plan=self.drawn.plan.audit)
            count += 1
        self.answer_all(rng, flow)
        return count

    def figures(self) -> Figures:
        """What the audit says."""
        return figures(self.store, self.drawn.plan.audit)

    def cases(self) -> Sequence[Case]:
        """The newest cases."""
        return find(self.store, Wanted(), limit=500).cases


def darkened(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A photo taken at dusk: a quarter to a half of the light, and the noise that comes with it."""
    dark = pixels.astype(np.float32) * rng.uniform(0.25, 0.5)
    return np.asarray(np.clip(dark + rng.normal(0, 6, pixels.shape), 0, 255), np.uint8)


def mistyped(text: str, rng: np.random.Generator) -> str:
    """One character is another of its kind."""
    places = [i for i, char in enumerate(text) if char.isalnum()]
    at = places[int(rng.integers(len(places)))]
    kind = "0123456789" if text[at].isdigit() else "ABCEFGHJKLMNRSTUVXYZ"
    return text[:at] + str(rng.choice([c for c in kind if c != text[at]])) + text[at + 1 :]
