"""/v1/openapi.json: what /v1 offers, for people and for programs that write clients."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from kilpi.web.visitor import Anyone

router = APIRouter(include_in_schema=False)


@router.get("/v1/openapi.json")
def openapi(request: Request, visitor: Anyone) -> Response:
    """The description; it holds no data."""
    return JSONResponse(description(request.app))


@lru_cache(maxsize=4)
def description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of all routes that are in it, with the bearer token that /v1 wants."""
    made = get_openapi(title="Kilpi", version=app.version, routes=app.routes)
    schemes = made.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["token"] = {"type": "http", "scheme": "bearer"}
    for path, methods in made["paths"].items():
        if path.startswith("/v1/"):
            for operation in methods.values():
                operation["security"] = [{"token": []}]
        for operation in methods.values():  # what generated clients call their functions
            operation["operationId"] = (
                f"{operation['tags'][0]}_{operation['summary'].lower().replace(' ', '_')}"
            )
    mark_files(made["components"])
    return made


def mark_files(part: Any) -> None:
    """Files are also told in the way of OpenAPI 3.0: most generators of clients know no other."""
    if isinstance(part, dict):
        if part.get("contentMediaType") == "application/octet-stream":
            part["format"] = "binary"
        for below in part.values():
            mark_files(below)
    elif isinstance(part, list):
        for below in part:
            mark_files(below)
