"""The pages in a real browser, at a phone's and a desk's width. Skipped where there is no Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adverts_data import accepted, doubtful
from tests.browser import Browser, find_chromium, open_browser

from kilpi.adverts.folders import write_car, write_index

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium here")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    write_car(accepted("leaf", count=4, language="fi"), folder, "fi")
    write_car(accepted("draft", count=0, language="fi"), folder, "fi")
    write_car(doubtful("blurred"), folder, "fi")
    write_index(folder, "fi")
    return folder


PAGES = ("leaf/advert.html", "draft/advert.html", "blurred/review.html", "index.html")
COUNT = "document.querySelector('.count').textContent"
SHOWN = "Math.round(stage.scrollLeft / stage.clientWidth)"


@pytest.mark.parametrize(("width", "phone"), [(390, True), (1280, False)])
@pytest.mark.parametrize(
    "page", ["leaf/advert.html", "draft/advert.html", "blurred/review.html", "index.html"]
)
def test_no_page_is_wider_than_the_screen(
    browser: Browser, out: Path, page: str, width: int, phone: bool
) -> None:
    browser.size(width, 844, phone)
    browser.go(out / page)
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_pictures_load_and_nothing_is_asked_of_the_network(browser: Browser, out: Path) -> None:
    browser.requests.clear()
    browser.size(1280, 900)
    browser.go(out / "leaf" / "advert.html")
    browser.until("stage.querySelector('img').naturalWidth > 0")
    assert browser.requests
    assert all(url.startswith("file:") for url in browser.requests)


@pytest.mark.parametrize(("width", "phone"), [(390, True), (1280, False)])
def test_the_gallery_by_button_key_and_thumbnail(
    browser: Browser, out: Path, tmp_path: Path, width: int, phone: bool
) -> None:
    browser.size(width, 844, phone)
    browser.go(out / "leaf" / "advert.html")
    assert browser.run(COUNT) == "1 / 4"
    assert browser.run("document.querySelector('.move.back').disabled") is True
    browser.click(".move.on")
    browser.until(f"{COUNT} === '2 / 4' && {SHOWN} === 1")
    browser.key("ArrowRight")
    browser.until(f"{COUNT} === '3 / 4' && {SHOWN} === 2")
    browser.click(".thumbs li:nth-child(4) a")
    browser.until(f"{COUNT} === '4 / 4' && {SHOWN} === 3")
    browser.until("document.querySelector('.move.on').disabled")
    assert browser.run("document.querySelectorAll('.thumbs [aria-current=true]').length") == 1
    browser.key("ArrowLeft")
    browser.until(f"{COUNT} === '3 / 4'")
    assert browser.run("location.hash") == ""
    browser.screenshot(tmp_path / "gallery.png")
    assert (tmp_path / "gallery.png").stat().st_size > 5000


def test_swiping_moves_the_count(browser: Browser, out: Path) -> None:
    browser.size(390, 844, True)
    browser.go(out / "leaf" / "advert.html")
    browser.run("stage.scrollTo({left: stage.clientWidth, behavior: 'instant'})")
    browser.until(f"{COUNT} === '2 / 4'")


def test_the_index_filters_by_state(browser: Browser, out: Path) -> None:
    browser.size(1280, 900)
    browser.go(out / "index.html")
    seen = "[...document.querySelectorAll('.car')].filter(e => e.offsetParent).length"
    assert browser.run(seen) == 3
    browser.click("label[for=f-review]")
    browser.until(f"{seen} === 1")
    browser.click("label[for=f-all]")
    browser.until(f"{seen} === 3")
