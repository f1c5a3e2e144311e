"""The list of cars in a real browser: by keys, by ranges, many at once."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import expect
from tests.web.frames import turning
from tests.web.live import Live

from kilpi.cases import State, publisher, work
from kilpi.store import Tx
from kilpi.store.tables import cases

BROKEN_WORDS = """() => {
  const found = [];
  for (const cell of document.querySelectorAll(".list th a, .list td")) {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text; (text = walk.nextNode()); )
      for (const word of text.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((one) => one.top)).size > 1) found.push(word[0]);
      }
  }
  return found;
}"""
"""Words of the list that begin on one line and end on the next."""


def test_the_list_by_keys(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/cars?sort=title")
    boxes = page.locator("input[name=chosen]")
    for key in ("j", "x", "j", "j", "X"):  # the first, then the range to the third
        page.keyboard.press(key)
    for box in boxes.all():
        expect(box).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text("3 chosen:")
    page.keyboard.press("Escape")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(boxes.nth(1)).to_be_checked()
    page.keyboard.press("/")
    page.keyboard.type("jxk golf")  # a field has its letters
    expect(page.locator("[data-search]")).to_have_value("jxk golf")
    page.locator("[data-search]").fill("golf")
    with turning(page):
        page.keyboard.press("Enter")
    page.keyboard.press("j")
    with turning(page):
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Volkswagen Golf 2017")
    assert live.said == []


def test_a_price_for_many_and_erasing_asks(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/cars?state=draft")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("[data-price]").fill("12 900 €")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Price: 1 of 1 done")
    live.until(lambda: live.case("micra").state is State.READY)
    page.locator("main a.button").click()  # back to the same list: it has no draft now
    expect(page).to_have_url(re.compile(r"/cars\?state=draft$"))
    page.goto("/cars")
    for verb in ("publish", "sold", "withdraw", "price", "erase"):
        expect(page.locator(f"button[value={verb}]")).to_be_disabled()
    page.locator("[data-all]").check()
    page.locator("button[value=erase]").click()
    expect(page.locator("h1")).to_have_text("Erase 3 cars?")
    page.locator("button[value=erase]").click()
    expect(page.locator("h1")).to_have_text("Erase: 3 of 3 done")
    assert live.cases() == [] and live.said == []


def test_pictures_are_moved_by_keys_and_covered_by_pointer(live: Live, yard: Path) -> None:
    live.take(yard)
    case = live.case("golf")
    page = live.page()
    page.goto(f"/cars/{case.id}")
    items = page.locator("[data-item] input[name=order]")
    before = [item.input_value() for item in items.all()]
    page.locator("[data-move='1']").first.focus()
    page.keyboard.press("ArrowRight")
    for item, value in zip(items.all(), before[::-1], strict=True):
        expect(item).to_have_value(value)
    with turning(page):
        page.locator("[data-save]").click()
    live.until(lambda: live.case("golf").seq > case.seq and live.case("golf").state is State.READY)
    page.goto(f"/cars/{case.id}")
    assert [item.input_value() for item in items.all()] == before[::-1]
    with turning(page):
        page.locator("a[href$='/edit']").first.click()
    stage = page.locator("svg[role=application]")
    box = stage.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 70, steps=3)
    page.mouse.up()
    page.keyboard.press("ArrowRight")
    seq = live.case("golf").seq
    with turning(page):
        page.locator("form[action$='/cover'] button").click()
    live.until(lambda: live.case("golf").seq > seq and live.case("golf").state is State.READY)
    page.goto(f"/cars/{case.id}")
    expect(page.locator("[data-item]").first).to_contain_text("covers: 2")
    expect(page.locator(".history")).to_contain_text("Something covered – a plate that was missed")
    assert live.said == []


def test_one_click_publishes_and_the_page_says_so_until_it_is_out(live: Live, yard: Path) -> None:
    live.take(yard)
    page, store = live.page(), live.serving.store
    page.goto(f"/cars/{live.case('golf').id}")
    with turning(page):
        page.get_by_role("button", name="Publish").click()
    expect(page.locator("[data-working]")).to_contain_text("is being published")
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    sends = publisher(store, live.serving.target, lambda case, advert: None)
    work(store, lambda task: None, handlers=sends)  # type: ignore[arg-type]
    expect(page.locator(".badge.published")).to_be_visible()  # by itself
    expect(page.locator("[data-working]")).to_have_count(0)
    assert live.said == []


def test_no_word_of_the_list_is_broken(live: Live, yard: Path) -> None:
    live.take(yard)
    names = ("Volkswagen Touareg", "Mitsubishi Outlander 2019", "Mercedes-Benz Sprinter 319")

    def named(tx: Tx) -> None:
        for case, name in zip(live.cases(), names, strict=True):
            values = {"title": name, "dealer": "Autotalo Virtanen Oy"}
            tx.run(sa.update(cases).where(cases.c.id == case.id).values(**values))

    live.serving.store.write(named)
    page = live.page(locale="fi-FI")
    for width in (360, 390, 600, 780, 880, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto("/cars")
        assert page.evaluate(BROKEN_WORDS) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
