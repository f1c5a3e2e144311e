"""What a mail's text says itself, and what it only quotes."""

from __future__ import annotations

import email
import io
from email.generator import BytesGenerator
from email.message import EmailMessage

import pytest
from imap_tools import MailMessage

from kilpi.config import Settings
from kilpi.doors.letters import answered_ids, letter_of, text_of
from kilpi.doors.replies import answer_of
from kilpi.doors.senders import Senders

OUTLOOK = {
    "fi": "Lähettäjä: Kilpi <k@kilpi.example>\nLähetetty: maanantai 30. marraskuuta 2026 12.00\n"
    "Vastaanottaja: Myyjä\nAihe: Re: Golf",
    "en": "From: Kilpi <k@kilpi.example>\nSent: Monday, November 30, 2026\nTo: Sales\nSubject: Re: Golf",
    "original": "-----Alkuperäinen viesti-----\nLähettäjä: Kilpi",
    "sv": "Från: Kilpi <k@kilpi.example>\nSkickat: den 30 november 2026 12:00\nTill: Säljare\nÄmne: Re: Golf",
    "bold": "*From:* Kilpi <k@kilpi.example>\n*Date:* 30.11.2026\n\n*To:* Sales",
}
OLD = "\n\nHinta 14 900 €, ajettu 81 000 km"


def said(text: str, subject: str = "Re: Golf", html: bool = False) -> str:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail.set_content(text, subtype="html" if html else "plain")
    return text_of(MailMessage.from_bytes(mail.as_bytes()))


@pytest.mark.parametrize("head", OUTLOOK.values(), ids=OUTLOOK.keys())
@pytest.mark.parametrize("rule", ["________________________________\n", "", "-----\n"])
def test_an_answer_written_with_outlook(head: str, rule: str) -> None:
    assert said(f"Hinta 13 900 €\n\n{rule}{head}{OLD}") == "Hinta 13 900 €"
    assert said(f"{rule}{head}{OLD}") == ""


@pytest.mark.parametrize(
    "lead",
    [
        "ma 30. marrask. 2026 klo 12.00 Kilpi <k@kilpi.example> kirjoitti:",
        "On Mon, 30 Nov 2026 at 12:00, Kilpi <k@kilpi.example>\nwrote:",
        "Den mån 30 nov. 2026 kl 12:00 skrev Kilpi <k@kilpi.example>:",
    ],
)
def test_an_answer_whose_quote_is_marked_or_not(lead: str) -> None:
    marked = OLD.strip().replace("\n", "\n> ")
    assert said(f"Hinta 13 900 €\n\n{lead}\n> {marked}\nTerv. Pekka").endswith("Terv. Pekka")
    assert "14 900" not in said(f"Hinta 13 900 €\n\n{lead}\n> {marked}")
    assert "14 900" not in said(f"Hinta 13 900 €\n\n{lead}\n{OLD}")
    page = f"<div>Hinta 13 900 €</div><div>{lead}<blockquote><p>{OLD}</p></blockquote></div>"
    assert "13 900" in said(page, html=True) and "14 900" not in said(page, html=True)


@pytest.mark.parametrize("subject", ["VL: Golf", "FW: Golf", "Fwd: Golf", "VB: Golf"])
def test_a_mail_that_was_sent_on_says_all_of_it(subject: str) -> None:
    assert "14 900" in said(f"{OUTLOOK['fi']}{OLD}", subject)


@pytest.mark.parametrize(
    "text",
    [
        "Lähettäjä: Pekka\nHinta 14 900 €",
        "From: 14 900 €\nTo be sold by May",
        "Asiakas kirjoitti:\nhinta 14 900 € on ok",
        "-----\nHinta 14 900 €",
    ],
)
def test_what_only_looks_like_a_quote_is_said(text: str) -> None:
    assert "14 900" in said(text)


LONG = f"<{'HE1PR0701MB2634' * 7}@eurprd07.prod.outlook.com>"


def test_long_message_ids_are_written_as_they_are() -> None:
    head = f"From: sales@x.example\nMessage-ID: {LONG}\nReferences: <a@b> {LONG[:-1]}.fi>"
    first = MailMessage.from_bytes(f"{head}\nSubject: =?utf-8?q?K=C3=A4?=\n\nx".encode())
    letter = letter_of(first, Senders.parse("sales@x.example=X Oy"))
    answer = answer_of(letter, ["hei"], [], Settings(smtp_from="k@kilpi.example"))
    out = io.BytesIO()
    BytesGenerator(out, policy=answer.policy.clone(linesep="\r\n")).flatten(answer)  # as smtplib does
    head = out.getvalue().decode("ascii").partition("\r\n\r\n")[0]
    assert f"In-Reply-To: {LONG}\r\n" in head
    assert f"References: <a@b>\r\n {LONG[:-1]}.fi>\r\n {LONG}\r\n" in head and "Subject: Re: =?utf-8?" in head
    assert answered_ids(email.message_from_bytes(out.getvalue())) == ("<a@b>", f"{LONG[:-1]}.fi>", LONG)


def test_ids_that_a_program_has_encoded_are_found() -> None:
    mail = EmailMessage()
    mail["In-Reply-To"], mail["References"] = LONG, f"<a@b> {LONG}"
    folded = mail.as_bytes()
    assert b"=?utf-8?q?" in folded, "the library of this language folds them so"
    assert answered_ids(email.message_from_bytes(folded)) == ("<a@b>", LONG)
