"""The parts that rehearsal servers play: per provider its car, how it reads a request, how it says "none"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

from defusedxml.ElementTree import fromstring

from kilpi.text import compact_mark
from kilpi.types import Mark

KEY = "rehearsal-key"
USER = "rehearsal"
WHOLE_VIN = 17


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived. `path` is percent-decoded; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Understood:
    """What a server made of a request: the mark asked, whether the key is right, which resource."""

    mark: str
    authorised: bool
    resource: str = ""
    vin: str = ""  # where the request asks for one instead


@dataclass(frozen=True, slots=True)
class Play:
    """One provider's part: the car it knows, another one, how it reads a request, its documented "none"."""

    mark: Mark
    other: str
    read: Callable[[Asked], Understood | None]  # None: no such address
    files: dict[str, str]  # resource -> file of rehearsals/
    none_status: int
    none_body: str = ""
    vin: str = ""  # of its car, where the provider takes VINs


def fixture(name: str) -> str:
    """The text of rehearsals/<name>, with its placeholders."""
    return resources.files("kilpi.registers.simulator").joinpath("replies", name).read_text(encoding="utf-8")


def _read_traficom(asked: Asked) -> Understood | None:
    root = fromstring(asked.body)
    login = (root.findtext(".//tietojarjestelma/tunnus"), root.findtext(".//tietojarjestelma/salasana"))
    search = root.find("sanoma/ajoneuvonHakuehdot")
    official, vin = search.findtext("rekisteritunnus", ""), search.findtext("valmistenumero", "")
    light = search.findtext("laji") == "2"
    # The interface keeps cars and light vehicles apart, and wants the dash.
    known = "" if light or "-" not in official else compact_mark(official)
    return Understood(known, login == (USER, KEY), vin="" if light else vin)


def _read_svv(asked: Asked) -> Understood | None:
    if not asked.path.endswith("/felles/datautlevering/enkeltoppslag/kjoretoydata"):
        return None
    mark, vin = asked.query.get("kjennemerke", ""), asked.query.get("understellsnummer", "")
    if mark and vin:
        return None  # documented as a bad request
    return Understood(mark, asked.headers.get("svv-authorization") == f"Apikey {KEY}", vin=vin)


def _read_rdw(asked: Asked) -> Understood | None:
    resource = asked.path.removeprefix("/resource/").removesuffix(".json")
    if resource not in ("m9d7-ebf2", "8ys7-d773"):
        return None
    token = asked.headers.get("x-app-token", KEY)
    return Understood(asked.query.get("kenteken", ""), token == KEY, resource)


def _read_dvla(asked: Asked) -> Understood | None:
    if asked.method != "POST" or asked.path != "/vehicle-enquiry/v1/vehicles":
        return None
    mark = json.loads(asked.body)["registrationNumber"]
    return Understood(mark, asked.headers.get("x-api-key") == KEY)


def _read_motorapi(asked: Asked) -> Understood | None:
    if not asked.path.startswith("/vehicles/"):
        return None
    ident = asked.path.removeprefix("/vehicles/")
    vin = ident if len(ident) == WHOLE_VIN else ""
    return Understood("" if vin else ident, asked.headers.get("x-auth-token") == KEY, vin=vin)


def _read_nrplade(asked: Asked) -> Understood | None:
    right = asked.headers.get("authorization") == f"Bearer {KEY}"
    if asked.path.startswith("/vin/"):
        return Understood("", right, vin=asked.path.removeprefix("/vin/"))
    return Understood(asked.path[1:], right)


def _read_biluppgifter(asked: Asked) -> Understood | None:
    start, vin_start = "/api/v1/vehicle/regno/", "/api/v1/vehicle/vin/"
    if not asked.path.startswith((start, vin_start)) or not asked.headers.get("user-agent"):
        return None
    right = asked.headers.get("authorization") == f"Bearer {KEY}"
    if asked.path.startswith(vin_start):
        return Understood("", right, vin=asked.path.removeprefix(vin_start))
    return Understood(asked.path.removeprefix(start), right)


_DVLA_NONE = '{"errors": [{"status": "404", "code": "404", "title": "Vehicle Not Found"}]}'
PLAYS: dict[str, Play] = {
    "traficom": Play(
        Mark("ÄÖÅ-2", "FI"),
        "ABC-123",
        _read_traficom,
        {"": "traficom.xml"},
        200,
        fixture("traficom_none.xml"),
        vin="XXXTEST0000000001",
    ),
    "svv": Play(
        Mark("EK 00000", "NO"), "EK 00001", _read_svv, {"": "svv.json"}, 204, vin="XXXTEST0000000002"
    ),
    "rdw": Play(
        Mark("XX-000-X", "NL"),
        "XX001X",
        _read_rdw,
        {"m9d7-ebf2": "rdw_vehicle.json", "8ys7-d773": "rdw_fuels.json"},
        200,
        "[]",
    ),
    "dvla": Play(Mark("AA19 ZZZ", "GB"), "AA19ZZY", _read_dvla, {"": "dvla.json"}, 404, _DVLA_NONE),
    "motorapi": Play(
        Mark("AT00000", "DK"), "AT00001", _read_motorapi, {"": "motorapi.json"}, 404, vin="XXXTEST0000000005"
    ),
    "nrplade": Play(
        Mark("AT00000", "DK"), "AT00001", _read_nrplade, {"": "nrplade.json"}, 404, vin="XXXTEST0000000006"
    ),
    "biluppgifter": Play(
        Mark("ABC 12D", "SE"),
        "ABC12E",
        _read_biluppgifter,
        {"": "biluppgifter.json"},
        404,
        "{}",
        vin="XXXTEST0000000007",
    ),
}
