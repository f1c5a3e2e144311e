"""Webhooks that could not be delivered, and sending them again. For administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.cases import outbox
from kilpi.web.pages import page
from kilpi.web.serving import Served
from kilpi.web.visitor import Admin

router = APIRouter(include_in_schema=False)


@router.get("/deliveries")
def deliveries(request: Request, visitor: Admin, serving: Served) -> Response:
    """What was given up, the newest first, and how much waits."""
    hosts = {hook.id: outbox.host_of(hook) for hook in outbox.list_hooks(serving.store)}
    return page(
        request,
        visitor,
        "deliveries.html",
        dead=outbox.list_deliveries(serving.store, dead=True),
        left=outbox.backlog(serving.store),
        hosts=hosts,
    )


@router.post("/deliveries/resend")
def resend(visitor: Admin, serving: Served, delivery: Annotated[str, Form(max_length=100)] = "") -> Response:
    """One, or all that were given up."""
    outbox.resend(serving.store, [delivery] if delivery else (), dead=not delivery)
    return RedirectResponse("/deliveries", 303)
