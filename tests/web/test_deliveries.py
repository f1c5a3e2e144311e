"""Doors and hooks are listed; what was given up stands there with its host alone, and is sent again."""

from __future__ import annotations

import pytest
from tests.cases.helping import arrive
from tests.web.serving import Server, server

from kilpi.cases.outgoing import outbox
from kilpi.doors.looks import note_look
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
    assert "hooks.example" in shown and "answered 410" in shown and "hush" not in shown
    assert client.post("/deliveries/resend", data={"delivery": one.delivery.id}).status_code == 303
    again = outbox.take(server.store)
    assert again is not None and again.delivery.id == one.delivery.id
    assert "answered 410" not in client.get("/deliveries").text


def test_doors_and_hooks_are_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    client = server.client(Role.ADMIN)
    bare = client.get("/deliveries").text
    assert "kilpi hooks add" in bare and "None is set up" in bare
    outbox.add_hook(server.store, "https://hooks.example/x?token=hush", dealer="Auto Oy", kinds=["decided"])
    note_look(server.store, "watch /srv/in")
    note_look(server.store, "mail photos", "mail: the disk is full; make room")
    shown = client.get("/deliveries").text
    assert "hooks.example" in shown and "Auto Oy" in shown and "Decided" in shown and "hush" not in shown
    assert "/srv/in" in shown and "Works" in shown and "the disk is full" in shown
    monkeypatch.setattr("kilpi.web.routes.deliveries.SILENT_S", -1.0)
    assert "Is its program running?" in client.get("/deliveries").text
