"""Registers that answer with regular JSON: one adapter, one field map a provider (maps/*.toml)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from kilpi.errors import NotRegistered
from kilpi.registers.client import Client, Reply
from kilpi.registers.mapping import find_in_json
from kilpi.registers.provider import Provider
from kilpi.registers.values import build_vehicle
from kilpi.types import Mark, Vehicle


class JsonRegister:
    """A provider whose map tells the request, where the vehicle lies, and where each field is."""

    def __init__(self, provider: Provider, client: Client, key: SecretStr, origin: str | None = None) -> None:
        """`origin` (https://host) replaces the provider's own, for a test environment or a rehearsal."""
        self.provider, self._client, self._key, self._origin = provider, client, key, origin

    def look_up(self, mark: Mark) -> Vehicle:
        """The vehicle. Raises NotRegistered, RegisterRefused, RegisterUnavailable."""
        asked = self.provider.spell(mark)
        record = self._record(self._ask(asked))
        self.provider.check_same(asked, self._mark_of(record))
        return self._vehicle(self.provider.found(mark), record)

    def look_up_vin(self, vin: str) -> Vehicle:
        """The vehicle of this VIN, with its mark. Raises as `look_up`; refused where no VIN is taken."""
        asked = self.provider.spell_vin(vin)
        record = self._record(self._ask(asked, self.provider.spec["vin"]), "VIN")
        vehicle = self._vehicle(self.provider.told_mark(self._mark_of(record)), record)
        self.provider.check_same(asked, vehicle.vin)
        return vehicle

    def _mark_of(self, record: Mapping[str, Any]) -> object:
        paths = self.provider.spec["reply"]["mark"]
        return next((told for path in paths for told in find_in_json(record, path)), None)

    def _vehicle(self, mark: Mark, record: Mapping[str, Any]) -> Vehicle:
        mapped = self.provider.mapped(lambda path: find_in_json(record, path))
        name, fetched = self.provider.name, datetime.now(UTC)
        return build_vehicle(mark, name, fetched, mapped.values, mapped.raw)

    def _ask(self, asked: str, other: Mapping[str, Any] | None = None) -> Reply:
        """The reply to `asked`; `other` is what a map tells of requests that do not ask for a mark."""
        request = {**self.provider.spec["request"], **(other or {})}
        key = self._key.get_secret_value()
        headers = {name: value.replace("{key}", key) for name, value in request["headers"].items()}
        query = {name: value.replace("{mark}", asked) for name, value in request.get("query", {}).items()}
        body = None
        if "json" in request:
            filled = {name: value.replace("{mark}", asked) for name, value in request["json"].items()}
            body, headers["Content-Type"] = json.dumps(filled).encode(), "application/json"
        url = move(request["url"].replace("{mark}", quote(asked, safe="")), self._origin)
        return self._client.send(request["method"], url, headers, query or None, body)

    def _record(self, reply: Reply, sought: str = "mark") -> Mapping[str, Any]:
        spec = self.provider.spec["reply"]
        if reply.status == 404 and reply.text.lstrip().startswith("<"):
            raise self.provider.malformed("a web page; is the address still right?")
        if reply.status in spec["none_status"]:
            raise self._none(sought)
        parsed = parse_json(self.provider, reply)
        paths = spec["vehicle"] if isinstance(spec["vehicle"], list) else [spec["vehicle"]]
        for path in paths:
            if (count := _siblings(parsed, path)) > 1:
                raise self.provider.malformed(f"{path}: {count} vehicles for one mark", lasting=True)
            record = descend(parsed, path)
            if isinstance(record, dict) and record:
                return record
        if _says_none(parsed, paths[0]):
            raise self._none(sought)
        raise self.provider.malformed("it holds no vehicle")

    def _none(self, sought: str) -> NotRegistered:
        return NotRegistered(f"{self.provider.name}: does not know this {sought}")


def parse_json(provider: Provider, reply: Reply) -> Any:
    """The parsed body. Raises RegisterUnavailable where it is not JSON, holds a key twice, or NaN."""
    try:
        return json.loads(reply.text, parse_constant=_NoNumber, object_pairs_hook=_single_keys)
    except _Doubtful as error:
        raise provider.malformed(str(error)) from None
    except (ValueError, RecursionError):
        raise provider.malformed("not JSON") from None


class _NoNumber(str):
    """NaN or Infinity, which Python reads and JSON does not know."""


class _Doubtful(ValueError):
    """A key or value that JSON does not know, by name."""


def _single_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise _Doubtful(f"{key[:40]!r} is in it twice")
        items = value if isinstance(value, list) else [value]
        if wrong := next((item for item in items if isinstance(item, _NoNumber)), None):
            raise _Doubtful(f"{key[:40]!r} is {wrong}")
        record[key] = value
    return record


def _siblings(parsed: Any, path: str) -> int:
    """How many vehicles lie where the path names the first one."""
    holder, _, last = path.rpartition(".")
    found = descend(parsed, holder) if last.isdigit() else descend(parsed, path)
    return len(found) if isinstance(found, list) else 1


def descend(parsed: Any, path: str) -> Any:
    """The object at a dotted path ("" is the whole), None where the path ends early."""
    for step in path.split(".") if path else []:
        if isinstance(parsed, dict):
            parsed = parsed.get(step)
        elif isinstance(parsed, list) and step.isdigit() and int(step) < len(parsed):
            parsed = parsed[int(step)]
        else:
            return None
    return parsed


def _says_none(parsed: Any, path: str) -> bool:
    """True for the empty list where a list of vehicles should be: the documented way to say "none"."""
    holder = descend(parsed, path.rpartition(".")[0]) if path.rpartition(".")[2].isdigit() else parsed
    return isinstance(holder, list) and not holder


def move(url: str, origin: str | None) -> str:
    """The URL on another scheme and host; unchanged without an origin."""
    if origin is None:
        return url
    scheme, host = urlsplit(origin)[:2]
    return urlunsplit((scheme, host, *urlsplit(url)[2:]))
