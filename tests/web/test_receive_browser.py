"""Files come in by a real browser: folders, a broken one, a cut line, a lost sign-in; then sorting."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from tests.web.frames import drawn, turning
from tests.web.live import PASSWORD, Live

from kilpi.cases import photos
from kilpi.web import accounts
from kilpi.web.accounts import Role
from kilpi.web.visitor import COOKIE
from kilpi.web.words import load_words

SAY = load_words("en").say


def drop_zone(live: Live) -> Page:
    page = live.page()
    page.goto("/receive")
    return page


def arrived(page: Page) -> None:
    """All files are there, and cars of them."""
    expect(page.locator("#said")).to_contain_text("Cars", timeout=30_000)


def test_a_folder_arrives_file_by_file_and_a_broken_one_is_named(live: Live, yard: Path) -> None:
    (yard / "golf" / "broken.jpg").write_bytes((yard / "golf" / "0.jpg").read_bytes()[:900])
    page = drop_zone(live)
    page.set_input_files("#folder", yard)
    arrived(page)
    told = page.locator("#told li")
    expect(told.first).to_contain_text("broken.jpg")
    expect(told.first).to_have_class(re.compile("bad"))
    expect(page.locator("#told li")).to_have_count(1)
    expect(page.locator("#arrived li")).to_have_count(9)
    expect(page.locator("#arrived summary")).to_have_text("Files that arrived: 9")
    assert sorted(one.reference for one in live.cases()) == ["golf", "leaf", "micra"]
    page.reload()
    page.set_input_files("#folder", yard)  # once more: nothing is sent a second time
    arrived(page)
    expect(page.locator("#arrived li", has_text="already")).to_have_count(9)
    assert len(live.cases()) == 3 and live.said == []


def test_send_pressed_once_more_takes_nothing_back(live: Live, yard: Path) -> None:
    page = drop_zone(live)
    page.locator("#send").click()
    expect(page.locator("#said")).to_have_text(SAY("sending", "nothing"))
    page.set_input_files("#folder", yard / "golf")
    arrived(page)
    page.locator("#send").click()
    arrived(page)
    assert [one.reference for one in live.cases()] == ["golf"] and live.said == []


def test_a_file_that_could_not_be_used_may_come_again(live: Live, yard: Path) -> None:
    whole = (yard / "golf" / "0.jpg").read_bytes()
    for path in (yard / "golf").iterdir():
        path.unlink()
    (yard / "golf" / "0.jpg").write_bytes(whole[:900])
    page = drop_zone(live)
    page.set_input_files("#folder", yard / "golf")
    expect(page.locator("#said")).to_have_text(SAY("sending", "none"))
    expect(page.locator("#told li.bad")).to_have_count(1)
    (yard / "golf" / "0.jpg").write_bytes(whole)
    page.set_input_files("#folder", yard / "golf")
    arrived(page)
    expect(page.locator("#told li")).to_have_count(0)
    expect(page.locator("#arrived li")).to_have_count(1)


def test_what_is_chosen_while_cars_are_made_goes_too(live: Live, yard: Path) -> None:
    page = drop_zone(live)
    once = []

    def meanwhile(route: Route) -> None:
        once.append(1)
        if len(once) == 1:
            page.set_input_files("#folder", yard / "leaf")
        route.continue_()

    page.route("**/receive/done", meanwhile)
    page.set_input_files("#folder", yard / "golf")
    expect(page.locator("#cars li")).to_have_count(2)
    assert sorted(one.reference for one in live.cases()) == ["golf", "leaf"]


def test_a_cut_line_goes_on_by_itself(live: Live, yard: Path) -> None:
    page = drop_zone(live)
    page.set_input_files("#folder", yard / "leaf")
    arrived(page)
    page.context.set_offline(True)
    page.set_input_files("#folder", yard / "golf")
    expect(page.locator("#said")).to_contain_text("cut")
    assert len(live.cases()) == 1
    page.context.set_offline(False)
    live.until(lambda: len(live.cases()) == 2)
    expect(page.locator("#arrived")).to_contain_text("golf/1.jpg")


def test_a_line_cut_within_a_file_sends_it_again(live: Live, yard: Path) -> None:
    page = drop_zone(live)
    cut = []

    def once(route: object) -> None:
        cut.append(1)
        route.abort() if len(cut) <= 2 else route.continue_()  # type: ignore[attr-defined]

    page.route("**/receive/file", once)
    page.set_input_files("#folder", yard / "micra")
    arrived(page)
    assert len(cut) > 3 and len(photos(live.serving.store, live.case("micra").id)) == 2


def test_who_leaves_while_photos_are_sent_is_asked(live: Live, yard: Path) -> None:
    page = drop_zone(live)
    leaving = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not page.evaluate(leaving)
    page.context.set_offline(True)
    page.set_input_files("#folder", yard / "golf")
    expect(page.locator("#said")).to_contain_text("cut")
    assert page.evaluate(leaving)
    page.context.set_offline(False)
    arrived(page)
    assert not page.evaluate(leaving)


def test_a_dealer_is_told_where_the_own_cars_are(live: Live, yard: Path) -> None:
    """A dealer's user sends, where the staff receives, and has no page to sort on."""
    accounts.add_user(live.serving.store, "dan", Role.DEALER, "Auto Oy")
    live.users["dan"] = next(one.id for one in accounts.all_users(live.serving.store) if one.name == "dan")
    page = live.page("dan", Role.DEALER)
    page.goto("/receive")
    expect(page.locator("h1")).to_have_text("Send photos")
    page.set_input_files("#files", sorted((yard / "golf").glob("*.jpg")))
    expect(page.locator("#said")).to_contain_text("in the list of cars")
    expect(page.locator("#made a")).to_have_count(1)
    assert live.said == []


def test_files_wait_while_somebody_signs_in_again(live: Live, yard: Path) -> None:
    page = drop_zone(live)
    page.context.clear_cookies(name=COOKIE)
    page.set_input_files("#folder", yard / "leaf")
    with page.context.expect_page() as opened:
        page.locator("#sign-in a").click()
    other = drawn(opened.value)
    other.locator("#name").fill("staff")
    other.locator("#password").fill(PASSWORD)
    other.keyboard.press("Enter")
    arrived(page)
    assert [one.reference for one in live.cases()] == ["leaf"]


def test_a_photo_is_moved_to_another_car_by_keys(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/sort")
    leaf, golf = live.case("leaf").id, live.case("golf").id
    page.locator(f"[data-row='{leaf}'] input").first.focus()
    page.keyboard.press("Space")
    page.locator(f"[data-row='{golf}'] button").focus()
    page.keyboard.press("Enter")
    live.until(lambda: len(photos(live.serving.store, golf)) == 3)
    assert len(photos(live.serving.store, leaf)) == 1
    assert live.said == []


def test_a_photo_is_moved_by_mouse(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/sort")
    leaf, golf = live.case("leaf").id, live.case("golf").id
    page.locator(f"[data-row='{leaf}'] .choose").first.drag_to(page.locator(f"[data-row='{golf}'] h2"))
    live.until(lambda: len(photos(live.serving.store, golf)) == 3)


def test_a_new_car_is_made_by_mouse_and_by_a_key(live: Live, yard: Path) -> None:
    live.take(yard)
    page = live.page()
    page.goto("/sort")
    leaf, golf = live.case("leaf").id, live.case("golf").id
    with turning(page):
        page.locator(f"[data-row='{leaf}'] .choose").first.drag_to(page.locator("[data-row=new]"))
    assert len(live.cases()) == 4
    expect(page.locator("[role=status]")).to_contain_text("Photos moved: 1")
    page.locator(f"[data-row='{golf}'] input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("n")
    live.until(lambda: len(live.cases()) == 5)
    assert live.said == []
