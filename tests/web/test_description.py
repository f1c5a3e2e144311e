"""Requests made up from the description of /v1: whatever comes, no fault of the server's own."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from tests.cases.helping import in_state
from tests.web.serving import Server, server

from kilpi.cases import State
from kilpi.web import tokens
from kilpi.web.accounts import Role
from kilpi.web.app import ruled

__all__ = ["server"]
EACH = 8  # requests of one operation
CALM = settings(
    max_examples=EACH,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations(server: Server) -> dict[str, Any]:
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", server.app)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return {f"{one.method.upper()} {one.path}": one for one in found}


def test_no_request_is_a_fault(server: Server) -> None:
    ids = [in_state(server.store, state, name=state).id for state in (State.REVIEW, State.DRAFT)]
    headers = {"Authorization": f"Bearer {tokens.make(server.store, 'robot', Role.STAFF)}"}
    asked = 0
    for name, operation in operations(server).items():
        if name.startswith("DELETE"):
            continue  # it would end the cases that the others are asked about

        @CALM
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            if "case_id" in (case.path_parameters or {}) and asked % 2:
                case.path_parameters["case_id"] = ids[asked // 2 % len(ids)]
            answer = case.call(headers=headers)
            assert answer.status_code < 500, (case.operation.label, answer.text)

        ask()
    assert asked > EACH


@pytest.mark.parametrize("prefix", ["/v1/", "/healthz", "/readyz"])
def test_the_description_is_whole(server: Server, prefix: str) -> None:
    routes = {
        f"{method} {route.path}"
        for route in ruled(server.app)
        for method in route.methods or ()
        if route.path.startswith(prefix) and route.include_in_schema
    }
    assert routes and routes <= set(operations(server))
