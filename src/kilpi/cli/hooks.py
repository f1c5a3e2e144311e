"""kilpi hooks ...: where news of cases goes, what became of it, and sending it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table

from kilpi.cases.incoming.dealers import known_dealer
from kilpi.cases.outgoing import outbox
from kilpi.cases.outgoing.outbox import Delivery, Hook
from kilpi.cli import output
from kilpi.cli.cases import opened
from kilpi.cli.doors import run_door
from kilpi.cli.options import SERVE_DATA, DataFolder, Json
from kilpi.config import Settings, load_settings
from kilpi.errors import UsageError
from kilpi.publishing.address import Allowed
from kilpi.signals import stopped_by_signals
from kilpi.store import Store

if TYPE_CHECKING:
    from kilpi.doors.deliver import Deliver


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    hooks = typer.Typer(help="Webhooks: news of cases for other programs.")
    hooks.command("add")(add)
    hooks.command("list")(list_all)
    hooks.command("remove")(remove)
    hooks.command("deliveries")(deliveries)
    hooks.command("resend")(resend)
    hooks.command("send")(send)
    app.add_typer(hooks, name="hooks", no_args_is_help=True)


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="https://... that news is posted to.")],
    data: DataFolder = SERVE_DATA,
    dealer: Annotated[str, typer.Option(help="Only of this dealer's cases.")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="Only of such events; may be repeated.")] = None,
    json: Json = False,
) -> None:
    """From now on, news goes there. Prints the secret that signs it, this once."""
    allowed = Allowed.parse(load_settings().hooks_private)
    try:
        allowed.check(url)
    except OSError:
        host = urlsplit(url).hostname or ""
        raise UsageError(f"hook on {host}: this name has no address now (DNS); see how it is spelt") from None
    with opened(data) as store:
        hook = outbox.add_hook(store, url, dealer, kind or ())
        if dealer and not known_dealer(store, dealer):
            output.warn(f"--dealer {dealer}: nobody here is called so yet; see how it is spelt")
    output.tell({**told(hook), "secret": hook.secret}, f"{hook.id}\nsecret: {hook.secret}", json)


def list_all(data: DataFolder = SERVE_DATA, json: Json = False) -> None:
    """All places that news goes to."""
    with opened(data) as store:
        found = outbox.list_hooks(store)
    if output.wants_json(json):
        for hook in found:
            output.print_json(told(hook))
        return
    if not found:
        output.console.print("no webhooks yet; kilpi hooks add URL makes one")
        return
    table = Table("id", "url", "dealer", "events")
    for hook in found:
        kinds = ", ".join(hook.kinds) if hook.kinds else "all"
        table.add_row(*map(output.escape, (hook.id, hook.url, hook.dealer or "all", kinds)))
    output.console.print(table)


def remove(
    hook: Annotated[str, typer.Argument(metavar="ID", help="As `kilpi hooks list` names it.")],
    data: DataFolder = SERVE_DATA,
    json: Json = False,
) -> None:
    """Nothing more goes there; what waited is forgotten."""
    with opened(data) as store:
        if not outbox.remove_hook(store, hook):
            raise UsageError("hooks remove: there is no such id; see kilpi hooks list")
    output.tell({"removed": hook}, f"removed {hook}", json)


def deliveries(
    data: DataFolder = SERVE_DATA,
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, at most.")] = 100,
    json: Json = False,
) -> None:
    """What was sent, waits or was given up; the newest first."""
    with opened(data) as store:
        found = outbox.list_deliveries(store, dead, limit)
    if output.wants_json(json):
        for one in found:
            output.print_json(delivery_told(one))
        return
    if not found:
        output.console.print("nothing was given up" if dead else "nothing was to be sent in the last 30 days")
        return
    table = Table("id", "case", "event", "tries", "how it stands")
    for one in found:
        stands = "delivered" if one.delivered else "given up" if one.dead else "waits"
        why = f"{stands} ({one.error})" if one.error else stands
        table.add_row(*map(output.escape, (one.id, one.case_id, one.kind, str(one.attempts), why)))
    output.console.print(table)


def resend(
    delivery: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="As `kilpi hooks deliveries` names them.")
    ] = None,
    data: DataFolder = SERVE_DATA,
    dead: Annotated[bool, typer.Option("--dead", help="All that was given up.")] = False,
    json: Json = False,
) -> None:
    """Send deliveries again, under the same ids."""
    if bool(delivery) == dead:
        raise UsageError("hooks resend: give ids, or --dead")
    with opened(data) as store:
        count = outbox.resend(store, delivery or (), dead)
    if delivery and count < len(set(delivery)):
        missing = len(set(delivery)) - count
        raise UsageError(f"hooks resend: {missing} of these ids are not there; see kilpi hooks deliveries")
    output.tell({"resent": count}, f"{count} to be sent again", json)


def send(
    data: DataFolder = SERVE_DATA,
    once: Annotated[bool, typer.Option("--once", help="Send what is due, and end.")] = False,
) -> None:
    """Send news until told to stop. `kilpi serve` does so too; both at once are safe."""
    with opened(data) as store, stopped_by_signals() as stop:
        run_door(deliver_of(store, load_settings()), stop, once)


def deliver_of(
    store: Store, settings: Settings, told: Callable[[str], object] = lambda outcome: None
) -> Deliver:
    """The sender of the settings. Raises UsageError."""
    from kilpi.doors.deliver import Deliver

    return Deliver(store, Allowed.parse(settings.hooks_private), told=told)


def told(hook: Hook) -> dict[str, object]:
    """A hook as JSON, without its secret."""
    return {"id": hook.id, "url": hook.url, "dealer": hook.dealer, "events": hook.kinds}


def delivery_told(one: Delivery) -> dict[str, object]:
    """A delivery as JSON."""
    at = one.delivered.isoformat() if one.delivered else None
    names = ("id", "hook_id", "case_id", "seq", "kind", "state", "attempts", "error", "dead")
    return {name: getattr(one, name) for name in names} | {"delivered": at}
