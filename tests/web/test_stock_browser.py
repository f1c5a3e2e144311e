"""The buyers' pages in a real browser: searching as files and on a server, the gallery, at both widths."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect
from tests.stores import no_power_cuts
from tests.street import Street, open_street, served
from tests.web.frames import patient
from tests.web.live import DESK, PHONE, chromium
from tests.web.serving import cheap_passwords

from kilpi.publishing.publish import publish
from kilpi.publishing.shop import open_shop
from kilpi.types import Dealer

__all__ = ["chromium"]
SHOP = open_shop(None, Dealer(name="Autotalo Malli", colour="#ffd400", email="myynti@malli.example"))


class Quiet(SimpleHTTPRequestHandler):
    """A plain web server, without its log."""

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with pytest.MonkeyPatch.context() as patch:
        no_power_cuts(patch)
        cheap_passwords(patch)
        with open_street(tmp_path_factory.mktemp("street"), SHOP) as found:
            yield found


@pytest.fixture(scope="module")
def places(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same site live and as files: the addresses of both."""
    root = tmp_path_factory.mktemp("www")
    publish(street.serving.data, str(root), shop=SHOP)
    files = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=files.serve_forever, daemon=True)
    thread.start()
    with served(street) as address:
        yield {"live": f"{address}/stock/", "files": f"http://127.0.0.1:{files.server_port}/"}
    files.shutdown()
    thread.join(20)


def opened(browser: Browser, said: list[str], **more: Any) -> Page:
    page = patient(browser.new_context(**{"viewport": DESK, **more}).new_page())
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return page


def note(asked: list[str], request: Request) -> None:
    asked.append(request.url)


def shows(page: Page, offers: list[str]) -> None:
    expect(page.locator(".offer h2")).to_have_text(offers)


LEAF, GOLF = "Nissan Leaf 2019", "Volkswagen Golf 2017"
SEARCHES: list[tuple[dict[str, str], list[str]]] = [
    ({"q": "golf"}, [GOLF]),
    ({"q": "TOW  leaf"}, [LEAF]),
    ({"q": "saab"}, []),
    ({"make": "Nissan"}, [LEAF]),
    ({"price_to": "10 000"}, [GOLF]),
    ({"km_to": "100000"}, [LEAF]),
    ({"sort": "price"}, [GOLF, LEAF]),
]


@pytest.mark.parametrize("place", ["live", "files"])
def test_a_search_finds_the_same_on_a_server_and_in_files(
    chromium: Browser, places: dict[str, str], place: str
) -> None:
    said: list[str] = []
    page = opened(chromium, said)
    for asked, found in SEARCHES:
        page.goto(places[place])
        shows(page, [LEAF, GOLF])
        for name, value in asked.items():
            field = page.locator(f"[name={name}]")
            field.select_option(value) if name in ("make", "sort") else field.fill(value)
        page.locator("form.search button").click()
        page.wait_for_url("**?*")
        shows(page, found)
        number = page.locator("#count").inner_text().split()[0]
        assert number == str(len(found))
        assert page.locator("p.none").is_visible() == (not found)
    page.goto(places[place] + "?q=golf")
    shows(page, [GOLF])
    assert said == []
    page.context.close()


@pytest.mark.parametrize("place", ["live", "files"])
def test_without_script_all_cars_are_there_and_lead_to_their_pages(
    chromium: Browser, places: dict[str, str], place: str
) -> None:
    page = opened(chromium, [], java_script_enabled=False)
    page.goto(places[place])
    shows(page, [LEAF, GOLF])
    assert page.locator("form.search").is_visible() == (place == "live"), "a file cannot answer a form"
    page.get_by_role("link", name=GOLF).click()
    expect(page.locator("h1")).to_have_text(GOLF)
    page.get_by_role("link", name="SV: svenska").click()
    expect(page.locator("h2").first).to_have_text("Beskrivning")
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_fit_and_axe_finds_nothing(
    chromium: Browser, places: dict[str, str], size: dict[str, int], scheme: str, street: Street
) -> None:
    said: list[str] = []
    page = opened(chromium, said, viewport=size, color_scheme=scheme)
    for path in ("", f"{street.public('leaf')}/advert.html"):
        page.goto(places["live"] + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    assert said == []
    page.context.close()


def test_the_pages_do_not_move_while_they_load_and_ask_nobody_else(
    chromium: Browser, places: dict[str, str], street: Street
) -> None:
    for place in places.values():
        page = opened(chromium, [], viewport=PHONE)
        asked: list[str] = []
        page.on("request", partial(note, asked))
        for path in ("", f"{street.public('leaf')}/advert.html"):
            page.goto(place + path)
            moved = page.evaluate(
                "new Promise(done => { let sum = 0; new PerformanceObserver(list => { for (const one of"
                " list.getEntries()) sum += one.value; }).observe({type: 'layout-shift', buffered: true});"
                " setTimeout(() => done(sum), 300); })"
            )
            assert moved == 0, path
        assert asked and all(url.startswith(place) for url in asked)
        page.context.close()


def test_the_gallery_by_keys_and_the_contact_at_hand_on_a_phone(
    chromium: Browser, places: dict[str, str], street: Street
) -> None:
    page = opened(chromium, [], viewport=PHONE, has_touch=True)
    page.goto(f"{places['live']}{street.public('leaf')}/advert.html")
    bar = page.locator(".bar a")
    assert bar.is_visible() and bar.get_attribute("href").startswith("mailto:myynti@malli.example?subject=")  # type: ignore[union-attr]
    page.keyboard.press("ArrowRight")
    expect(page.locator(".count")).to_have_text("2 / 2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".count")).to_have_text("1 / 2")
    expect(page.locator(".whole")).to_be_visible()
    page.context.close()


def test_a_picture_is_never_larger_than_it_must_be(places: dict[str, str], street: Street) -> None:
    """Of every advert: a small copy, a medium one where it saves much, and the whole."""
    for folder in Path(street.site.to).iterdir():
        page = (folder / "advert.html").read_text()
        assert "01-small.jpg 480w" in page and 'width="' in page
