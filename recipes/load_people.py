"""The people of recipes/load.py, for locust: reviewers who answer what comes, dealers who send cars.

`KILPI_LOAD` names a JSON file: {"reviewers": [cookie ...], "senders": [cookie ...], "photo": path}.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from pathlib import Path
from random import Random

from locust import HttpUser, between, task

from kilpi.grammar import load_grammars
from kilpi.web.sessions import csrf_token
from kilpi.web.visitor import COOKIE

ASKED = json.loads(Path(os.environ["KILPI_LOAD"]).read_text())
REVIEWERS, SENDERS = itertools.cycle(ASKED["reviewers"]), itertools.cycle(ASKED["senders"])
PHOTO = Path(ASKED["photo"]).read_bytes()
PHOTOS_A_CAR = 3
RNG = Random(7)
SEQ = re.compile(r'name="seq" value="(\d+)"')
CASE = re.compile(r'data-draft="([0-9a-f-]+)"')
PICTURE = re.compile(r'<img src="(/review/[^"]+)"')


def some_mark() -> str:
    """A Finnish mark; nobody's in particular."""
    return load_grammars().sample("FI", RNG, "ordinary").mark.compact


class Reviewer(HttpUser):
    """Looks at a question and its pictures, answers, and goes on."""

    fixed_count = len(ASKED["reviewers"])
    wait_time = between(6, 14)

    def on_start(self) -> None:
        cookie = next(REVIEWERS)
        self.client.cookies.set(COOKIE, cookie)
        self.client.headers["X-CSRF-Token"] = csrf_token(cookie)

    @task
    def answer(self) -> None:
        """One question: the mark, or the price where that is missing."""
        page = self.client.get("/review", name="GET /review").text
        case, seq = CASE.search(page), SEQ.search(page)
        if case is None or seq is None:
            return  # nothing to review
        for address in PICTURE.findall(page)[:6]:
            self.client.get(address, name="GET a picture")
        self.client.get(f"/review/{case[1]}/next", name="GET /review/../next")
        form = {"seq": seq[1], "take": "facts", "price": "15 900", "km": "84 200"}
        if 'value="typed"' in page:
            self.client.post("/review/check", {"text": "ABC-12", "country": "FI"}, name="POST /review/check")
            form = {"seq": seq[1], "take": "typed", "text": some_mark(), "country": "FI"}
        with self.client.post(
            f"/review/{case[1]}/look", form, name="POST /review/../look", catch_response=True
        ) as told:
            taken(told, "data-confirm" in told.text or form["take"] == "facts")
        if form["take"] == "typed":
            self.client.post(f"/review/{case[1]}/answer", form, name="POST /review/../answer")


def taken(told: object, done: bool) -> None:
    """A question that somebody else changed meanwhile is an answer too, not an error."""
    if done or getattr(told, "status_code", 0) == 409:
        told.success()  # type: ignore[attr-defined]
    else:
        told.failure(f"no confirmation: {getattr(told, 'status_code', 0)}")  # type: ignore[attr-defined]


class Sender(HttpUser):
    """Sends a car: what is here already is asked first, then photo by photo, then it is a car."""

    fixed_count = len(ASKED["senders"])
    wait_time = between(8, 14)
    number = itertools.count()

    def on_start(self) -> None:
        cookie = next(SENDERS)
        self.client.cookies.set(COOKIE, cookie)
        self.client.headers["X-CSRF-Token"] = csrf_token(cookie)

    @task
    def send(self) -> None:
        """Photos of one car, each unlike all others by what stands behind its JPEG's end."""
        car, mark = f"car {next(self.number)}", some_mark()
        self.client.post("/receive/have", json={"sha256": ["0" * 64]}, name="POST /receive/have")
        files = []
        for n in range(PHOTOS_A_CAR):
            path = f"{car}/{n}.jpg"
            content = PHOTO + f"{n} {car} #mark:{mark}".encode()
            sent = self.client.post(
                "/receive/file", content, headers={"X-File-Name": path}, name="POST /receive/file"
            )
            files.append({"path": path, "sha256": sent.json()["sha256"]})
        self.client.post("/receive/done", json={"files": files}, name="POST /receive/done")
