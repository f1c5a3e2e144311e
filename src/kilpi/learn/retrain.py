"""`kilpi retrain`: what people answered, mixed with drawn plates, into weights that must pass the gate.

The networks that the labels touch go on from the weights in use: the reader from marks, the detector from
corners and photos that a person judged, the corner network from a person's corners, the view network from
what a person says that photos show. The verifier is carried over: its card names the new reader, and the gate
holds both lines against each other on whole cars. Then its threshold is refitted. A run lies in
DATA/retrain/NAME and can be resumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from kilpi.cases.learning.audit import USUAL, AuditPlan
from kilpi.cases.learning.gathering import gather
from kilpi.cases.learning.label_files import (
    SETS,
    forget_reports,
    labels_folder,
    labels_held,
    remove_cut_plates,
    write_private,
)
from kilpi.cases.learning.labelling import collect, write_from_cases
from kilpi.cases.learning.refitting import Refitted, refit_policy
from kilpi.cases.learning.view_labels import collect_views, views_file, write_views
from kilpi.errors import UsageError
from kilpi.evaluation.contest import Weights, accepted, contest, costs, detections, doubts, mishaps
from kilpi.evaluation.corner_contest import corner_contest
from kilpi.evaluation.gate import Accepted, Gate, Paired, judge
from kilpi.evaluation.retrain_report import PAGE, write_report
from kilpi.evaluation.view_contest import view_contest
from kilpi.labels.record import LabelledPhoto, read_labels
from kilpi.learn.detector.train import train_detector
from kilpi.learn.detector.train_corners import train_corners
from kilpi.learn.drawn_test import write_drawn_test, write_drawn_views
from kilpi.learn.label_sides import of_several_cars, parted, placed_file, write_placed
from kilpi.learn.reader.crop_pool import Recipe
from kilpi.learn.reader.train import train_reader
from kilpi.learn.retrain_runs import FOLDER, broken_off, note, noted, only_one
from kilpi.learn.session import Asked
from kilpi.learn.verifier.renew import renew
from kilpi.learn.verifier.train import Cars
from kilpi.learn.view.further import train_further
from kilpi.store import Store
from kilpi.types import Quad
from kilpi.weights import read_card
from kilpi.weights.versions import add_version, current_folder, use, versions

LEAST = 20  # marks that touch the reader, photos that touch the detector
REAL = 0.4  # of the reader's crops: the others are drawn, so that nothing is forgotten
DRAWN = 300  # plates of the drawn test
MISHAPS = 2  # folders of each kind of mishap
DRAWN_VIEWS = 8  # drawings of each view
NETS = ("reader", "detector", "corners", "view")


@dataclass(frozen=True, slots=True)
class Retrain:
    """What was asked. `cars`: whether whole cars are decided before and after; it takes most of the time."""

    minutes: float
    seed: int = 0
    device: str = "auto"
    resume: bool = False
    cars: bool = True
    drawn: int = DRAWN
    drawn_views: int = DRAWN_VIEWS
    mishaps: int = MISHAPS
    quiet: bool = False
    recipe: Recipe = field(default_factory=lambda: Recipe(real=REAL))
    audit: AuditPlan = USUAL  # what was promised, for the policy
    verifier: Cars | None = None  # cars to compose for a new one; None: it is carried over


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of it: the run's folder, the networks that learnt, the gate's answer, the new version, and
    what the answers say of the verifier's threshold with the networks that are in use then.
    """

    folder: Path
    networks: tuple[str, ...]
    gate: Gate
    version: str | None
    policy: Refitted | None = None
    verifier: str = ""  # what became of a new one, where one was asked for

    @property
    def text(self) -> str:
        """For a person."""
        shipped = f"in use: {self.version}" if self.version else "nothing changed"
        learnt = "\n".join(filter(None, [f"learnt: {', '.join(self.networks)}", self.verifier]))
        told = f"{learnt}\n{self.gate.text}\n{shipped}\nsee {self.folder / PAGE}"
        return f"{told}\n{self.policy.text}" if self.policy else told


def retrain(store: Store, asked: Retrain) -> Retrained:
    """From answers to weights in use, or to a report that says why not.

    Raises UsageError where there is too little to learn from, LabelError, WeightsError.
    """
    if store.originals is None:
        raise UsageError("retrain: these cases have no folder of their own")
    with only_one(store.originals.folder.parent):
        found = collect(store)
        write_from_cases(store, found)
        write_views(store, collect_views(store))
        done = learn_from(labels_folder(store), found.judged, asked, found.placed)
        return replace(done, policy=refit_policy(store, asked.audit, asked.mishaps if asked.cars else 0))


def learn_from(
    labels: Path, judged: int, asked: Retrain, placed: Mapping[str, Quad] = MappingProxyType({})
) -> Retrained:
    """`retrain` from the folder of labels as it is; a person judged `judged` photos for the detector, and
    `placed` corners: by photo (sha256).
    """
    data = labels.parent
    write_placed(labels, placed)
    folder, learns = begin(data, labels / "train.jsonl", judged, asked)
    in_use = current_folder(data)
    before, made = Weights(in_use), folder / "weights"
    train(folder, labels / "train.jsonl", learns, before, asked)
    gather({name: folder / name for name in learns}, before, made)
    if asked.verifier is not None:
        told = renew(folder, labels / "train.jsonl", made, asked.verifier, asked.audit.promise, asked.seed)
        note(folder, {"verifier": told})
        remove_cut_plates(data)  # they show plates of the photos, and are of no more use
    done = compare(data, folder, labels, before, Weights(made), learns, asked)
    version = ship(data, folder, made, done) if done.passed else None
    note(folder, {"finished": True, "passed": done.passed, "version": version})
    return Retrained(folder, learns, done, version, verifier=noted(folder).get("verifier", ""))


def begin(data: Path, train_file: Path, judged: int, asked: Retrain) -> tuple[Path, tuple[str, ...]]:
    """The run's folder, and what is to learn: noted there, so that a resumed run learns the same."""
    if asked.resume:
        folder = broken_off(data)
        return folder, tuple(noted(folder)["learns"])
    marks = sum(p.mark is not None and p.quad is not None for r in read_labels(train_file) for p in r.plates)
    corners, views = (how_many(file) for file in (placed_file(train_file), views_file(train_file)))
    counts = zip(NETS, (marks, judged, corners, views), strict=True)
    enough = [name for name, count in counts if count >= LEAST]
    learns = tuple(n for n in enough if n == "view" or of_several_cars(taught_by(n, train_file)))
    if not learns:
        raise UsageError(
            f"retrain: {marks} marks, {judged} photos with a person's corners and {views} of which one said"
            f" what they show; it takes {LEAST} of any, of two cars or more"
        )
    folder = data / FOLDER / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, mode=0o700)
    note(folder, {"learns": learns, "minutes": asked.minutes, "seed": asked.seed})
    return folder, learns


def how_many(labels: Path) -> int:
    """Photos of a label file; 0 without one."""
    return len(read_labels(labels)) if labels.is_file() else 0


def taught_by(name: str, labels: Path) -> Path:
    """The label file that a network learns from: beside train.jsonl, or that itself."""
    own = {"corners": placed_file, "view": views_file}
    return own[name](labels) if name in own else labels


def train(folder: Path, labels: Path, learns: Sequence[str], before: Weights, asked: Retrain) -> None:
    """Each network in its share of the minutes; one that is finished is left, one that was killed goes on."""
    timed = [name for name in learns if name != "view"]  # the view network takes the time that it takes
    for name in learns:
        run = folder / name
        if (run / f"{name}.json").is_file():
            continue
        learnt, kept_back = parted(taught_by(name, labels))
        if name == "view":
            train_further(learnt, kept_back, before.of("view"), run, asked.seed)
            continue
        resume = run if (run / "last.pt").is_file() else None
        wanted = Asked(
            asked.minutes / len(timed), [learnt], (), before.of(name), resume, asked.seed, asked.device, run,
            quiet=asked.quiet, val=[kept_back],
        )  # fmt: skip
        if name == "reader":
            train_reader(wanted, asked.recipe)
        elif name == "detector":
            train_detector(wanted)
        else:
            train_corners(wanted)


def compare(
    data: Path, folder: Path, labels: Path, before: Weights, after: Weights, learns: Sequence[str],
    asked: Retrain,
) -> Gate:  # fmt: skip
    """Both on every set, the gate's answer, and the report."""
    sets = test_sets(data, folder, labels, asked)
    photos = photos_of(sets)
    contests = [made for name, path in sets.items() if (made := contest(name, path, before, after))]
    pairs: list[Paired] = [pair for one in contests for pair in (one.marks(), one.countries()) if pair]
    if before.folder is not None:  # small losses, each within chance, must not add up
        since = contest("drawn, since the shipped", sets["drawn"], Weights(), after)
        pairs += [since.marks()] if since else []
    if "detector" in learns:
        pairs += [p for n, f in sets.items() if n != "drawn" and (p := detections(n, f, before, after))]
    if "corners" in learns:
        tested = placed_file(labels / "test.jsonl")
        pairs += [p for p in [corner_contest("test", tested, before.of("corners"), after.of("corners"))] if p]
    if "view" in learns:
        pairs += view_pairs(data, labels, before, after, asked)
    cars: list[Accepted] = []
    if asked.cars:
        own = {name: path for name, path in sets.items() if name != "drawn"}
        cars = [one for n, f in own.items() if (one := accepted(n, f, before, after))]
        happened = mishaps(list(own.values()), asked.mishaps, before, after) if asked.mishaps else None
        cars += [happened] if happened else []
    training = contest("training", labels / "train.jsonl", before, after)
    timed = training or contests[0]
    gate = judge(doubts(training) if training else [], pairs, cars, *costs(timed, before, after))
    curves = {name: read_card(folder / name / f"{name}.onnx").training.get("curves", ()) for name in learns}
    write_report(folder, gate, contests, pairs, cars, curves, photos)
    # Erased meanwhile, when there was no report to remove yet.
    forget_reports(data, set(photos.values()) - set(photos_of(sets).values()))
    note(folder, {"gate": gate.as_dict()})
    return gate


def photos_of(sets: Mapping[str, Path]) -> dict[str, str]:
    """The photos of answers in these label files: sha256 by name."""
    return {r.name: str(r.photo) for path in sets.values() for r in read_labels(path) if r.photo}


def view_pairs(data: Path, labels: Path, before: Weights, after: Weights, asked: Retrain) -> list[Paired]:
    """Both view networks on what people said of the test cars' photos, and on drawings of every view."""
    drawn = write_drawn_views(data / FOLDER / "drawn-views", asked.drawn_views)
    tested = [("test", views_file(labels / "test.jsonl"), before), ("drawn", drawn, before)]
    if before.folder is not None:
        tested.append(("drawn, since the shipped", drawn, Weights()))
    found = [view_contest(n, f, old.of("view"), after.of("view")) for n, f, old in tested if f.is_file()]
    return [one for one in found if one is not None]


def test_sets(data: Path, folder: Path, labels: Path, asked: Retrain) -> dict[str, Path]:
    """The frozen test (answered before the weights in use shipped), the newest answers, and drawn plates."""
    shipped = next((str(v.note.get("at", "")) for v in versions(data) if v.in_use), "")
    parts: dict[str, list[LabelledPhoto]] = {"frozen": [], "newest": []}
    sets = {}
    with labels_held(labels):
        for record in read_labels(labels / "test.jsonl"):
            parts["frozen" if shipped and str(record.at) <= shipped else "newest"].append(record)
        for name, records in parts.items():
            if records:
                sets[name] = labels / SETS / f"{name}.jsonl"  # below the labels, so that erasing finds it
                write_private(sets[name], records)
            else:
                (labels / SETS / f"{name}.jsonl").unlink(missing_ok=True)
    sets["drawn"] = write_drawn_test(data / FOLDER / "drawn", asked.drawn)
    return sets


def ship(data: Path, folder: Path, made: Path, gate: Gate) -> str:
    """The made weights become a version, in use from now on. Its name."""
    name = folder.name
    told = {"at": datetime.now(UTC).isoformat(), "why": "retrain", "gate": gate.as_dict()}
    add_version(data, name, made, told)
    use(data, name)
    return name
