"""Netherlands: RDW open data. Two resources are joined: the vehicle, and one row for each of its fuels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from kilpi.errors import NotRegistered
from kilpi.registers.client import Client
from kilpi.registers.http import move, parse_json
from kilpi.registers.mapping import find_in_json
from kilpi.registers.provider import Provider
from kilpi.registers.values import build_vehicle
from kilpi.types import Mark, Vehicle


class RdwRegister:
    """RDW's open data. The app token is optional; without it RDW throttles by IP address."""

    def __init__(self, provider: Provider, client: Client, key: SecretStr, origin: str | None = None) -> None:
        self.provider, self._client, self._key, self._origin = provider, client, key, origin

    def look_up(self, mark: Mark) -> Vehicle:
        """The vehicle. Raises NotRegistered, RegisterRefused, RegisterUnavailable."""
        asked = self.provider.spell(mark)
        vehicles = self._rows("vehicles", asked)
        if not vehicles:
            raise NotRegistered(f"{self.provider.name}: does not know this mark")
        if len(vehicles) > 1:
            raise self.provider.malformed(f"{len(vehicles)} vehicles for one mark", lasting=True)
        record = {"vehicle": vehicles[0], "fuels": self._rows("fuels", asked)}
        mapped = self.provider.mapped(lambda path: find_in_json(record, path))
        name, fetched = self.provider.name, datetime.now(UTC)
        return build_vehicle(self.provider.found(mark), name, fetched, mapped.values, mapped.raw)

    def _rows(self, resource: str, asked: str) -> list[dict[str, Any]]:
        """The rows of one resource, each checked to be about the mark asked."""
        token = self._key.get_secret_value()
        headers = {"Accept": "application/json"} | ({"X-App-Token": token} if token else {})
        url = move(self.provider.spec["request"][resource], self._origin)
        reply = self._client.send("GET", url, headers, {"kenteken": asked})
        if reply.status == 404:
            raise self.provider.malformed("the resource is gone; is the address still right?")
        rows = parse_json(self.provider, reply)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.provider.malformed("not a list of rows")
        for row in rows:
            self.provider.check_same(asked, row.get("kenteken"))
        return rows
