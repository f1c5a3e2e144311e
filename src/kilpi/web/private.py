"""A picture that only who asks may see: a browser may keep it, and asks about it each time.

So it is shown from nobody's cache once it was covered, its case was erased or became another dealer's, or its
viewer signed out: then there is another answer, or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

ASKED_AGAIN = "private, no-cache"


def private_jpeg(request: Request, content: bytes) -> Response:
    """A JPEG, or 304 where the asker has it already."""
    return made_jpeg(request, hashlib.sha256(content).hexdigest()[:32], lambda: content)


def made_jpeg(request: Request, tag: str, make: Callable[[], bytes]) -> Response:
    """The same of one that is made only where the asker has not what `tag` names."""
    headers = {"cache-control": ASKED_AGAIN, "etag": f'"{tag}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(make(), media_type="image/jpeg", headers=headers)
