"""What was given up is listed with its host alone, and sent again."""

from __future__ import annotations

from tests.cases.helping import arrive
from tests.web.serving import Server, server

from kilpi.cases import outbox
from kilpi.web.accounts import Role

__all__ = ["server"]


def test_dead_letters_are_shown_and_sent_again(server: Server) -> None:
    outbox.add_hook(server.store, "https://hooks.example/x?token=hush")
    arrive(server.store, "a")
    one = outbox.take(server.store)
    assert one is not None
    outbox.bury(server.store, one, "status 410")
    client = server.client(Role.ADMIN)
    shown = client.get("/deliveries").text
    assert "hooks.example" in shown and "status 410" in shown and "hush" not in shown
    assert client.post("/deliveries/resend", data={"delivery": one.delivery.id}).status_code == 303
    again = outbox.take(server.store)
    assert again is not None and again.delivery.id == one.delivery.id
    assert "status 410" not in client.get("/deliveries").text
