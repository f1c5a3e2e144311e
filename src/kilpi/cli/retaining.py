"""kilpi retain: what is kept longer than it may be goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cases import Keep, overdue, retain
from kilpi.cli import output
from kilpi.cli.adverts import index_or_error
from kilpi.cli.cases import opened
from kilpi.cli.options import DataFolder, Json
from kilpi.config import load_settings
from kilpi.text import counted

MANY = 100_000


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command(name="retain")(retain_only)


def retain_only(
    out: DataFolder = Path("out"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    json: Json = False,
) -> None:
    """Erase cars whose time is over.

    KILPI_KEEP_DAYS and KILPI_KEEP_IDLE_DAYS say when; `kilpi serve` and `kilpi work` do so daily.
    """
    settings = load_settings()
    keep = Keep.of(settings)
    with opened(out) as store:
        if dry_run:
            found = overdue(store, keep, MANY)
            for case, why in found:
                value = {"car": case.address, "state": case.state, "why": why}
                output.tell(value, f"{case.address}: {WHY[why]}", json)
            if not found and not output.wants_json(json):
                output.console.print("no car's time is over")
            return
        done = retain(store, keep)
    if done.ended or done.idle or done.swept:
        index_or_error(out, settings.language)
    counts = {
        "ended": len(done.ended),
        "idle": len(done.idle),
        "uploads": done.orphans,
        "heaps": done.sheets,
        "left": done.swept,
    }
    output.tell({**counts}, told(counts), json)


WHY = {
    "keep_days": "was sold or withdrawn more than KILPI_KEEP_DAYS ago",
    "keep_idle_days": "is shown nowhere, and nothing happened to it for KILPI_KEEP_IDLE_DAYS",
}


def told(counts: Mapping[str, int]) -> str:
    """What went, for a person."""
    cars, others = counts["ended"] + counts["idle"], counts["uploads"] + counts["heaps"] + counts["left"]
    parts = (
        f"{counted(cars, 'car')} erased ({counts['ended']} sold or withdrawn, {counts['idle']} that nothing"
        " happened to)",
        f"{counted(counts['uploads'], 'upload')}, {counted(counts['heaps'], 'sheet')} of heaps and"
        f" {counted(counts['left'], 'folder')} left over",
    )
    return "; ".join(parts) if others else parts[0]
