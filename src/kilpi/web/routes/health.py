"""Whether the server is there, and whether it can work: for whoever watches over it."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from kilpi.cases import backlog
from kilpi.doors.looks import looks
from kilpi.errors import StoreError
from kilpi.web.serving import Served
from kilpi.web.visitor import Anyone

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz(visitor: Anyone) -> Response:
    """It answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(visitor: Anyone, serving: Served) -> Response:
    """The database answers and the workers run; 503 where not. Counts only, no car."""
    try:
        left = backlog(serving.store)
    except StoreError:
        return JSONResponse({"status": "no_database"}, 503)
    if not serving.working():
        return JSONResponse({"status": "no_worker"}, 503)
    counts = {"waiting": left.waiting, "working": left.leased, "later": left.later, "given_up": left.given_up}
    now = datetime.now(UTC)
    doors = [
        {
            "door": look.name.split()[0],
            "looked_s_ago": round((now - look.looked).total_seconds()),
            "ok": not look.problem,
        }
        for look in looks(serving.store)
    ]
    return JSONResponse({"status": "ok", "jobs": counts, "doors": doors})
