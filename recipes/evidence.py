"""What register and dealer's row add to the read: composed cars kept as reads, simulated registers and rows.

    python recipes/evidence.py runs/verifier [--part test --part calibration] [--home FI] [--draws 20]

Every mark exists in the register. A right mark's car is the row's; a misread mark's car is a stranger's, of
random make, year and colour; another car's plate is of a car beside it at the same dealer's, which has the
same make in DEALERS_OWN of the cases, and its colour always fits what is seen around it. A colour is seen in
SEEN of the cars. Makes: Trafi's figures of 2017 for the first three (vehicle/data/ties.toml), the rest shared
evenly by 12. The row has no errors: rows about other cars are held by the tests of `kilpi.vehicle`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from kilpi.decision.evidence import add_up
from kilpi.decision.subject import find_subject
from kilpi.decision.tracks import find_tracks
from kilpi.decision.verifier import LstmVerifier
from kilpi.evaluation.car_reads import CarReads, is_own, load_reads, wears_its_own
from kilpi.grammar import Grammars, load_grammars
from kilpi.types import Decision, Mark, Offer, Vehicle, Verdict
from kilpi.vehicle import ties
from kilpi.vehicle.identity import Identifier
from kilpi.vocabulary import Colour

MAKES = {"Toyota": 0.131, "Volkswagen": 0.110, "Volvo": 0.081, **{f"Make {n:02}": 0.0565 for n in range(12)}}
COLOURS = {
    Colour.SILVER: 25,
    Colour.RED: 15,
    Colour.BLUE: 15,
    Colour.WHITE: 18,
    Colour.BLACK: 17,
    Colour.GREEN: 10,
}
YEARS = range(2005, 2026)
SEEN = 0.45
DEALERS_OWN = 0.3
ROWS: dict[str, tuple[str, ...]] = {
    "no row": (),
    "make": ("make",),
    "make, year": ("make", "year"),
    "make, year, mark": ("make", "year", "mark"),
    "make, year, VIN": ("make", "year", "vin"),
}


@dataclass
class OneCar:
    """A register that knows one car, whatever mark it is asked for; counts."""

    car: Vehicle
    asked: int = 0

    def look_up(self, mark: Mark) -> Vehicle:
        self.asked += 1
        return replace(self.car, mark=mark)


@dataclass(frozen=True)
class Read:
    """A car's decision without register, whether its mark is right, and whether it is another car's plate."""

    car: CarReads
    decision: Decision
    right: bool
    another: bool


def any_car(rng: Random, make: str = "") -> Vehicle:
    vin = "".join(rng.choices("ABCDEFGH0123456789", k=17))
    return Vehicle(
        Mark("X", "FI"), "simulated", datetime(2026, 1, 1, tzinfo=UTC), vin=vin,
        make=make or rng.choices(list(MAKES), list(MAKES.values()))[0],
        colour=rng.choices(list(COLOURS), list(COLOURS.values()))[0],
        first_registered=date(rng.choice(YEARS), 6, 1),
    )  # fmt: skip


def row_of(car: Vehicle, truth: str | None, fields: Sequence[str]) -> Offer:
    known = {
        "make": car.make,
        "year": car.first_registered and car.first_registered.year,
        "mark": truth,
        "vin": car.vin,
    }
    return Offer(**{name: known[name] for name in fields})  # type: ignore[arg-type]


def decided(cars: Iterable[CarReads], verifier: LstmVerifier, grammars: Grammars) -> list[Read]:
    reads = []
    for car in cars:
        made = verifier.decide(car.plates, car.shown)
        right = made.mark is not None and is_own(made.mark, car, grammars)
        tracks = find_tracks(car.plates, grammars)
        main = find_subject(tracks, verifier.policy).main.plates if tracks else ()
        own = any(own for plate, own in zip(car.plates, car.own, strict=True) if plate in main)
        reads.append(Read(car, made, right, not own))
    return reads


def identified(
    read: Read, fields: Sequence[str], least: float, rng: Random, wrong: bool, another: bool
) -> tuple[Decision, bool, int]:
    """The decision with register and row; whether a mark was asked for in vain; how many were asked for."""
    own = any_car(rng)
    other = any_car(rng, own.make or "" if another and rng.random() < DEALERS_OWN else "")
    registered = other if wrong else own
    seen = Colour(str(registered.colour if another else own.colour)) if rng.random() < SEEN else None
    truth = (
        read.car.truth
        if not wrong or read.car.truth != (read.decision.mark and read.decision.mark.compact)
        else "OTHER1"
    )
    register = OneCar(registered)
    made = Identifier(register, 1, least, lambda plates, photos: seen).identify(
        read.decision, (), row_of(own, truth, fields)
    )
    return made.decision, made.in_vain, register.asked


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", action="append", default=[])
    parser.add_argument("--home", action="append", default=[])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    grammars, verifier = load_grammars(), LstmVerifier.load(home=args.home)
    parts, least = args.part or ["test"], verifier.policy.p
    files = [path for part in parts for path in sorted(args.folder.glob(f"{part}.reads*.jsonl"))]
    cars = load_reads(files, grammars)
    if args.home:
        cars = [car for car in cars if car.country in (None, *args.home)]
    reads = decided(cars, verifier, grammars)
    wearing = [read for read in reads if wears_its_own(read.car, grammars)]
    alone = [read for read in reads if read.decision.verdict is Verdict.ACCEPTED]
    where = f"{'+'.join(parts)}, home {args.home or 'none'}"
    print(f"{where}: {len(reads)} cars, {len(wearing)} wear their own mark")
    share, wrong = len(alone) / len(wearing), sum(not read.right for read in alone)
    print(
        f"without register and row: {len(alone)} accepted ({share:.1%}), {wrong} wrong; policy p {least:.4f}"
    )
    print(f"with them, mean of {args.draws} draws:")
    for name, fields in ROWS.items():
        show(name, *drawn(reads, fields, least, args), len(wearing), args.draws)
    liftable = [read for read in reads if read.right and ties.belief_in(read.decision, ties.load_shares())]
    if_wrong(liftable, least, args)
    scales(liftable, least)
    review = [r for r in wearing if r.right and r.decision.verdict is Verdict.REVIEW and r not in liftable]
    codes = Counter(tuple(reason.code for reason in read.decision.reasons) for read in review)
    print("right, in review, and no tie may lift them:", codes.most_common(8))


def if_wrong(liftable: Sequence[Read], least: float, args: argparse.Namespace) -> None:
    """How often a right read that ties may lift would be lifted if it were wrong."""
    print(f"if each of the {len(liftable)} right reads that ties may lift were wrong, lifted:")
    for another in (False, True):
        for name, fields in ROWS.items():
            rng = Random(args.seed)
            made = [
                identified(read, fields, least, rng, True, another)[0]
                for read in liftable
                for _ in range(args.draws)
            ]
            lifted = sum(one.verdict is Verdict.ACCEPTED for one in made)
            print(f"  {'a car beside' if another else 'a stranger'}, row {name}: {lifted} of {len(made)}")


def drawn(
    reads: Sequence[Read],
    fields: Sequence[str],
    least: float,
    args: argparse.Namespace,
) -> tuple[int, int, int, int]:
    """Accepted, of them wrong, marks asked for, and in vain, over all draws."""
    rng = Random(args.seed)
    accepted = wrong = asked = vain = 0
    for _ in range(args.draws):
        for read in reads:
            made, in_vain, n = identified(
                read, fields, least, rng, not read.right, read.another and not read.right
            )
            accepted += made.verdict is Verdict.ACCEPTED
            wrong += made.verdict is Verdict.ACCEPTED and not read.right
            asked, vain = asked + n, vain + in_vain
    return accepted, wrong, asked, vain


def show(name: str, accepted: int, wrong: int, asked: int, vain: int, wearing: int, draws: int) -> None:
    share, hundreds = accepted / draws / wearing, wearing * draws / 100
    told = f"{accepted / draws:.1f} accepted ({share:.1%}), {wrong / draws:.2f} wrong"
    print(f"  row {name}: {told}; per 100 cars asked {asked / hundreds:.1f}, in vain {vain / hundreds:.2f}")


def scales(liftable: Sequence[Read], least: float) -> None:
    """How many right reads suffice where all fits and a red Volvo is seen, at several times the shares."""
    shares = ties.load_shares()
    for times in (0.5, 1.0, 2.0):
        enough = Counter[str]()
        for read in liftable:
            belief, mark = ties.belief_in(read.decision, shares), read.decision.mark
            assert belief and mark
            for name, fields in ROWS.items():
                row = row_of(any_car(Random(0), "Volvo"), mark.compact, fields)
                fitting = ties.possible_ties(mark, row, Colour.RED, shares)
                named = ties.names_country(read.decision, fitting)
                enough[name] += named and add_up(belief, fitting, times) >= least
        told = ", ".join(f"{name}: {count}" for name, count in enough.items())
        print(f"  shares x {times:g}, all fits, of {len(liftable)} suffice with row {told}")


if __name__ == "__main__":
    main()
