"""How large a request may be. A form is small; what may be large is only read for somebody who is signed in.

FastAPI reads a body before it asks who sent it, so this is looked at before.
"""

from __future__ import annotations

import re
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from kilpi.cases.asking.asks import Stand, find_ask
from kilpi.errors import KilpiError
from kilpi.web.serving import MAX_ARCHIVE, Serving
from kilpi.web.visitor import SignInNeeded, who

FORM = 2_000_000  # bytes; the largest is a batch of 5,000 names
MOST_LINK_PHOTOS = 40  # of one answer by a link
LINK = re.compile(r"/link/([\w-]{20,100})")
LINK_MOST = 600_000_000  # bytes of one answer by a link: 40 photos of the largest phones
UPLOADS = re.compile(r"/receive(?:/file)?|/v1/plates|/v1/cases(?:/[^/]+/photos)?")


async def most_of(scope: Scope) -> int:
    """The bytes that the request's body may have."""
    if scope["method"] == "POST" and (link := LINK.fullmatch(scope["path"])):
        serving: Serving = scope["app"].state.serving
        with suppress(KilpiError):  # told when the route asks
            found = await run_in_threadpool(find_ask, serving.store, link[1])
            return LINK_MOST if found.stand is Stand.OPEN else FORM
        return FORM
    if scope["method"] != "POST" or not UPLOADS.fullmatch(scope["path"]):
        return FORM
    try:
        visitor = await who(Request(scope), machine=scope["path"].startswith("/v1/"))
    except (SignInNeeded, KilpiError):  # told when the route asks
        return FORM
    return FORM if visitor.role is None else MAX_ARCHIVE


def counted(receive: Receive, most: int) -> Receive:
    """`receive`, which breaks off with 413 where more comes."""
    size = 0

    async def piece() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413)
        return message

    return piece
