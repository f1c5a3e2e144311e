"""How large a request may be. A form is small; what may be large is only read for somebody who is signed in.

FastAPI reads a body before it asks who sent it, so this is looked at before.
"""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from kilpi.errors import KilpiError
from kilpi.web.serving import MAX_ARCHIVE
from kilpi.web.visitor import SignInNeeded, who

FORM = 2_000_000  # bytes; the largest is a batch of 5,000 names
UPLOADS = re.compile(r"/receive(?:/file)?|/v1/plates|/v1/cases(?:/[^/]+/photos)?")


async def most_of(scope: Scope) -> int:
    """The bytes that the request's body may have."""
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
