"""How long pages take in a browser with many cars: python -m recipes.browser_bench PLACE SITE

PLACE and SITE as recipes/pages_bench.py and recipes/stock_bench.py filled them. A real server on loopback, a
real chromium, nothing cached: the navigation timing that the browser keeps itself (W3C Navigation Timing 2).
`answer` is from the request's start to the answer's last byte, `shown` to the end of the load event, with
style, script and pictures. `--rest` is how long a page is looked at before the next: with 0 chromium still
paints the ones before, in software, on the server's own cores. One JSON line a page. Needs kilpi[dev] and
chromium.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import uvicorn
from playwright.sync_api import BrowserContext, Page, sync_playwright
from recipes.store_bench import MAKES, existing, place_parser
from tests.ports import free_port

from kilpi.cases import Case
from kilpi.config import Settings
from kilpi.store import Store
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.accounts import Role
from kilpi.web.visitor import COOKIE

TIMING = "() => performance.getEntriesByType('navigation')[0].toJSON()"
Visit = Callable[[Page], None]


def main() -> None:
    parser = place_parser(__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("--visits", type=int, default=30)
    parser.add_argument("--rest", type=float, default=1.0, help="seconds between visits")
    asked = parser.parse_args()
    store, chance, port = Store.open(asked.place), random.Random(1), free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        serving = Serving(store, Path(data), Settings(language="en"), address=address, site=asked.site)
        config = uvicorn.Config(create_app(serving), port=port, log_level="error")
        server = uvicorn.Server(config)
        threading.Thread(target=server.run, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(locale="en")
        user = accounts.add_user(store, f"bench {time.time_ns()}", Role.STAFF, "")
        context.add_cookies([{"name": COOKIE, "value": sessions.begin(store, user.id), "url": address}])
        print(json.dumps({"database": store.engine.dialect.name, "offers": serving.stock.shelf().seen.count}))
        for name, visit in visits(address, existing(store), chance).items():
            page = new_tab(context)
            print(json.dumps({"page": name, **measure(page, visit, asked.visits, asked.rest)}), flush=True)
            page.close()
        browser.close()
        server.should_exit = True
    store.close()


def new_tab(context: BrowserContext) -> Page:
    """One that caches nothing. Each kind of page has its own: what a session's log keeps slows a tab down."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


def visits(address: str, made: list[Case], chance: random.Random) -> dict[str, Visit]:
    """Each visit is another one."""

    def to(path: Callable[[], str]) -> Visit:
        def visit(page: Page) -> None:
            page.goto(f"{address}{path()}", wait_until="load")

        return visit

    def search(words: Callable[[], str]) -> Visit:
        """A search of the staff is sent from the list's own form."""

        def visit(page: Page) -> None:
            page.goto(f"{address}/cars", wait_until="load")
            page.fill("#words", words())
            with page.expect_navigation(wait_until="load"):
                page.press("#words", "Enter")

        return visit

    def whole_mark() -> str:
        mark = chance.choice(made).mark
        return mark.text if mark else ""

    found = {
        "buyers: first page": to(lambda: "/stock/"),
        "buyers: a make by price": to(lambda: f"/stock/?make={chance.choice(MAKES)}&sort=price"),
        "buyers: a make and model": to(
            lambda: f"/stock/?q={chance.choice(MAKES)}+model+{chance.randint(1, 300)}"
        ),
        "buyers: a word of every car": to(lambda: f"/stock/?q=autotalo&page={chance.randint(1, 400)}"),
    }
    if made:
        found |= {
            "staff: cars": to(lambda: "/cars"),
            "staff: cars by title": to(lambda: "/cars?sort=title"),
            "staff: cars of a state": to(lambda: f"/cars?state={chance.choice(['review', 'draft', 'sold'])}"),
            "staff: a search for a mark": search(whole_mark),
            "staff: a search for make and year": search(lambda: chance.choice(made).title),
        }
    return found


def measure(page: Page, visit: Visit, times: int, rest: float) -> dict[str, float]:
    """Milliseconds, as the browser says them."""
    visit(page)
    answers, shown = [], []
    for _ in range(times):
        time.sleep(rest)
        visit(page)
        told = page.evaluate(TIMING)
        answers.append(told["responseEnd"] - told["requestStart"])
        shown.append(told["loadEventEnd"] - told["startTime"])
    parts = {"answer": answers, "shown": shown}
    figures = {
        f"{name}_p{which}_ms": round(float(np.percentile(values, which)), 1)
        for name, values in parts.items()
        for which in (50, 95)
    }
    return {**figures, "n": times, "load": round(os.getloadavg()[0], 1)}


if __name__ == "__main__":
    main()
