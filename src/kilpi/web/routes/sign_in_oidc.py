"""In by an OpenID provider: to its page, and back from it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.web import identities, sessions
from kilpi.web.oidc import BACK, PENDING_S, OpenId, SignInFailed
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.routes.sign_in import address_of, enter
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Anyone, Visitor, safe_path

router = APIRouter(include_in_schema=False)
COOKIE = "kilpi_openid"  # which sign-in this browser began
Part = Annotated[str, Query(max_length=4000)]
STATUS = {"oidc_waiting": 403, "oidc_ended": 403, "oidc_unreachable": 502}


@router.get("/sign-in/oidc")
def to_provider(
    request: Request, visitor: Anyone, serving: Served, next: Annotated[str, Query(max_length=2000)] = "/"
) -> Response:
    """To the provider's page."""
    try:
        address, cookie = openid_of(serving).begin(safe_path(next))
    except SignInFailed as error:
        return failed(request, visitor, error)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=int(PENDING_S),
        path=BACK,
        secure=serving.secure,
        httponly=True,
        samesite="lax",  # the way back begins on the provider's site
    )
    return answer


@router.get(BACK)
def back(
    request: Request, visitor: Anyone, serving: Served, code: Part = "", state: Part = "", error: Part = ""
) -> Response:
    """From the provider's page: a session, or why there is none."""
    key = f"address {address_of(request, serving)}"
    if wait_s := serving.throttle.wait_s(key):
        raise Problem(429, "too_many", {"Retry-After": str(int(wait_s) + 1)})
    try:
        claims, after = openid_of(serving).finish(request.cookies.get(COOKIE, ""), state, code, error)
        user = identities.user_for(serving.store, serving.settings, claims)
    except SignInFailed as problem:
        if problem.why in ("oidc_stale", "oidc_invalid"):
            serving.throttle.failed(key)
        return without_cookie(failed(request, visitor, problem))
    if visitor.cookie:
        sessions.end(serving.store, visitor.cookie)
    return without_cookie(enter(serving, user.id, safe_path(after)))


def openid_of(serving: Serving) -> OpenId:
    """The provider. Raises Problem where there is none."""
    if serving.openid is None:
        raise Problem(404, "no_page")
    return serving.openid


def failed(request: Request, visitor: Visitor, error: SignInFailed) -> Response:
    """Why nobody was signed in, and what to do."""
    status = STATUS.get(error.why, 400)
    return page(request, visitor, "sign_in_failed.html", status=status, why=error.why)


def without_cookie(answer: Response) -> Response:
    """A sign-in is over, whatever came of it."""
    answer.delete_cookie(COOKIE, path=BACK)
    return answer
