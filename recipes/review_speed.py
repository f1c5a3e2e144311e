"""100 cars reviewed in a real browser by their first guesses: keys a car, server time a step, console errors.

    python recipes/review_speed.py --cars 100 [--samples samples]

The networks are stand-ins that read each car's mark rightly and surely too little, so that every car is asked
about; photos, pages, register (a file), store and worker are real. Needs kilpi[dev] and chromium.
"""

from __future__ import annotations

import argparse
import logging
import re
import shutil
import socket
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random

import uvicorn
from playwright.sync_api import sync_playwright

from kilpi.cases import Batch, Beside, LaidOut, Maker, State, Workers, counts, keep, make_cars
from kilpi.cases.telling.numbers import numbers
from kilpi.config import Settings
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.images import decode_photo
from kilpi.pipeline import Kilpi
from kilpi.registers.file import FileRegister
from kilpi.store import Store
from kilpi.types import Box, Guess, Photo, Pixels, Reading, Sighting
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.accounts import Role
from kilpi.web.visitor import COOKIE

PLATE = Box(522, 838, 813, 926)  # of samples/qashqai/1.jpg
STEPS = ("GET /review/{case_id} ", "POST /review/{case_id}/look ", "POST /review/{case_id}/answer ")


class Finds:
    """The plate where it is in every copy, and which photo the reader sees next."""

    def __init__(self, marks: dict[str, str]) -> None:
        self.marks, self.seen = marks, ""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        """One plate in each known photo; none in a finished picture."""
        self.seen = next((self.marks[photo.id] for photo in photos if photo.id in self.marks), "")
        return [[Sighting(quad_from_box(PLATE), 0.9)] if p.id in self.marks else [] for p in photos]

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """The mark of the photo, not surely."""
        return [Reading(tuple((Guess(char, 0.6),) for char in self.seen), "stand-in") for _ in crops]


def make_cases(store: Store, data: Path, photo: bytes, cars: int) -> tuple[dict[str, str], Path]:
    """Cases of one photo each, whose bytes differ; marks by photo ids, and a register that knows all."""
    rng, marks, rows, sent = Random(1), dict[str, str](), ["mark,country,make,model,first_registered"], []
    while len(marks) < cars:
        mark = load_grammars().sample("FI", rng, "ordinary").mark
        content = photo + mark.compact.encode()  # behind a JPEG's end anything may stand
        name = f"car-{len(marks):03}/1.jpg"
        path = data / "one.jpg"
        path.write_bytes(content)
        with path.open("rb") as file:
            kept = keep(store, "", name, file)
        marks[decode_photo(content, name).id] = mark.compact
        rows.append(f"{mark.text},FI,Nissan,Qashqai,2019-05-02")
        sent.append((name, kept.sha256))
    register = data / "register.csv"
    register.write_text("\n".join(rows) + "\n")
    make_cars(store, data, Batch(tuple(sent), "recipe"), "FI")
    return marks, register


def main() -> None:
    """Runs it and prints what came out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cars", type=int, default=100)
    parser.add_argument("--samples", type=Path, default=Path("samples"))
    options = parser.parse_args()
    times = listen()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder))
        photo = (options.samples / "qashqai" / "1.jpg").read_bytes()
        marks, register = make_cases(store, Path(folder), photo, options.cars)

        def maker() -> Maker:
            nets = Finds(marks)
            line = Kilpi(detector=nets, reader=nets, register=FileRegister.open(register), language="en")
            return Maker(line, Path(folder), originals=store.originals)

        asking = maker()
        working = Workers(store, lambda: LaidOut(store, maker(), Beside(Path(folder))), watch=asking.settle)
        working.start()
        while counts(store)[State.REVIEW] < options.cars:
            time.sleep(0.5)
        keys, errors = review(store, Path(folder), asking, working, options.cars)
        answered = options.cars - counts(store)[State.REVIEW]
        total = numbers(store).total
        working.stop(60)
        store.close()
    print(f"{answered} of {options.cars} cars answered, {keys / options.cars:.2f} keys a car")
    print(f"console errors: {errors}")
    spent = f"{total.seconds:.1f} s of {total.answers} answers"
    print(f"measured by the page: {spent}, by a script and no person")
    for step, values in sorted(times.items()):
        p95 = statistics.quantiles(values, n=20)[-1]
        print(f"{step:40} n {len(values):4}  median {statistics.median(values):.0f} ms  p95 {p95:.0f} ms")
    every = [value for step in STEPS for value in times.get(step.strip(), [])]
    print(f"all steps: median {statistics.median(every):.0f} ms of {len(every)}")


def listen() -> dict[str, list[float]]:
    """Server times by method and route, as the server's own log tells them."""
    found: dict[str, list[float]] = defaultdict(list)

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told = re.match(r"(\w+ \S+) \d+ (\d+) ms", record.getMessage())
            if told and told[1] + " " in STEPS:
                found[told[1]].append(float(told[2]))

    log = logging.getLogger("kilpi.web")
    log.setLevel(logging.INFO)
    log.addHandler(Ear())
    return found


def review(store: Store, data: Path, asking: Maker, working: Workers, cars: int) -> tuple[int, int]:
    """Every car by one key; (keys, errors on the console)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    serving = Serving(
        store, data, Settings(language="en"), address=address, changed=working.wake, maker=asking
    )
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(serving), host="127.0.0.1", port=port, log_level="warning", access_log=False
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    cookie = sessions.begin(store, accounts.add_user(store, "reviewer", Role.STAFF).id)
    keys, errors = 0, list[str]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("/review")
        for _ in range(cars):
            before = page.locator("[data-draft]").get_attribute("data-draft")
            page.locator("[data-review]:not([data-fresh])").wait_for(timeout=60_000)
            page.keyboard.press("Enter")
            keys += 1
            page.locator("[data-confirm]").wait_for(timeout=60_000)
            page.locator(f"[data-review]:not([data-draft='{before}'])").wait_for(timeout=60_000)
            if not page.locator("[data-draft]").count():
                break
        browser.close()
    server.should_exit = True
    thread.join(20)
    return keys, len(errors)


if __name__ == "__main__":
    main()
