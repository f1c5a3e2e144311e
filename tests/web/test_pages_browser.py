"""Every page in a real browser: for screen readers, on a phone, in the dark, light to load, silent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect
from tests.web.frames import turning
from tests.web.live import DESK, PHONE, Live

from kilpi.cases import State, photos
from kilpi.cases.asking.asks import make_ask
from kilpi.store.tables import audits
from kilpi.web.accounts import Role

NARROWEST = {"width": 320, "height": 640}
MOST_BYTES = 200_000  # of a page without its pictures
PAGES = (
    "/sign-in",
    "/cars",
    "/receive",
    "/sort",
    "/review",
    "/users",
    "/account",
    "/deliveries",
    "/statistics",
    "/settings",
    "/settings/dealers",
)


def addresses(live: Live) -> list[str]:
    """Every kind of page, with a case each where one is needed."""
    ready, asked = live.cases(State.READY)[0].id, live.cases(State.REVIEW)[0].id
    now = live.serving.store.read(lambda tx: tx.now)
    row = {"case_id": ready, "sampled": now, "seq": live.cases(State.READY)[0].seq}
    known = live.serving.store.read(lambda tx: tx.row(sa.select(audits.c.case_id)))
    if known is None:
        live.serving.store.write(lambda tx: tx.run(audits.insert().values(**row)))
    link = make_ask(live.serving.store, asked, by="boss")
    photo = photos(live.serving.store, ready)[0].sha256
    car = (f"/cars/{ready}", f"/cars/{ready}/photos/{photo}/edit", f"/cars/{ready}/advert/")
    waiting = (f"/cars/{asked}", f"/cars/{asked}/ask", f"/review/{asked}")
    for draft in live.cases(State.DRAFT):
        live.serving.desk.sold(draft.id, by="boss")
    sold = live.cases(State.SOLD)[0].id
    return [*PAGES, *car, *waiting, f"/cars/{sold}", "/audits", f"/link/{link}"]


def boss(live: Live, **more: Any) -> Page:
    """Somebody who may see every page."""
    return live.page("boss", Role.ADMIN, **more)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(live: Live, yard: Path, scheme: str) -> None:
    live.take(yard)
    page = boss(live, color_scheme=scheme)
    found = []
    for address in (*addresses(live), "/stock/none/advert.html"):
        page.goto(address)
        if address.startswith("/review/"):  # also with the register's car on the screen, and the list of keys
            page.locator("[data-first]").click()
            page.locator("[data-confirm]").wait_for()
            page.keyboard.press("?")
            expect(page.locator("dialog")).to_be_visible()
        for one in Axe().run(page).response["violations"]:
            if one["impact"] in ("serious", "critical"):
                found.append((address, one["id"], [node["html"][:120] for node in one["nodes"]][:3]))
    assert not found


@pytest.mark.parametrize(("size", "language"), [(PHONE, "fi"), (DESK, "sv")], ids=["phone", "desk"])
def test_no_page_is_wider_than_the_screen_or_heavy_or_noisy(
    live: Live, yard: Path, size: dict[str, int], language: str
) -> None:
    """In the languages with long words; also at 320 px, as a screen of 1280 has at 400 % (WCAG 1.4.10)."""
    live.take(yard)
    page = boss(live, viewport=size, has_touch=size is PHONE, locale=language)
    weight: dict[str, int] = {}
    broken: list[str] = []

    def weigh(answer: Response) -> None:
        if answer.status >= 400:
            broken.append(f"{answer.status} {answer.url}")
        elif answer.status == 200 and "image" not in answer.headers.get("content-type", ""):
            weight[page.url] = weight.get(page.url, 0) + int(answer.headers.get("content-length", 0))

    page.on("response", weigh)
    for address in addresses(live):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for narrow in (size, NARROWEST):
            page.set_viewport_size(narrow)  # type: ignore[arg-type]
            assert page.evaluate("document.documentElement.scrollWidth") <= narrow["width"], address
        page.set_viewport_size(size)  # type: ignore[arg-type]
    assert weight and max(weight.values()) <= MOST_BYTES, weight
    assert live.said == [] and broken == []


def test_no_mark_stands_in_an_address_or_the_log(
    live: Live, yard: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live.take(yard)
    page = boss(live)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with caplog.at_level("DEBUG"):
        page.goto("/cars")
        page.locator("#words").fill("GHJ-789")
        with turning(page):
            page.keyboard.press("Enter")
        page.goto("/review")
        page.keyboard.press("e")
        page.keyboard.type("ABC-123")
        page.keyboard.press("Enter")
        page.locator("[data-yes]").click()
        live.until(lambda: live.case("leaf").state is State.READY)
    told = "\n".join([*asked, *(record.getMessage() for record in caplog.records if "kilpi" in record.name)])
    assert "/answer" in told and "POST /review/{case_id}/answer" in told
    # What may hold any three figures: ids, hashes, how long it took, the port.
    told = re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|\b\d+ ms\b",
        "",
        told.replace(live.address, ""),
    )
    for mark in ("ABC", "GHJ", "128", "789"):
        assert mark not in told
