"""kilpi retrain: what people answered becomes better weights. Needs the extra kilpi[train]."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output
from kilpi.cli.advert_run import audit_plan
from kilpi.cli.cases import opened
from kilpi.cli.options import DataFolder, Device, Json, Minutes, Seed, sound_minutes
from kilpi.cli.training_asked import need_torch, told_how_to_go_on
from kilpi.cli.weights import need_no_others


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command("retrain")(retrain)


def retrain(
    minutes: Minutes,
    data: DataFolder = Path("out"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that was broken off.")] = False,
    cars: Annotated[bool, typer.Option(help="Decide whole cars before and after, too.")] = True,
    verifier: Annotated[
        bool, typer.Option("--verifier", help="Train the verifier anew, too; takes more than an hour.")
    ] = False,
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Learn from what people answered.

    New weights come into use only if they pass the gate.
    """
    need_torch()
    sound_minutes(minutes)
    need_no_others()
    from kilpi.learn.retrain import Retrain
    from kilpi.learn.retrain import retrain as learn
    from kilpi.learn.verifier.train import Cars

    with opened(data) as store, told_how_to_go_on():
        renewed = Cars(test=0) if verifier else None
        done = learn(
            store, Retrain(minutes, seed, device, resume, cars, audit=audit_plan(), verifier=renewed)
        )
    value = {"report": str(done.folder), "version": done.version, **done.gate.as_dict()}
    value["policy"] = done.policy.as_dict() if done.policy else None
    output.tell(value, done.text, json)
