"""A NUL character in any field of any form or body is left out or refused, and never a fault, on both
databases: Postgres keeps none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from tests.cases.helping import in_state
from tests.fakes import FakeDetector, ShadeReader
from tests.web.serving import ADDRESS, Server, cheap_passwords

from kilpi.cases import Maker, State
from kilpi.config import Settings
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.web import Serving, create_app
from kilpi.web.accounts import Role
from kilpi.web.app import ruled
from kilpi.web.words import load_words


@pytest.fixture
def kept(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on either database."""
    cheap_passwords(monkeypatch)
    store, data = Store.open(place, originals=tmp_path / "data" / "originals"), tmp_path / "data"
    line = Kilpi(detector=FakeDetector(), reader=ShadeReader(), language="en")
    maker = Maker(line, data, originals=store.originals)
    serving = Serving(store, data, Settings(language="en"), address=ADDRESS, maker=maker)
    yield Server(serving, create_app(serving))
    store.close()


def fields_of(route: APIRoute) -> list[str]:
    """The names of what its form or body may hold."""
    names: list[str] = []
    for part in route.dependant.body_params:
        model = getattr(part.field_info.annotation, "model_fields", None)
        names += list(model) if model else [part.alias]
    return names


def test_no_field_of_no_form_makes_a_fault(kept: Server) -> None:
    case, tried, faults = in_state(kept.store, State.READY), 0, []
    fill = {"case_id": case.id, "sha256": "0" * 64}
    for route in (one for one in ruled(kept.app) if "POST" in (one.methods or ())):
        path = re.sub(r"\{(\w+)\}", lambda found: fill.get(found[1], "x"), route.path)
        client = kept.client(Role.ADMIN)  # one a form: some of them end a session
        for name in fields_of(route):
            sent = dict.fromkeys(fields_of(route), "1") | {name: f"{case.id} a\0b"}
            for body in ({"data": sent}, {"json": sent}):
                answer = client.post(path, **body)  # type: ignore[arg-type]
                tried += 1
                if answer.status_code >= 500:
                    faults.append((route.path, name, *body))
    assert tried > 200 and not faults


@pytest.mark.parametrize(("path", "field"), [("/sort", "photo"), ("/deliveries/resend", "delivery")])
def test_the_page_says_what_to_do(kept: Server, path: str, field: str) -> None:
    sent: dict[str, Any] = {"to": "new", field: "a\0b"}
    answer = kept.client(Role.ADMIN).post(path, data=sent)
    told = {load_words("en").say("fault", kind) for kind in ("UsageError", "CaseMissing")}
    assert answer.status_code in (303, 400, 404)
    assert answer.status_code == 303 or any(words in answer.text for words in told)
