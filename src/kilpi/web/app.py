"""The application: every file of routes/ is a group of pages; every route says who may use it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from kilpi.errors import UsageError
from kilpi.web import routes
from kilpi.web.problems import add_handlers
from kilpi.web.security import Guarded
from kilpi.web.serving import Serving
from kilpi.web.visitor import Needs


class Assets(StaticFiles):
    """Style, script and their licences: the same for everybody; browsers keep them."""

    def file_response(self, *args: object, **more: object) -> Response:
        """A file, with how long it may be kept."""
        answer = super().file_response(*args, **more)  # type: ignore[arg-type]
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def create_app(serving: Serving) -> FastAPI:
    """The server's pages and its REST core. Raises UsageError for a route without a rule."""
    app = FastAPI(
        title="Kilpi",
        version=version("kilpi"),
        docs_url=None,  # their scripts come from another site
        redoc_url=None,
        openapi_url=None,  # routes/api_description.py serves it, with a rule like any other
        redirect_slashes=False,
    )
    app.state.serving = serving
    for found in sorted(pkgutil.iter_modules(routes.__path__), key=lambda module: module.name):
        router: APIRouter = importlib.import_module(f"{routes.__name__}.{found.name}").router
        app.router.routes.extend(router.routes)
    app.mount("/static", Assets(packages=[("kilpi.web", "static")]), name="static")
    add_handlers(app)
    app.add_middleware(Guarded, secure=serving.secure)
    for route in ruled(app):
        rule_of(route)
    return app


def ruled(app: FastAPI) -> Iterator[APIRoute]:
    """Every route but the files of static/."""
    return (route for route in app.routes if isinstance(route, APIRoute))


def rule_of(route: APIRoute) -> Needs:
    """Who may use a route. Raises UsageError where it does not say, or says it twice."""
    found = list(_rules(route.dependant))
    if len(found) != 1:
        raise UsageError(
            f"route {route.path}: needs one of Anyone, SignedIn, Staff, Admin, Machine, Answering"
        )
    return found[0]


def _rules(dependant: Dependant) -> Iterator[Needs]:
    for part in dependant.dependencies:
        if isinstance(part.call, Needs):
            yield part.call
        yield from _rules(part)
