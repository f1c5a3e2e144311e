"""One POST whose end is known beforehand: what a receiver does not send in time, or sends without end, is not
waited for. Its status is all that is asked of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx2

REST_S = 1.0  # for the body of an answer, which nobody reads: a connection that is cut looks like a fault
MOST_BODY = 65_536  # bytes of it


@dataclass(frozen=True, slots=True)
class Posted:
    """An answer's status and what it says of the next try."""

    status: int
    retry_after: str | None


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    within_s: float,
    server_name: str = "",
    environment: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Posted:
    """Posts a body; the whole, from connecting to the answer's head, takes at most `within_s`.

    `server_name`: whose certificate is expected where the address is a number. `environment`: a proxy that
    HTTPS_PROXY names is used. Redirects are not followed. Raises httpx2.HTTPError, TimeoutError, OSError,
    ValueError.
    """

    async def send() -> Posted:
        async with (
            asyncio.timeout(within_s),
            httpx2.AsyncClient(
                transport=transport, timeout=within_s, follow_redirects=False, trust_env=environment
            ) as client,
        ):
            request = client.build_request("POST", url, content=body, headers=dict(headers))
            if server_name:
                request.extensions["sni_hostname"] = server_name
            answer = await client.send(request, stream=True)
            try:
                await _rest(answer)
            finally:
                await answer.aclose()
            return Posted(answer.status_code, answer.headers.get("Retry-After"))

    return asyncio.run(send())


async def _rest(answer: httpx2.Response) -> None:
    """Takes what comes at once of the body and forgets it."""
    size = 0
    with suppress(TimeoutError, httpx2.HTTPError, httpx2.StreamError):
        async with asyncio.timeout(REST_S):
            async for piece in answer.aiter_raw():
                size += len(piece)
                if size > MOST_BODY:
                    return
