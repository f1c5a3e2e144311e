"""kilpi publish: adverts of accepted, complete cars leave; drafts and reviews never do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kilpi.adverts.wording import Wording, load_wording
from kilpi.cases.outgoing.noted import Noted
from kilpi.cli import output
from kilpi.cli.advert_run import Asked
from kilpi.cli.options import DataFolder, Json
from kilpi.config import Settings, load_settings
from kilpi.errors import PublishError
from kilpi.publishing.publish import PublishReport, destination
from kilpi.publishing.publish import publish as send
from kilpi.publishing.shop import open_shop
from kilpi.schemas import plain
from kilpi.store import Store, open_store
from kilpi.store.store import FILE
from kilpi.text import counted


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(publish)


def publish(
    to: Annotated[str, typer.Option(help="A folder, or an https address that takes a signed POST.")],
    named: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="As -o: the folder that `kilpi advert` wrote.")
    ] = None,
    out: DataFolder = Path("out"),
    dealer: Annotated[
        Path | None, typer.Option(help="dealer.toml: name, address, logo, colours, feeds.")
    ] = None,
    json: Json = False,
) -> None:
    """Adverts and feeds to a folder or a web address.

    Only what changed since the last time.
    """
    settings, out = load_settings(), named or out
    shop = open_shop(dealer)
    place, is_url = destination(to)
    target = place if is_url else str(Path(place).resolve())
    with cases_of(out, settings) as store, output.progress_bar() as bar:
        task = bar.add_task("publish", total=None)
        noted = Noted(store, out, target) if store else None
        report = send(
            out,
            to,
            shop=shop,
            secret=settings.webhook_secret.get_secret_value(),
            tick=lambda: bar.advance(task),
            keeper=noted,
        )
        if noted:
            noted.after(report.withdrawn, {held.folder for held in report.failed})
    if output.wants_json(json):
        output.print_json(plain(report))
    else:
        show_report(report, load_wording(Asked.language_of(out)))
        for note in shop.notes:
            output.console.print(f"[yellow]changed:[/] {output.escape(note)}", soft_wrap=True)
    if report.failed:
        raise typer.Exit(PublishError.exit_code)


@contextmanager
def cases_of(out: Path, settings: Settings) -> Iterator[Store | None]:
    """The cases of an output folder; None where it has none (adverts made by a program of your own)."""
    if not (out / FILE).is_file() and not (out.is_dir() and settings.database_url.get_secret_value()):
        yield None
        return
    store = open_store(out, settings)
    try:
        yield store
    finally:
        store.close()


def show_report(report: PublishReport, words: Wording) -> None:
    """What was published, what was not and why; cars by their public names."""
    states = {state: words.state(state) for state in words.tables["state"]}
    print_ = output.console.print
    print_(
        f"published {len(report.sent)}, published before and unchanged {report.unchanged}, "
        f"taken down {len(report.withdrawn)}, not published {len(report.held) + len(report.failed)}"
    )
    for held in (*report.held, *report.failed):
        where, why = output.escape(str(held.folder)), output.escape(states.get(held.why, held.why))
        print_(f"[yellow]not published:[/] {where}: {why}", soft_wrap=True)
    for feed in report.feeds:
        print_(f"{feed.name}: {counted(feed.cars, 'car')}")
        for fault in feed.faults:
            print_(
                f"  [yellow]{output.escape(f'{fault.car}, {fault.column}: {fault.message}')}[/]",
                soft_wrap=True,
            )
