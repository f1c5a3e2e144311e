from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest
from pydantic import SecretStr

from kilpi.errors import NotRegistered, RegisterRefused, RegisterUnavailable
from kilpi.registers.client import Client, Reply
from kilpi.registers.limits import DailyBudget
from kilpi.registers.provider import provider
from kilpi.registers.simulator.scenarios import PLAYS, fixture
from kilpi.registers.traficom import Contract, Sought, TraficomRegister, request_xml, with_dash
from kilpi.types import Mark

MARK = PLAYS["traficom"].mark
CAR, NONE = fixture("traficom.xml").replace("@MARK@", MARK.text), fixture("traficom_none.xml")


class Canned(Client):
    """Answers from a function of laji instead of the network, and remembers what was asked."""

    def __init__(self, answer: Callable[[str], str | bytes]) -> None:
        super().__init__("traficom", DailyBudget("traficom", None))
        self.answer, self.asked = answer, list[str]()

    def send(self, method: str, url: str, headers=None, query=None, body=None) -> Reply:  # type: ignore[no-untyped-def]
        kind = fromstring(body).findtext(".//laji", "")
        self.asked.append(kind)
        answer = self.answer(kind)
        return Reply(200, answer if isinstance(answer, bytes) else answer.encode())


def register(answer: Callable[[str], str | bytes]) -> tuple[TraficomRegister, Canned]:
    client = Canned(answer)
    return TraficomRegister(provider("traficom"), client, Contract("https://x", "u", SecretStr("p"))), client


def test_light_vehicles_are_asked_for_second() -> None:
    one, client = register(lambda kind: NONE if kind == "1" else CAR)
    assert one.look_up(MARK).make == "Škoda"
    assert client.asked == ["1", "2"]


def test_550_twice_is_not_registered_although_the_reply_echoes_the_mark() -> None:
    one, client = register(lambda kind: NONE.replace("@MARK@", MARK.text))
    with pytest.raises(NotRegistered):
        one.look_up(MARK)
    assert client.asked == ["1", "2"]


def test_other_errors_are_told_by_their_code_only() -> None:
    one, _ = register(lambda kind: NONE.replace("550", "123").replace("löydy", "SECRET"))
    with pytest.raises(RegisterRefused, match="error 123") as caught:
        one.look_up(MARK)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "status"), [("18", "decommissioned"), ("19", "decommissioned"), ("10", "in_use")]
)
def test_restrictions(kind: str, status: str) -> None:
    rule = f"<rajoitustieto><rajoitusLaji>{kind}</rajoitusLaji></rajoitustieto>"
    both = "<rajoitustieto><rajoitusLaji>03</rajoitusLaji></rajoitustieto>" + rule
    one, _ = register(lambda _: CAR.replace("@RESTRICTION@", both))
    car = one.look_up(MARK)
    assert (car.status, car.restrictions) == (status, ("03", kind))


def test_the_wide_reply() -> None:
    wide = (
        CAR.replace("perus", "laaja")
        .replace(
            "<kayttovoima>39</kayttovoima><iskutilavuus>1390</iskutilavuus><suurinNettoteho>110.0</suurinNettoteho>",
            "",
        )
        .replace(
            "<omistajatHaltijat>",
            "<rakenne><vaihteisto>1</vaihteisto></rakenne><moottori><kayttovoima>01</kayttovoima><iskutilavuus>1590"
            "</iskutilavuus><suurinNettoteho>85.0</suurinNettoteho></moottori><massa><omamassa>1279</omamassa></massa>"
            "<kori><korityyppi>AC</korityyppi><istumapaikkojenLkm>5</istumapaikkojenLkm></kori><omistajatHaltijat>",
        )
    )
    car = register(lambda _: wide)[0].look_up(MARK)
    assert (car.fuels, car.displacement_cc, car.power_kw) == (("petrol",), 1590, 85.0)
    assert (car.mass_kg, car.body, car.seats, car.gearbox) == (1279, "estate", 5, "manual")
    assert "LEAK" not in repr(car) + repr(car.raw)


def test_the_date_of_use_stands_in_for_the_first_registration() -> None:
    without = CAR.replace("<ensirekisterointipvm>2018-03-16</ensirekisterointipvm>", "")
    first = register(lambda _: without)[0].look_up(MARK).first_registered
    assert first is not None and first.isoformat() == "2018-03-16"


@pytest.mark.parametrize(
    ("remark", "gearbox"),
    [
        ("KÄSIVALINTAINEN VAIHTEISTO", "manual"),
        ("AUTOMAATTIVAIHTEISTO", "automatic"),
        ("VETOJÄRJESTELMÄ: 4X2", None),
    ],
)
def test_gearbox_from_a_remark(remark: str, gearbox: str | None) -> None:
    one, _ = register(lambda _: CAR.replace("5-V. KÄSIVALINTAINEN VAIHTEISTO.", remark))
    assert one.look_up(MARK).gearbox == gearbox


def test_a_declaration_that_lies_about_the_encoding() -> None:
    for declared, real in (("ISO-8859-1", "utf-8"), ("UTF-8", "cp1252")):
        body = f'<?xml version="1.0" encoding="{declared}"?>\n{CAR}'.encode(real)
        assert register(lambda _, body=body: body)[0].look_up(MARK).make == "Škoda"  # type: ignore[misc]


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + CAR.replace("OCTAVIA", "&b;")
    with pytest.raises(RegisterUnavailable, match="not XML"):
        register(lambda _: bomb)[0].look_up(MARK)


@pytest.mark.parametrize("text", ["<kehys/>", "<a>", "", CAR.replace("ajoneuvonTiedot", "muu")])
def test_other_documents_are_malformed(text: str) -> None:
    with pytest.raises(RegisterUnavailable, match="malformed"):
        register(lambda _: text)[0].look_up(MARK)


def test_values_are_escaped_in_the_request() -> None:
    hostile = '<&">]]>'
    contract = Contract("https://x", user=hostile, password=SecretStr(hostile), customer=hostile)
    root = fromstring(request_xml(contract, Sought("rekisteritunnus", "ÄÖ-1"), "1"))
    assert root.findtext(".//salasana") == root.findtext(".//asiakas") == hostile
    assert root.findtext(".//rekisteritunnus") == "ÄÖ-1"
    assert [child.tag for child in root] == ["yleinen", "sanoma"]


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(Contract("https://x", "u", SecretStr("hush")))


@pytest.mark.parametrize(
    ("text", "official"), [("abc123", "ABC-123"), ("ÄÖÅ 2", "ÄÖÅ-2"), ("BCI-707", "BCI-707"), ("1AB", "1AB")]
)
def test_the_dash(text: str, official: str) -> None:
    assert with_dash(text) == official


def test_marks_reach_the_interface_with_a_dash() -> None:
    one, _ = register(lambda _: CAR)
    assert one.look_up(Mark("äöå2", "FI")).mark.text == "äöå2"


@pytest.mark.parametrize(
    ("used", "registered", "first"),
    [
        ("20120704", "2019-05-03", "2012-07-04"),  # a used import
        ("20190604", "2019-05-03", "2019-05-03"),
        ("20190000", "2019-05-03", "2019-05-03"),  # no day is told, and none of an earlier year
        ("20120000", "2019-05-03", None),
        ("20120000", "", None),
        ("", "2019-05-03", "2019-05-03"),
    ],
)
def test_a_used_import_is_as_old_as_its_first_use(used: str, registered: str, first: str | None) -> None:
    text = CAR.replace(">20180316<", f">{used}<").replace(">2018-03-16<", f">{registered}<")
    car = register(lambda _: text)[0].look_up(MARK)
    assert (car.first_registered and car.first_registered.isoformat()) == first
    assert ("problem" in car.raw["first_registered"]) == (first is None)
