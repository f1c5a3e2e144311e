"""A form is sent once, however often its button is pressed while the answer is on its way."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from tests.web.live import Live

from kilpi.cases import State
from kilpi.web import accounts
from kilpi.web.accounts import Role

LATENCY_MS = 400  # as over a real line: what is pressed twice is pressed before the answer comes


def slow_line(page: Page) -> Page:
    """The page, on a line that takes its time."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    how = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", how)
    return page


def test_a_double_click_on_sold_sells_once_and_says_so(live: Live, yard: Path) -> None:
    live.take(yard)
    page = slow_line(live.page())
    page.goto(f"/cars/{live.case('golf').id}")
    page.get_by_role("button", name="Sold").dblclick(delay=20)
    expect(page.locator("main")).to_contain_text("Sold on")
    assert live.case("golf").state is State.SOLD and live.said == []


def test_a_second_press_while_a_user_is_added_does_not_hide_the_invitation(live: Live) -> None:
    page = slow_line(live.page("owner", Role.ADMIN))
    page.goto("/users")
    page.locator("#user-name").fill("Ann")
    page.locator("#user-role").select_option("staff")
    page.evaluate("""() => {
        const form = document.querySelector("#user-name").form, add = form.querySelector("button");
        add.click();
        setTimeout(() => add.click(), 100);
    }""")
    expect(page.locator("main")).to_contain_text("/invited/")
    assert [one.name for one in accounts.all_users(live.serving.store)].count("Ann") == 1
    assert live.said == []


def test_a_page_that_was_stopped_can_be_sent_again(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto(f"/cars/{live.case('golf').id}")
    pressed = """([key]) => {
        const form = document.querySelector('form[action$="/sold"]'), went = [];
        addEventListener("submit", (event) => {
            went.push(!event.defaultPrevented);
            event.preventDefault();
        });
        form.requestSubmit();
        form.requestSubmit();
        dispatchEvent(new KeyboardEvent("keydown", { key }));
        form.requestSubmit();
        return went;
    }"""
    assert page.evaluate(pressed, ["Escape"]) == [True, False, True]
    page.reload()
    assert page.evaluate(pressed, ["x"]) == [True, False, False]
