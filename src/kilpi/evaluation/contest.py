"""Two sets of weights on the same labelled plates and cars: what the gate judges and the report shows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from kilpi.decision.verifier import LstmVerifier
from kilpi.errors import LabelError
from kilpi.evaluation.before_after import compare_detectors, found_by_both
from kilpi.evaluation.car_reads import read_cars
from kilpi.evaluation.decision import decide_cars
from kilpi.evaluation.gate import Accepted, Cost, Doubted, Paired, paired
from kilpi.evaluation.mishaps.folder import LEAST, widest
from kilpi.evaluation.mishaps.reads import read_kind
from kilpi.evaluation.mishaps.report import judge, kinds_named
from kilpi.evaluation.reader import evaluate_reader
from kilpi.evaluation.reader_tables import Read
from kilpi.labels.dataset import load_scenes
from kilpi.labels.record import read_labels
from kilpi.photos.view import ViewReader
from kilpi.pipeline import Kilpi
from kilpi.plates.corners import CornerFinder
from kilpi.plates.detector import PlateDetector
from kilpi.plates.hidden_parts import HiddenParts, SeeingReader
from kilpi.plates.reader import PlateReader
from kilpi.weights import NETWORKS, PACKAGED, open_network

SURE = 0.9  # score of the weakest character from which a read is held against its label
FEWEST_SCENES = 4  # photos with a plate large enough, to compose mishaps from
TIMED, ROUNDS = 40, 5  # plates that are timed, and how often both are timed in turn


@dataclass(frozen=True, slots=True)
class Weights:
    """A set of weights: what a folder has, and the package's for all else. `folder` None: the package's."""

    folder: Path | None = None

    def of(self, name: str) -> Path:
        """The folder that has this network."""
        own = self.folder
        return own if own is not None and (own / f"{name}.onnx").is_file() else PACKAGED

    def reader(self) -> PlateReader:
        """The reader, opened."""
        return PlateReader.load(self.of("reader"), 2)

    def line(self) -> Kilpi:
        """All networks as one line."""
        verifier = LstmVerifier.load(self.of("verifier"))
        corners = CornerFinder.load(self.of("corners"), 2)  # also where the detector is another folder's
        detector = PlateDetector(open_network("detector", self.of("detector"), 2), corners)
        viewer = ViewReader.load(self.of("view"), 2)
        reader = SeeingReader(self.reader().network, HiddenParts.load(self.of("whole"), 2))
        return Kilpi(detector=detector, reader=reader, verifier=verifier, viewer=viewer)

    def size(self) -> int:
        """Bytes of the networks."""
        return sum((self.of(name) / f"{name}.onnx").stat().st_size for name in NETWORKS)


@dataclass(frozen=True, slots=True)
class Contest:
    """Both on one set of labelled plates, in the same order."""

    name: str
    before: tuple[Read, ...]
    after: tuple[Read, ...]

    def marks(self) -> Paired:
        """Marks read exactly."""
        return paired(f"{self.name}, marks", exact(self.before), exact(self.after))

    def countries(self) -> Paired | None:
        """Countries named as labelled; None where the labels name none."""
        known = [i for i, read in enumerate(self.before) if read.country is not None]
        if not known:
            return None
        both = ([reads[i].named == reads[i].country for i in known] for reads in (self.before, self.after))
        return paired(f"{self.name}, countries", *both)

    def changed(self, to_right: bool) -> list[tuple[Read, Read]]:
        """The plates that turned right, or wrong: (before, after)."""
        pairs = zip(self.before, self.after, strict=True)
        return [(b, a) for b, a in pairs if is_exact(a) is to_right and is_exact(b) is not to_right]

    def by_country(self) -> list[tuple[str, int, int, int]]:
        """(country, plates, exact before, exact after), the most frequent first."""
        names = sorted({read.country or "–" for read in self.before})
        rows = []
        for name in names:
            mine = [i for i, read in enumerate(self.before) if (read.country or "–") == name]
            old, new = (sum(is_exact(reads[i]) for i in mine) for reads in (self.before, self.after))
            rows.append((name, len(mine), old, new))
        return sorted(rows, key=lambda row: -row[1])


def is_exact(read: Read) -> bool:
    """Every character."""
    return read.raw == read.expected


def exact(reads: Sequence[Read]) -> list[bool]:
    """`is_exact` of each."""
    return [is_exact(read) for read in reads]


def contest(name: str, labels: Path, before: Weights, after: Weights) -> Contest | None:
    """Both readers on the plates of a label file; None where it has no mark that is found."""
    try:
        reads = [evaluate_reader([labels], weights=w.of("reader")).results for w in (before, after)]
    except LabelError:
        return None
    both = set.intersection(*({read.path for read in some} for some in reads))  # one may be erased between
    if not both:
        return None
    return Contest(name, *(tuple(read for read in some if read.path in both) for some in reads))


def detections(name: str, labels: Path, before: Weights, after: Weights) -> Paired | None:
    """Plates found by both detectors; None where the file has no plate that is found."""
    try:
        both = compare_detectors([labels], (), before.of("detector"), after.of("detector"))
    except LabelError:
        return None
    pairs = found_by_both(both.before, both.after)
    return paired(f"{name}, plates found", [old for old, _ in pairs], [new for _, new in pairs])


def doubts(training: Contest) -> list[Doubted]:
    """Training labels that are contradicted surely: marks by the new reader, which saw them among many drawn
    ones and learns no single one by heart; countries by the old, which was not taught these.
    """
    sure = [read for read in training.after if read.score >= SURE]
    named = [read for read in training.before if read.country and read.named and is_exact(read)]
    named = [read for read in named if read.score >= SURE]
    return [
        Doubted("marks", len(sure), sum(not is_exact(read) for read in sure)),
        Doubted("countries", len(named), sum(read.named != read.country for read in named)),
    ]


def accepted(name: str, labels: Path, before: Weights, after: Weights) -> Accepted | None:
    """Both lines on the cars of a label file; None where it has none."""
    if not read_labels(labels):
        return None
    reports = []
    for weights in (before, after):
        line = weights.line()
        reports.append(decide_cars(list(read_cars(labels, [], line)), line.verifier, name))
    old, new = reports
    return Accepted(name, old.cars, old.accepted, new.accepted, old.wrong, new.wrong)


def mishaps(
    labels: Sequence[Path], count: int, before: Weights, after: Weights, kinds: Sequence[str] = ()
) -> Accepted | None:
    """Both lines on `count` composed folders of each kind (default all), each with something that happens to
    plates. They are composed of the photos of label files; None where too few show a plate large enough.
    """
    scenes = [s for path in labels for s in load_scenes(path, side=1600) if widest(s.view) >= LEAST]
    if len(scenes) < FEWEST_SCENES:
        return None
    found = []
    for weights in (before, after):
        line = weights.line()
        lines = [one for kind in kinds_named(kinds) for one in read_kind(kind, count, 0, scenes, False, line)]
        found.append(judge(lines, partial(LstmVerifier.load, weights.of("verifier"))))
    old, new = found
    counts = [sum(getattr(o, name) for o in some) for name in ("accepted", "wrong") for some in (old, new)]
    return Accepted("mishaps", len(old), counts[0], counts[1], counts[2], counts[3], answered=False)


def costs(training: Contest, before: Weights, after: Weights) -> tuple[Cost, Cost]:
    """What both cost, timed in turn on the same plates; the least of some rounds, in processor time: others
    use the machine.
    """
    readers, some = (before.reader(), after.reader()), training.before[:TIMED]
    times = [[processor_ms(reader, some) for reader in readers] for _ in range(ROUNDS)]
    old, new = (min(row[i] for row in times) for i in (0, 1))
    ratio = median(row[1] / row[0] for row in times)  # each round had the machine in one state
    return Cost(old, before.size()), Cost(min(new, old * ratio), after.size())


def processor_ms(reader: PlateReader, reads: Sequence[Read]) -> float:
    """Median processor time for one plate, read alone, ms; waiting for a busy machine does not count."""
    spent = []
    for read in reads:
        start = time.process_time()
        reader.read([read.pixels])
        spent.append(1000 * (time.process_time() - start))
    return median(spent)
