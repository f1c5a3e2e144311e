"""Review in a real browser: one key, typing, undo, two people, a sign-in that ended, no script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from tests.fakes import FakeDetector, ShadeReader
from tests.web.frames import box_of, turning
from tests.web.live import PASSWORD, REGISTER, TEXTS, Live, serve

from kilpi.cases import State, history
from kilpi.pipeline import Kilpi
from kilpi.registers.file import FileRegister
from kilpi.web.visitor import COOKIE


def review(live: Live, name: str = "staff", **more: Any) -> Page:
    """A browser that shows the first question."""
    page = live.page(name, **more)
    page.goto("/review")
    return page


def stand_still(page: Page) -> None:
    """From now on the page's clock goes on only by `page.clock.run_for`: a busy machine misses no moment."""
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))


def shown(page: Page) -> str:
    """The reference on the screen."""
    return page.locator(".review-head .soft").inner_text().rpartition("· ")[2]


def type_mark(page: Page, text: str) -> None:
    """By keyboard alone: the field opens, is typed into, and Enter takes it."""
    page.keyboard.press("e")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def say_yes(page: Page) -> None:
    """To the register's car, once it is shown and a key can be meant for it."""
    expect(page.locator("[data-yes][data-settled]")).to_be_visible()
    page.keyboard.press("Enter")


def settled(page: Page) -> Page:
    """The page, once a key can be meant for the car on it."""
    expect(page.locator("[data-review]:not([data-fresh])")).to_be_visible()
    return page


def kinds(live: Live, reference: str) -> list[str]:
    """What happened to a car, in order."""
    return [event.kind.value for event in history(live.serving.store, live.case(reference).id)]


def test_a_mark_is_typed_looked_up_and_waits_for_a_yes_and_the_price_is_asked(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    assert shown(page) == "leaf"
    stand_still(page)
    page.keyboard.press("e")
    page.keyboard.type("abc-12")
    expect(page.locator("#text")).to_have_value("ABC-12")
    page.clock.run_for(200)
    expect(page.locator("#fit")).to_contain_text("ABC-12")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    told = page.locator("[data-confirm]").inner_text()
    page.clock.run_for(60_000)  # longer than an answer that agrees waits
    assert live.case("leaf").state is State.REVIEW, "the photos say ABC-128: it may be a slip of the fingers"
    assert "Nissan" in told and "2019" in told and "read otherwise" in told
    say_yes(page)
    expect(page.locator(".after")).to_contain_text("ABC-123")  # the next question
    assert shown(page) == "micra"
    page.locator("#price").fill("12 500")
    page.keyboard.press("Enter")
    live.until(lambda: {one.state for one in live.cases()} == {State.READY})
    expect(page.locator("h1")).to_contain_text("Nothing to review")
    assert live.said == []


@pytest.fixture
def unsure(tmp_path: Path, quick: None, chromium: Browser) -> Iterator[Live]:
    """A server that reads the Golf rightly, but is not sure of it."""
    (tmp_path / "register.csv").write_text(REGISTER)

    def line() -> Kilpi:
        register = FileRegister.open(tmp_path / "register.csv")
        reader = ShadeReader(TEXTS, (0.6, 0.99, 0.99))
        return Kilpi(detector=FakeDetector(), reader=reader, register=register, language="en")

    with serve(tmp_path / "data", line, chromium) as found:
        yield found


def test_a_right_first_guess_costs_one_key(unsure: Live, yard: Path) -> None:
    unsure.take(yard)
    page = review(unsure)
    while (car := shown(page)) != "golf":
        settled(page).keyboard.press("l")
        expect(page.locator(".review-head .soft")).not_to_contain_text(f"· {car}")
    expect(page.locator(".choices li").first).to_contain_text("GHJ-789")
    settled(page).keyboard.press("Enter")
    unsure.until(lambda: unsure.case("golf").state is State.READY)
    said = [
        event for event in history(unsure.serving.store, unsure.case("golf").id) if event.kind == "answered"
    ]
    assert [(event.by, event.data["text"]) for event in said] == [("staff", "GHJ-789")]


def test_what_contradicts_waits_for_a_yes(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    stand_still(page)
    type_mark(page, "xyz 999")
    expect(page.locator("[data-confirm]")).to_contain_text("Look closely")
    page.clock.run_for(60_000)  # longer than an answer that agrees waits
    assert live.case("leaf").state is State.REVIEW
    page.keyboard.press("Escape")  # another: what was typed is still there
    expect(page.locator("#text")).to_have_value("XYZ 999")
    page.locator("#text").fill("ABC-123")
    page.keyboard.press("Enter")
    expect(page.locator("[data-yes]")).to_be_visible()
    page.keyboard.press("Enter")  # twice in a moment: nobody has read the doubt
    page.clock.run_for(500)
    expect(page.locator("[data-confirm]")).to_have_count(1)
    page.clock.run_for(500)
    say_yes(page)
    live.until(lambda: live.case("leaf").state is State.READY)
    assert live.said == []


def test_a_first_guess_counts_after_a_moment_and_escape_stops_it(unsure: Live, yard: Path) -> None:
    unsure.take(yard)
    page = review(unsure)
    page.goto(f"/review/{unsure.case('golf').id}")
    stand_still(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-counting]")).to_be_visible()
    page.clock.run_for(1400)
    assert unsure.case("golf").state is State.REVIEW, "it does not count yet"
    page.keyboard.press("Escape")
    page.clock.run_for(60_000)
    assert unsure.case("golf").state is State.REVIEW
    page.keyboard.press("Enter")
    unsure.until(lambda: unsure.case("golf").state is State.READY)


def test_undo_after_the_register_answered(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    type_mark(page, "abc123")
    say_yes(page)
    live.until(lambda: live.case("leaf").state is State.READY)
    expect(page.locator(".after")).to_contain_text("ABC-123")
    page.locator("body").press("u")
    live.until(lambda: live.case("leaf").state is State.REVIEW)
    expect(page.locator(".after")).to_contain_text("Taken back")
    expect(page.locator("#text")).to_be_visible()
    assert shown(page) == "leaf"
    assert live.said == []


def test_a_key_or_click_meant_for_the_car_before_is_no_answer_for_the_next(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/later") else None)
    stand_still(page)
    page.keyboard.press("l")
    expect(page.locator(".after")).to_contain_text("Put off")
    page.keyboard.press("l")  # twice in a moment: nobody has seen the next car
    page.clock.run_for(300)
    page.keyboard.press("l")
    page.clock.run_for(300)
    assert len(sent) == 1
    page.keyboard.press("l")
    expect(page.locator("h1")).to_contain_text("Nothing to review")
    assert len(sent) == 2 and live.said == []


def test_a_double_click_answers_one_car(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    later = page.get_by_role("button", name="Later")
    later.click()
    expect(page.locator(".after")).to_contain_text("Put off")
    settled(page)
    later.hover()
    page.mouse.down(click_count=2)  # the second click of a double click, wherever it falls on the next page
    page.mouse.up(click_count=2)
    page.wait_for_timeout(500)
    put_off = [one for one in live.cases() if "postponed" in kinds(live, one.reference)]
    assert len(put_off) == 1 and live.said == [], "the other was not looked at"


def test_two_reviewers_never_have_the_same_car(live: Live, yard: Path) -> None:
    live.take(yard)
    first, second = review(live, "first"), review(live, "second")
    assert {shown(first), shown(second)} == {"leaf", "micra"}
    second.goto(f"/review/{live.case(shown(first)).id}")
    expect(second.locator(".trouble").first).to_contain_text("colleague")
    second.goto("/review")
    assert shown(second) == "micra"
    type_mark(first, "ABC-123")
    say_yes(first)
    second.locator("#price").fill("9900")
    second.locator("#price").press("Enter")
    live.until(lambda: {one.state for one in live.cases()} == {State.READY})
    by = {one.reference: history(live.serving.store, one.id) for one in live.cases()}
    who = {name: [event.by for event in events if event.kind == "answered"] for name, events in by.items()}
    assert who == {"golf": [], "leaf": ["first"], "micra": ["second"]}
    assert live.said == []


def test_nothing_typed_is_lost_when_the_sign_in_ended(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    page.route("**/review/check", lambda way: way.abort())  # it leads away too, perhaps before Enter
    page.keyboard.press("e")
    page.keyboard.type("ABC-123")
    page.locator("#km").fill("77 000") if page.locator("#km").count() else None
    page.context.clear_cookies(name=COOKIE)
    with turning(page):
        page.locator("#text").press("Enter")
    page.locator("#name").fill("staff")
    page.locator("#password").fill(PASSWORD)
    with turning(page):
        page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("ABC-123")
    expect(page.locator("[data-trouble]")).to_contain_text("before you signed in")
    assert "ABC" not in page.url
    kept = page.evaluate("Object.keys(sessionStorage)")
    assert not [name for name in kept if name.startswith("kilpi.")], "what was kept is gone once it is back"
    page.keyboard.press("Enter")
    say_yes(page)
    live.until(lambda: live.case("leaf").state is State.READY)


def test_an_answer_and_a_check_told_to_sign_in_lead_there_once(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    led: list[Route] = []
    told: set[str] = set()
    page.route("**/sign-in?*", lambda way: led.append(way))  # held until both are told
    page.on(
        "response", lambda answer: told.add(answer.url.rpartition("/")[2]) if answer.status == 401 else None
    )
    page.context.clear_cookies(name=COOKIE)
    type_mark(page, "ABC-123")
    for _ in range(600):
        if {"look", "check"} <= told:
            break
        page.wait_for_timeout(100)  # answers are heard of only while the page is waited for
    page.wait_for_timeout(1000)
    assert {"look", "check"} <= told and len(led) == 1
    with turning(page):
        led[0].continue_()
    expect(page.locator("#name")).to_be_visible()


def test_a_lost_connection_keeps_what_was_typed(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    page.context.set_offline(True)
    type_mark(page, "ABC-123")
    expect(page.locator("[data-trouble]")).to_contain_text("No answer")
    expect(page.locator("#text")).to_have_value("ABC-123")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    say_yes(page)
    live.until(lambda: live.case("leaf").state is State.READY)


def test_keys_are_only_keys_while_no_field_has_the_cursor(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    page.keyboard.press("e")
    page.keyboard.type("ullan")  # u undoes, l postpones, a asks, n opens: not here
    expect(page.locator("#text")).to_have_value("ULLAN")
    page.keyboard.press("Tab")
    expect(page.locator("#country")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    sent: list[str] = []

    def note(request: Request) -> None:
        # What was typed is looked up a moment later, on a busy machine only now: that answers nothing.
        if request.method == "POST" and not request.url.endswith("/check"):
            sent.append(request.url)

    page.on("request", note)
    for key in ("a", "l", "Enter", "1", "?"):  # the last one has its meaning still: all were heard
        page.keyboard.press(key)
    expect(page.locator("dialog")).to_be_visible()
    assert shown(page) == "leaf" and not page.locator("[data-confirm]").count()
    page.reload()
    page.keyboard.press("l")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    assert shown(page) == "leaf" and sent == [], "the choice is kept"
    assert live.case("leaf").state is State.REVIEW and live.said == []


def test_the_plates_size_stays_from_car_to_car(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    before = box_of(page.locator("[data-plate] img"))
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("l")
    expect(page.locator(".after")).to_contain_text("Put off")
    after = box_of(page.locator("[data-plate] img"))
    assert after["height"] > 1.3 * before["height"]


def test_a_photo_of_another_car_is_left_out_and_the_dealer_is_asked(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live)
    page.locator("[name=strange]").first.check()
    page.locator("h1").click()
    page.keyboard.press("s")
    live.until(
        lambda: "answered" in {event.kind for event in history(live.serving.store, live.case("leaf").id)}
    )
    expect(page.locator(".after")).to_contain_text("left out")
    live.settled()
    page.goto(f"/review/{live.case('leaf').id}")
    expect(page.locator(".shot")).to_have_count(1)
    page.keyboard.press("a")
    live.until(lambda: live.case("leaf").state is State.WAITING)
    assert live.said == []


def test_without_script_every_form_works(live: Live, yard: Path) -> None:
    live.take(yard)
    page = review(live, java_script_enabled=False)
    page.locator("#text").fill("ABC-123")
    page.locator("button[value=typed]").click()
    expect(page.locator("[data-confirm]")).to_contain_text("Nissan")
    page.locator("[data-yes]").click()
    expect(page.locator(".after")).to_contain_text("ABC-123")
    live.until(lambda: live.case("leaf").state is State.READY)
    page.locator(".after button").click()
    live.until(lambda: live.case("leaf").state is State.REVIEW)
