"""Review on a phone's first screen, keys without a meaning, and the photo close to the plate."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect
from tests.web.frames import box_of
from tests.web.live import PHONE, Live

from kilpi.cases import State, next_question


def test_a_phone_shows_the_whole_plate_and_the_answer_at_once(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page(viewport=PHONE, has_touch=True)
    page.goto("/review")
    plate = page.locator("[data-plate] img")
    box_of(plate)  # what stands below it moves while it loads
    for thing in ("[data-plate] img", ".choices li:first-child button", "#text", "button[value=typed]"):
        box = page.locator(thing).bounding_box()
        assert box, thing
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"], thing
        assert box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"], thing
    page.locator("[data-zoom]").fill("6")
    assert box_of(plate)["height"] > 60


def test_a_key_without_a_meaning_says_so(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/review")
    note = page.locator("[data-note]")
    expect(note).to_be_empty()
    page.keyboard.press("9")
    expect(note).to_contain_text("no number 9")
    page.keyboard.press("x")
    expect(note).to_contain_text("key x does nothing")
    page.keyboard.press("u")
    expect(note).to_contain_text("nothing for the key u")
    page.keyboard.press("ArrowDown")
    expect(note).to_contain_text("key u")
    page.keyboard.press("?")
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("9")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()  # both keys were heard
    expect(page.locator("[data-note]")).to_be_empty()
    assert live.said == []


def test_the_photo_goes_close_to_the_plate_and_back(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/review")
    shown = page.locator("[data-main]")
    first = shown.get_attribute("src")
    outline = page.locator("[data-outline]").get_attribute("viewBox")
    page.keyboard.press("z")
    expect(shown).not_to_have_attribute("src", first or "")
    other = shown.get_attribute("src") or ""
    assert {"/around/" in (first or ""), "/around/" in other} == {True, False}
    assert page.locator(".framed svg").get_attribute("viewBox") != outline
    expect(page.locator(".framed polygon").first).to_be_visible()
    box_of(shown)
    page.keyboard.press("z")
    expect(shown).to_have_attribute("src", first or "")
    assert live.said == []


def test_what_was_typed_is_not_checked_on_the_next_page(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/review")
    page.locator("#text").fill("ABC-1")
    page.evaluate(
        "document.querySelector('[data-check]').removeAttribute('data-check')"
    )  # answered meanwhile
    page.wait_for_timeout(700)
    assert not [url for url in asked if url.endswith("/undefined")] and live.said == []


def test_the_next_cars_pictures_are_fetched_ahead_and_held_by_nobody(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto("/review")
    here = page.locator("[data-draft]").get_attribute("data-draft")
    ahead = next(one.id for one in live.cases(State.REVIEW, State.DRAFT) if one.id != here)

    def fetched() -> bool:
        page.wait_for_timeout(50)  # the events of a page come only while something is asked of it
        return any(f"/review/{ahead}/photos/" in url for url in asked)

    live.until(fetched)
    other = next_question(live.serving.store, "second")
    assert other is not None and other.id == ahead, "what is only fetched ahead is a colleague's to answer"
