"""Whose mail is read."""

from __future__ import annotations

import email

import pytest

from kilpi.doors.letters import dealer_of
from kilpi.doors.senders import Senders
from kilpi.errors import UsageError

PASS = "mx.example; dmarc=pass (p=none dis=none) header.from=x.example"


@pytest.mark.parametrize(
    "result",
    [
        PASS,
        "MX.example 1; spf=pass smtp.mailfrom=a@x.example;\r\n\tdmarc = pass (p=none) header.from=X.EXAMPLE",
        "mx.example; dkim=pass header.b=Ab/c= header.i=@x.example; dmarc=pass action=none"
        " header.from=x.example;",
        'mx.example; dmarc/1=pass reason="was \\"so\\"; fine" header.from=x.example',
    ],
)
def test_what_our_server_says_of_the_senders_domain_is_believed(result: str) -> None:
    assert Senders.parse("a@x.example=X Oy", "mx.example").dealer_of("a@x.example", [result]) == "X Oy"


@pytest.mark.parametrize(
    "result",
    [
        'mx.example; spf=pass smtp.mailfrom="a dmarc=pass header.from=x.example b"@evil.example; dmarc=fail',
        'mx.example; spf=pass smtp.mailfrom="a; dmarc=pass header.from=x.example;"@evil.example',
        "mx.example; dmarc=fail (p=none; dmarc=pass header.from=x.example) header.from=x.example",
        "mx.example; spf=pass (a (b) ; dmarc=pass header.from=x.example) smtp.mailfrom=x",
        'mx.example; dmarc=fail reason="x;dmarc=pass header.from=x.example"',
        "mx.example; dmarc=pass header.from=evil.example",
        "mx.example; dmarc=pass header.from=notx.example",
        "mx.example; dmarc=pass header.from=x.example.evil.example",
        "mx.example; dmarc=pass header.from=x.example header.from=evil.example",
        "mx.example; dmarc=fail header.from=x.example; dmarc=pass header.from=x.example",
        "mx.example; dmarc=pass",
        "mx.example; xdmarc=pass header.from=x.example",
        "mx.example; dmarc=passed header.from=x.example",
        "mx.example.evil.example; dmarc=pass header.from=x.example",
        "(mx.example;) evil.example; dmarc=pass header.from=x.example",
        "mx.example; dmarc=pass header.from=x.example (never closed",
        'mx.example; dmarc=pass header.from=x.example "never closed',
        "mx.example; none",
        "",
    ],
)
def test_what_a_sender_can_write_is_not(result: str) -> None:
    strict = Senders.parse("a@x.example=X Oy", "mx.example")
    assert strict.dealer_of("a@x.example", [result]) is None
    assert strict.dealer_of("a@x.example", [result, PASS]) is None  # the topmost alone is the server's


@pytest.mark.parametrize(
    "head",
    [
        "From: a@evil.example\nFrom: a@x.example",
        "From: a@evil.example, a@x.example",
        "From: a@x.example, a@evil.example",
        'From: "a@x.example" <a@evil.example>',
        'From: "a>, <b"@x.example',
        "From: a@x.example <a@evil.example>",
        "From: =?utf-8?q?a=40x.example=3E?= <a@evil.example>",
        "From: <@x.example:a@evil.example>",
        "Sender: a@x.example",
    ],
)
def test_who_is_spelt_to_be_misread_is_nobody(head: str) -> None:
    mail = email.message_from_string(f"{head}\n\nhi")
    assert dealer_of(mail, Senders.parse("@x.example=X Oy")) is None


def test_a_plain_sender_is_known() -> None:
    mail = email.message_from_string('From: "Virtanen, Matti (sales)" <A@X.example>\n\nhi')
    assert dealer_of(mail, Senders.parse("@x.example=X Oy")) == "X Oy"


def test_senders_are_listed_and_proven_where_that_is_asked() -> None:
    senders = Senders.parse("a@x.example=X Oy, @y.example=Y Oy")
    assert senders.dealer_of("a@x.example", []) == "X Oy" and senders.dealer_of("b@y.example", []) == "Y Oy"
    assert senders.dealer_of("b@x.example", []) is None
    strict = Senders.parse("a@x.example=X Oy", "mx.example.org")
    good, forged = (
        "mx.example.org; spf=pass; dmarc=pass header.from=x.example",
        "evil.example; dmarc=pass header.from=x.example",
    )
    assert strict.dealer_of("a@x.example", [good, forged]) == "X Oy"
    for results in ([], [forged], [forged, good], ["mx.example.org; dmarc=fail"]):
        assert strict.dealer_of("a@x.example", results) is None
    for nonsense in ("", "nobody", "a@x.example="):
        with pytest.raises(UsageError):
            Senders.parse(nonsense)
