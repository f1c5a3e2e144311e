"""From a template to an answer. Every page gets `visitor`, `say`, `word`, `words` and `asset`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.routing import Match

from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.web.gaps import distinct, gap_in, reason_in, title_in
from kilpi.web.visitor import Visitor
from kilpi.web.words import load_words


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates; all is escaped, and a name that is not there is an error."""
    made = Environment(
        loader=PackageLoader("kilpi.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = asset
    made.globals["languages"] = LANGUAGES
    return made


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a file of static/: another content, another address, so it may be kept for long."""
    content = (files("kilpi.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def page(
    request: Request,
    visitor: Visitor,
    template: str,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A template, filled in. `say(table, key, ...)` are the page's words, `words` those of the adverts.

    `count(table, key, n)` is a phrase with a number; `gap`, `title`, `reason` and `distinct`
    say a case's as `kilpi.web.gaps` does.

    `path` is the request's own, for the menu; `again` is where the page can be asked for again.
    """
    words, wording = load_words(visitor.language), load_wording(visitor.language)
    html = (
        environment()
        .get_template(template)
        .render(
            visitor=visitor,
            say=words.say,
            word=words.word,
            count=lambda table, key, n: words.count(table, key, n, wording.number(n, 0)),
            words=wording,
            gap=lambda text: gap_in(text, words, wording),
            reason=lambda why: reason_in(why, words, wording),
            distinct=lambda whys: distinct(whys, words, wording),
            title=lambda text: title_in(text, wording),
            path=request.url.path,
            again=again(request),
            **values,
        )
    )
    return HTMLResponse(html, status, headers)


def again(request: Request) -> str:
    """The address, with its query, to come back to after the language was chosen: the page's own; of a form
    that nothing can be asked of, the page that the form was on.
    """
    own = _address(request.url.path, request.url.query)
    if request.method in ("GET", "HEAD") or _is_page(request, request.url.path):
        return own
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc == request.url.netloc and _is_page(request, before.path):
        return _address(before.path, before.query)
    return "/"


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _is_page(request: Request, path: str) -> bool:
    """Whether a route gives something for the path alone."""
    scope = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
