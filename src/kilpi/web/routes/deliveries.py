"""How the doors stand, where webhooks go, and those that could not be delivered. For administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.cases.outgoing import outbox
from kilpi.doors.looks import looks
from kilpi.web.pages import page
from kilpi.web.serving import Served
from kilpi.web.visitor import Admin

router = APIRouter(include_in_schema=False)
SILENT_S = 300.0  # as the alarm KilpiDoorSilent


@router.get("/deliveries")
def deliveries(request: Request, visitor: Admin, serving: Served) -> Response:
    """Doors and hooks; what was given up, the newest first, and how much waits."""
    hooks, now = outbox.list_hooks(serving.store), datetime.now(UTC)
    doors = [(look, (now - look.looked).total_seconds() > SILENT_S) for look in looks(serving.store)]
    return page(
        request,
        visitor,
        "deliveries.html",
        dead=outbox.list_deliveries(serving.store, dead=True),
        left=outbox.backlog(serving.store),
        doors=doors,
        hooks=[(hook, outbox.host_of(hook)) for hook in hooks],
        hosts={hook.id: outbox.host_of(hook) for hook in hooks},
    )


@router.post("/deliveries/resend")
def resend(visitor: Admin, serving: Served, delivery: Annotated[str, Form(max_length=100)] = "") -> Response:
    """One, or all that were given up."""
    outbox.resend(serving.store, [delivery] if delivery else (), dead=not delivery)
    return RedirectResponse("/deliveries", 303)
