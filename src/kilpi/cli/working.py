"""kilpi work: workers beside `kilpi advert`, or instead of it, on this machine or on others."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cases import (
    Case,
    Keep,
    Later,
    Maker,
    Outcome,
    Task,
    Workers,
    backlog,
    retainer,
    schedule_retention,
)
from kilpi.cases.records import WORK
from kilpi.cli.advert_run import FILE, Asked, audit_plan, last_run
from kilpi.cli.adverts import index_or_error
from kilpi.cli.cases import opened
from kilpi.cli.faults import hide_words_of_faults
from kilpi.cli.options import DataFolder
from kilpi.config import Settings, load_settings
from kilpi.errors import UsageError
from kilpi.signals import stopped_by_signals
from kilpi.store import Store

SPAWN = multiprocessing.get_context("spawn")  # a forked network's threads do not run
LOOK_S = 0.2  # between looks whether everything is done


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command(name="work")(work_on)


def work_on(
    out: DataFolder = Path("out"),
    jobs: Annotated[int, typer.Option(min=1, help="Workers, a process each.")] = 1,
    until_done: Annotated[bool, typer.Option("--until-done", help="End when nothing is left.")] = False,
) -> None:
    """Work on the cars of a folder.

    The same work as `kilpi advert`'s, which may run beside it.

    Ends after the cars in hand at Ctrl-C or SIGTERM; at a second Ctrl-C at once, and another run takes those
    cars up when their leases are over, after a minute at most.
    """
    if Asked.load(out) is None:
        raise UsageError(
            f"{out}: no `kilpi advert` ran into it, which says how cars are made (its {FILE}); the cars of a"
            " server are made by `kilpi serve`"
        )
    if jobs == 1:
        serve(out, until_done)
        return
    children = [SPAWN.Process(target=child, args=(out, until_done)) for _ in range(jobs)]
    for process in children:
        process.start()
    with stopped_by_signals() as over:
        while any(process.is_alive() for process in children) and not over.wait(LOOK_S):
            pass
        for process in children:
            process.terminate()  # SIGTERM: it ends after the car in hand
        for process in children:
            process.join()
    if any(process.exitcode for process in children):
        raise typer.Exit(1)


def child(out: Path, until_done: bool) -> None:
    """One of several worker processes."""
    from kilpi.cli import ended_well

    hide_words_of_faults()
    ended_well(lambda: serve(out, until_done))


def serve(out: Path, until_done: bool) -> None:
    """One worker in this process, until it is told to stop."""
    settings = load_settings()
    with opened(out) as store, stopped_by_signals() as over:
        flow = LastAsked(store, out, settings)
        forget = retainer(store, Keep.of(settings))
        workers = Workers(
            store,
            lambda: flow,
            handlers=forget,
            watch=flow.settle,
            idle=flow.write_index,
            plan=audit_plan(),
        )
        schedule_retention(store)
        workers.start()
        while workers.alive and not over.wait(LOOK_S):
            if until_done and nothing_left(store):
                break
        workers.stop()


def nothing_left(store: Store) -> bool:
    """Whether every car is made, or can be only later."""
    left = backlog(store, [WORK])
    return not left.waiting and not left.leased


@dataclass
class LastAsked:
    """The flow of the last `kilpi advert` into a folder, whenever that was: a later run's options count."""

    store: Store
    out: Path
    settings: Settings
    _stamp: tuple[int, ...] = ()
    _maker: Maker | None = field(default=None)

    def __call__(self, task: Task) -> Outcome | Later:
        """One case, as the last run was asked to make it."""
        return self.maker(task)

    @property
    def maker(self) -> Maker:
        """Opened again after each run of `kilpi advert`, so that it knows that run's cars and options."""
        file = (self.out / FILE).stat()
        stamp = (file.st_mtime_ns, file.st_ino)
        if self._maker is None or stamp != self._stamp:
            self._maker, self._stamp = last_run(self.out, self.settings, self.store), stamp
        if self._maker is None:
            raise UsageError(f"{self.out / FILE}: cannot be read; run `kilpi advert` again")
        return self._maker

    def settle(self, case: Case) -> None:
        """Its folder as the case has it."""
        self.maker.settle(case)
        self.maker.made.pop(case.id, None)  # a worker lives long

    def write_index(self) -> None:
        """The index over all cars."""
        index_or_error(self.out, self.maker.line.language)
