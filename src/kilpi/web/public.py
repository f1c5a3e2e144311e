"""An answer that everybody may have and keep: with its age, its tag, and packed where that saves."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request
from fastapi.responses import Response

ASKED_AGAIN = "public, no-cache"
"""Kept, and asked about each time (304 while it is so): a car that is sold, or a picture that was covered, is
shown from nobody's cache. For pages and pictures alike.
"""
NAMED_BY_CONTENT = "public, max-age=31536000, immutable"
LEAST_TO_PACK = 1000  # bytes


def public(
    request: Request,
    content: bytes,
    kind: str,
    *,
    modified: float,
    keep: str = ASKED_AGAIN,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """`status` with the content, or, for 200, 304 where the asker has it. `modified`: unix seconds; `kind`: a
    media type.

    The tag is weak: packed or not, it is the same answer.
    """
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    when = datetime.fromtimestamp(int(modified), UTC)
    given = {
        "cache-control": keep,
        "etag": tag,
        "last-modified": format_datetime(when, usegmt=True),
        **(headers or {}),
    }
    text = kind.startswith(("text/", "application/")) or kind.endswith("+xml")
    if text:
        given["vary"] = "Accept-Encoding"
    if status == 200 and is_known(request, tag, when):
        return Response(status_code=304, headers=given)
    if text and len(content) >= LEAST_TO_PACK and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 6, mtime=0)
        given["content-encoding"] = "gzip"
    return Response(content, status, headers=given, media_type=kind)


def is_known(request: Request, tag: str, when: datetime) -> bool:
    """Whether the asker has it already (RFC 9110, 13.1): by its tag, or, where none is given, by its age."""
    asked = request.headers.get("if-none-match")
    if asked is not None:
        tags = {one.strip().removeprefix("W/") for one in asked.split(",")}
        return asked.strip() == "*" or tag.removeprefix("W/") in tags
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= when
    except (TypeError, ValueError, OverflowError):
        return False
