"""kilpi publish: adverts of accepted, complete cars leave; drafts and reviews never do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output
from kilpi.cli.options import Json
from kilpi.config import load_settings
from kilpi.errors import PublishError
from kilpi.publishing.entries import read_dealer
from kilpi.publishing.publish import PublishReport
from kilpi.publishing.publish import publish as send
from kilpi.schemas import plain


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(publish)


def publish(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder that `kilpi advert` wrote.")],
    to: Annotated[str, typer.Option(help="A folder, or an https address that takes a signed POST.")],
    dealer: Annotated[Path | None, typer.Option(help="dealer.toml: name, address, feeds.")] = None,
    json: Json = False,
) -> None:
    """Adverts and feeds to a folder or a web address; only what changed since the last time."""
    secret = load_settings().webhook_secret.get_secret_value()
    with output.progress_bar() as bar:
        task = bar.add_task("publish", total=None)
        report = send(
            out,
            to,
            dealer=read_dealer(dealer) if dealer else None,
            secret=secret,
            tick=lambda: bar.advance(task),
        )
    if output.wants_json(json):
        output.print_json(plain(report))
    else:
        show_report(report)
    if report.failed:
        raise typer.Exit(PublishError.exit_code)


def show_report(report: PublishReport) -> None:
    """What left, what stayed and why; cars by their public names."""
    print_ = output.console.print
    print_(f"sent {len(report.sent)}, unchanged {report.unchanged}, withdrawn {len(report.withdrawn)}")
    for held in (*report.held, *report.failed):
        print_(
            f"[yellow]stays:[/] {output.escape(str(held.folder))}: {output.escape(held.why)}", soft_wrap=True
        )
    for feed in report.feeds:
        print_(f"{feed.name}: {feed.cars} cars")
        for fault in feed.faults:
            print_(
                f"  [yellow]{output.escape(f'{fault.car}, {fault.column}: {fault.message}')}[/]",
                soft_wrap=True,
            )
