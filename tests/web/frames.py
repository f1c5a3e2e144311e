"""A page is used once it is there: before its first frame keys may be lost, and pictures have no size yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import FileChooser, FloatRect, Locator, Page, Response, TimeoutError, expect

PATIENCE_S = 60.0
# Said once the frame is on the screen; a callback of requestAnimationFrame runs before its frame is drawn.
FIRST_FRAME = "performance.getEntriesByName('first-contentful-paint').length > 0"


def drawn(page: Page) -> Page:
    """The page, once its first frame is drawn."""
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(FIRST_FRAME):  # wait_for_function is stopped by a page's policy against eval
        assert time.monotonic() < end, f"no frame: {page.url}"
        page.wait_for_timeout(10)
    return page


def patient(page: Page) -> Page:
    """A page whose `goto` and `reload` wait for the first frame of what they lead to."""
    page.goto = then_drawn(page, page.goto)  # type: ignore[method-assign]
    page.reload = then_drawn(page, page.reload)  # type: ignore[method-assign]
    return page


def then_drawn(page: Page, go: Callable[..., Response | None]) -> Callable[..., Response | None]:
    def gone(*where: Any, **how: Any) -> Response | None:
        answer = go(*where, **how)
        drawn(page)
        return answer

    return gone


@contextmanager
def turning(page: Page) -> Iterator[None]:
    """What is pressed in here leads to another page, which is there when this ends."""
    with page.expect_navigation():
        yield
    drawn(page)


def box_of(picture: Locator) -> FloatRect:
    """Where a picture stands, once it is loaded."""
    expect(picture).to_have_js_property("complete", True)
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    box = picture.bounding_box()
    assert box
    return box


def chooser_by_key(page: Page, field: Locator, key: str = "Enter") -> FileChooser:
    """The dialog that a key opens on a field. On a busy machine one press may be lost: again where nothing
    opens.
    """
    field.focus()
    expect(field).to_be_focused()
    for _ in range(5):
        try:
            with page.expect_file_chooser(timeout=10_000) as chooser:
                field.press(key)
            return chooser.value
        except TimeoutError:
            continue
    raise AssertionError("no dialog opens")
