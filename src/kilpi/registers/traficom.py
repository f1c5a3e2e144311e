"""Finland: Traficom's application-to-application interface. XML, by contract, charged by the query.

The reply carries owners, addresses, personal identity codes and insurances. Nothing is read but what
maps/traficom.toml names, and the reply itself is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from xml.etree.ElementTree import (
    Element,
    ParseError,
    SubElement,
    tostring,
)  # builds only; parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import SecretStr

from kilpi.errors import NotRegistered, RegisterRefused
from kilpi.registers.client import Client
from kilpi.registers.provider import Provider
from kilpi.registers.values import build_vehicle, clean_text
from kilpi.text import repair
from kilpi.types import Mark, Vehicle

VEHICLE, LIGHT_VEHICLE = "1", "2"
"""laji: cars and the like; motorcycles, mopeds and other L classes."""
MARK = "rekisteritunnus"  # element of request and reply
NOT_FOUND = "550"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MANUAL = re.compile(r"KÄSIVALINT|MANUAALI", re.IGNORECASE)
_AUTOMATIC = re.compile(r"AUTOMAATTI(NEN)?\s?VAIHT|AUTOMAATTIVAIHT", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contract:
    """What comes with the contract: the address, who asks, and the codes of the service."""

    url: str
    user: str
    password: SecretStr
    message_type: str = ""
    application: str = ""
    environment: str = ""
    customer: str = ""
    soku_id: str = ""
    service_id: str = ""
    query: int = 811  # 811 "perus", 841 "laaja"
    purpose: str = "4"


class Sought(NamedTuple):
    """By what a vehicle is asked for: the element of the request, and its value."""

    element: str
    value: str


class TraficomRegister:
    """Asks as a vehicle first, then as a light vehicle, as the interface wants it."""

    def __init__(self, provider: Provider, client: Client, contract: Contract) -> None:
        self.provider, self._client, self._contract = provider, client, contract

    def look_up(self, mark: Mark) -> Vehicle:
        """The vehicle. Raises NotRegistered, RegisterRefused, RegisterUnavailable."""
        asked = self.provider.spell(mark)
        record = self._first(Sought(MARK, with_dash(mark.text)), "mark")
        self.provider.check_same(asked, _text(record.find(f"tunnus/{MARK}")))
        return self._vehicle(self.provider.found(mark), record)

    def look_up_vin(self, vin: str) -> Vehicle:
        """The vehicle of this VIN, with its mark. Raises as `look_up`."""
        asked = self.provider.spell_vin(vin)
        record = self._first(Sought(self.provider.spec["vin"]["element"], asked), "VIN")
        vehicle = self._vehicle(self.provider.told_mark(_text(record.find(f"tunnus/{MARK}"))), record)
        self.provider.check_same(asked, vehicle.vin)
        return vehicle

    def _first(self, sought: Sought, what: str) -> Element:
        """The record, as a vehicle or as a light one. Raises NotRegistered, with `what` was asked for."""
        for kind in (VEHICLE, LIGHT_VEHICLE):
            record = self._ask(sought, kind)
            if record is not None:
                return record
        raise NotRegistered(f"{self.provider.name}: does not know this {what}")

    def _vehicle(self, mark: Mark, record: Element) -> Vehicle:
        mapped = self.provider.mapped(partial(find_in_xml, record))
        if "gearbox" not in mapped.values and (told := gearbox_in_remarks(record)):
            mapped.values["gearbox"] = told
            mapped.raw["gearbox"] = {"from": "erikoisehdot/erikoisehto/teksti", "value": "free text"}
        name, fetched = self.provider.name, datetime.now(UTC)
        return build_vehicle(mark, name, fetched, mapped.values, mapped.raw)

    def _ask(self, sought: Sought, kind: str) -> Element | None:
        """The element <perus> or <laaja>, None where Traficom says that there is no such vehicle."""
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        body = request_xml(self._contract, sought, kind)
        reply = self._client.send("POST", self._contract.url, headers, body=body)
        if reply.status == 404:
            raise self.provider.malformed("no such address")
        try:
            root: Element = fromstring(_DECLARATION.sub("", reply.text))
        except (ParseError, DefusedXmlException, ValueError):
            raise self.provider.malformed("not XML") from None
        code = _text(root.find("yleinen/virhe/virhekoodi"))
        if code == NOT_FOUND:
            return None
        if code:
            shown = code if re.fullmatch(r"\w{1,8}", code) else "unreadable"
            raise RegisterRefused(
                f"{self.provider.name}: answers with error {shown}; see the interface's code list"
            )
        for part in ("perus", "laaja"):
            records = root.findall(f"sanoma/ajoneuvontiedot/{part}")
            if len(records) > 1:
                raise self.provider.malformed(f"{part}: {len(records)} vehicles for one mark", lasting=True)
            record = records[0] if records else None
            if record is not None and record.find("ajoneuvonTiedot") is not None:
                return record
        raise self.provider.malformed("it holds no vehicle")


def request_xml(contract: Contract, sought: Sought, kind: str) -> bytes:
    """The query as UTF-8 XML; every value is escaped by the writer."""
    root = Element("kehys")
    head = SubElement(root, "yleinen")
    _add(head, [("sanomatyyppi", contract.message_type), ("sovellus", contract.application)])
    _add(head, [("ymparisto", contract.environment)])
    rights = SubElement(head, "kayttooikeudet")
    system = SubElement(rights, "tietojarjestelma")
    _add(system, [("tunnus", contract.user), ("salasana", contract.password.get_secret_value())])
    SubElement(rights, "kayttaja")
    search = SubElement(SubElement(root, "sanoma"), "ajoneuvonHakuehdot")
    _add(search, [("laji", kind), (sought.element, sought.value), ("kyselylaji", str(contract.query))])
    _add(search, [("kayttotarkoitus", contract.purpose), ("asiakas", contract.customer)])
    _add(search, [("soku-tunnus", contract.soku_id), ("palvelutunnus", contract.service_id)])
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _add(parent: Element, values: Iterable[tuple[str, str]]) -> None:
    for tag, text in values:
        SubElement(parent, tag).text = text


def with_dash(text: str) -> str:
    """A Finnish mark as Traficom spells it (ABC-123); others only in upper case."""
    bare = clean_text(text).upper().replace(" ", "").replace("-", "")
    split = re.fullmatch(r"([^\W\d_]+)(\d+)", bare)
    return f"{split[1]}-{split[2]}" if split else clean_text(text).upper()


def _text(element: Element | None) -> str | None:
    return repair(element.text.strip(" \t\r\n")) if element is not None and element.text else None


def find_in_xml(record: Element, path: str) -> list[str]:
    """Texts of the elements at an ElementTree path, in order."""
    return [text for element in record.findall(path) if (text := _text(element))]


def gearbox_in_remarks(record: Element) -> str | None:
    """The gearbox as a remark of the type approval tells it, where exactly one kind is named."""
    remarks = " ".join(find_in_xml(record, "erikoisehdot/erikoisehto/teksti"))
    manual, automatic = bool(_MANUAL.search(remarks)), bool(_AUTOMATIC.search(remarks))
    if manual == automatic:
        return None
    return "manual" if manual else "automatic"
