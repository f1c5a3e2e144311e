"""/metrics: for Prometheus, with a staff token."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kilpi.web.serving import Served
from kilpi.web.visitor import Machine, NotAllowed

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=Response)
def metrics(visitor: Machine, serving: Served) -> Response:
    """Counts and times, without anything of a car."""
    if not visitor.may("staff"):
        raise NotAllowed
    return Response(generate_latest(serving.metrics.registry), media_type=CONTENT_TYPE_LATEST)
