"""Winter comes in the middle of a simulated stream: days to the alarm, wrong cars until then.

    python recipes/winter.py --out runs/winter

Ordinary drawn plates on the photos of samples/ for some weeks, then the same at dusk and under salt, through
the shipped line. Of weeks that are as before at most 1 % alarm (`kilpi.evaluation.drift`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cases.learning.drifting import traits_of_cars
from kilpi.evaluation.contest import Weights
from kilpi.evaluation.drift import drifts, monday
from kilpi.learn.department import Department, DrawnCars, LineFlow, Plan, SimulatedClock
from kilpi.store import Store


def main(
    out: Annotated[Path, typer.Option()],
    samples: Annotated[Path, typer.Option()] = Path("samples"),
    reference: Annotated[int, typer.Option(help="Weeks to compare with.")] = 3,
    before: Annotated[int, typer.Option(help="Weeks after those, as before.")] = 2,
    after: Annotated[int, typer.Option(help="Weeks of winter.")] = 2,
    cars: int = 30,
    seed: int = 0,
) -> None:
    clock = SimulatedClock(datetime(2026, 9, 7, tzinfo=UTC))  # a Monday
    store = Store.open(out, clock=clock)
    drawn = DrawnCars(out / "photos", samples, Plan(cars=cars, strange=False, seed=seed))
    department, flow = Department(store, drawn, clock), LineFlow(Weights().line())
    print("| week | cars | accepted | wrong | answered | audited |\n|---|---|---|---|---|---|", flush=True)
    for week in range(reference + before + after):
        if week == reference + before:
            drawn.winter, winter = True, monday(clock.now)
        if week == reference:
            known = clock.now
        print(department.week(flow).text, flush=True)
    traits = traits_of_cars(store)
    found = drifts([car for car in traits if car.at >= known], [car for car in traits if car.at < known])
    for one in found:
        print(f"{one.week} {one.dealer}: {one.cars} cars, alarms: {', '.join(one.alarms) or 'none'}")
    first = next((one for one in found if one.alarms and one.week >= winter), None)
    false = sum(bool(one.alarms) for one in found if one.week < winter)
    wrong = sum(week.wrong for week in department.weeks[reference + before :])
    told = f"{(first.week - winter).days + 7} days after its first" if first else "none"
    print(f"false alarms {false}; alarm of winter: {told}; cars accepted wrongly in winter: {wrong}")
    store.close()


if __name__ == "__main__":
    typer.run(main)
