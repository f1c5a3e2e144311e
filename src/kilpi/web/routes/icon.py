"""The picture in the browser's tab, for pages that name none: an advert stands alone and does not know it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from kilpi.web.pages import asset
from kilpi.web.visitor import Anyone

router = APIRouter(include_in_schema=False)


@router.get("/favicon.ico")
def icon(visitor: Anyone) -> Response:
    """Where browsers look for it by themselves."""
    return RedirectResponse(asset("icon.svg"), 308)
