"""kilpi watch, kilpi mail: photos that are put into a folder, or sent by mail, become cars."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from kilpi.cases import MadeCars
from kilpi.cli import output
from kilpi.cli.adverts import prepare
from kilpi.cli.logs import tell_log
from kilpi.cli.options import SERVE_DATA, ServeData
from kilpi.config import Settings, load_settings
from kilpi.doors.looks import forget_look
from kilpi.errors import MissingExtra, StoreError
from kilpi.signals import stopped_by_signals
from kilpi.store import Store, open_store
from kilpi.text import counted

if TYPE_CHECKING:
    from kilpi.doors.mail import MailDoor
    from kilpi.doors.watch import Watch

Keep = Annotated[bool, typer.Option("--keep", help="Leave files where they are; each is taken once.")]
Dealer = Annotated[str, typer.Option(help="Whose cars these are.")]


class Door(Protocol):
    """Something that looks, again and again, for what came in or is to go out."""

    store: Store

    @property
    def name(self) -> str:
        """As it is called on /readyz."""
        ...

    def run(self, stop: threading.Event) -> None:
        """Looks until it is told to stop."""
        ...

    def look(self) -> bool:
        """Looks once; whether another look is soon due."""
        ...


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(watch)
    app.command()(mail)


def watch(
    folder: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders to watch.")],
    data: ServeData = SERVE_DATA,
    dealer: Dealer = "",
    keep: Keep = False,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help="Take in what is there, and end; what looks cut off is waited for, 5 minutes at most.",
        ),
    ] = False,
) -> None:
    """Take in the cars that are put into a folder.

    Until told to stop; `kilpi serve` works on them.
    """
    settings = load_settings()
    prepare(data)
    data.chmod(0o700)
    tell_log(settings.log)
    store = open_store(data, settings)
    try:
        watches = watches_of(store, folder, data, settings, dealer, keep, told=tell_cars)
        with stopped_by_signals() as stop:
            threads = start(watches, stop, once)
            for thread in threads:
                thread.join()
        if once:
            end_as(watches)
    finally:
        store.close()


def mail(
    data: ServeData = SERVE_DATA,
    once: Annotated[bool, typer.Option("--once", help="Read what is there, and end.")] = False,
) -> None:
    """Take in the cars that are sent to a mailbox.

    KILPI_MAIL_... says which, until told to stop; `kilpi serve` works on them.
    """
    settings = load_settings()
    prepare(data)
    data.chmod(0o700)
    tell_log(settings.log)
    store = open_store(data, settings)
    try:
        door = mail_door(store, data, settings, told=tell_cars)
        with stopped_by_signals() as stop:
            run_door(door, stop, once)
        if once:
            end_as([door])
    finally:
        store.close()


def mail_door(
    store: Store,
    data: Path,
    settings: Settings,
    changed: Callable[[], object] = lambda: None,
    told: Callable[[MadeCars], object] = lambda made: None,
) -> MailDoor:
    """The mailbox of the settings. Raises UsageError, MissingExtra."""
    if find_spec("imap_tools") is None:
        raise MissingExtra("reading mail needs an optional part: pip install 'kilpi[web]'")
    from kilpi.doors.mail import MailDoor

    return MailDoor(store, data, settings, changed, told)


def watches_of(
    store: Store,
    folders: Sequence[Path],
    data: Path,
    settings: Settings,
    dealer: str = "",
    keep: bool = False,
    changed: Callable[[], object] = lambda: None,
    told: Callable[[MadeCars], object] = lambda made: None,
) -> list[Watch]:
    """One a folder. Raises UsageError, MissingExtra."""
    if find_spec("watchfiles") is None:
        raise MissingExtra("watching a folder needs an optional part: pip install 'kilpi[web]'")
    from kilpi.doors.watch import Watch

    return [
        Watch(
            store, folder, data, dealer, keep, settings.country, settings.language,
            changed=changed, told=told,
        )
        for folder in folders
    ]  # fmt: skip


def tell_cars(made: MadeCars) -> None:
    """A line a car as it came, without its name: standard output may end in a log, and the name be a mark."""
    with suppress(OSError):  # nobody listens any more; the cars are made all the same
        for car in made.cars:
            told = {"case": car.case.id, "how": car.how.value}
            output.tell(told, f"{car.how.value}: case {car.case.id}", False)
        if made.stock:
            rows, left = made.listed.rows, [case.id for case in made.listed.unlisted]
            words = f"stock list: {counted(rows, 'car')}; no longer in it, figures kept: {len(left):,}"
            output.tell({"listed": rows, "unlisted": left}, words, False)


def start(doors: Sequence[Door], stop: threading.Event, once: bool = False) -> list[threading.Thread]:
    """A thread a door."""

    threads = [
        threading.Thread(target=run_door, args=(one, stop, once), name=one.name, daemon=True) for one in doors
    ]
    for thread in threads:
        thread.start()
    return threads


def end_as(doors: Sequence[Watch | MailDoor]) -> None:
    """Raises what went wrong in a door's last look: whoever runs them by the clock is to notice."""
    for failed in (door.failed for door in doors):
        if failed is not None:
            raise failed


def run_door(door: Door, stop: threading.Event, once: bool = False) -> None:
    """Until it is told to stop, or until nothing is left. A door that is shut is not missed by alarms."""
    if not once:
        door.run(stop)
    while once and door.look() and not stop.wait(1.0):
        pass
    with suppress(StoreError):
        forget_look(door.store, door.name)
