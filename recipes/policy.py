"""Does refitting the threshold keep the promise? Simulated departments, refitted each week.

    python recipes/policy.py --departments 200

Prints a row for each kind of verifier: how many departments a refit ever took beyond the promise (where the
wrong rate was within it, or lower, before), and the true rates at the start and the end. docs/loop.md has
what came out.
"""

from __future__ import annotations

from statistics import mean
from typing import Annotated

import typer

from kilpi.evaluation.policy_trial import Trial, broke, run

VERIFIERS = {
    "as stated": Trial(0.0),
    "too sure": Trial(-1.0),
    "too sure, flat": Trial(0.0, slope=0.6),
    "not sure enough": Trial(1.0),
    "far from sure enough": Trial(2.5),
}


def main(
    departments: Annotated[int, typer.Option(help="Of each kind.")] = 200,
    only: Annotated[str | None, typer.Option(help="One kind.")] = None,
) -> None:
    print("| verifier | beyond the promise | wrong, first and last | accepted, first and last |")
    print("|---|---|---|---|")
    for name, trial in VERIFIERS.items():
        if only not in (None, name):
            continue
        runs = [run(trial, seed) for seed in range(departments)]
        first, last = runs[0][0], [weeks[-1] for weeks in runs]
        wrong, accepted = mean(week.wrong for week in last), mean(week.coverage for week in last)
        print(
            f"| {name} | {sum(broke(weeks, trial.promise) for weeks in runs)} of {departments} "
            f"| {first.wrong:.2%}, {wrong:.2%} | {first.coverage:.1%}, {accepted:.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    typer.run(main)
