"""Why a mailbox or a server for answers could not be used: which setting to look at, and no secrets."""

from __future__ import annotations

import smtplib
import socket
import ssl

import pytest
from imap_tools import MailboxFolderSelectError, MailboxLoginError

from kilpi.config import Settings
from kilpi.doors.mailbox import mailbox_trouble, sending_trouble

SETTINGS = Settings(mail_host="imap.x.example", mail_user="u", smtp_host="smtp.x.example")


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (MailboxLoginError(("NO", [b"user abc secret"]), "OK"), "KILPI_MAIL_PASSWORD"),
        (MailboxFolderSelectError(("NO", [b"secret"]), "OK"), "KILPI_MAIL_FOLDER"),
        (ssl.SSLCertVerificationError("secret"), "KILPI_MAIL_HOST"),
        (ssl.SSLError("secret"), "KILPI_MAIL_TLS"),
        (socket.gaierror(-2, "secret"), "KILPI_MAIL_HOST"),
        (TimeoutError(), "no answer"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
    ],
)
def test_what_is_wrong_with_a_mailbox(error: Exception, named: str) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    told = mailbox_trouble(error, SETTINGS)
    assert named in told and "imap.x.example" in told and "secret" not in told


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (smtplib.SMTPAuthenticationError(535, b"secret"), "KILPI_SMTP_PASSWORD"),
        (smtplib.SMTPRecipientsRefused({}), "SMTPRecipientsRefused"),
        (ConnectionRefusedError(111, "Connection refused"), "KILPI_SMTP_PORT"),
    ],
)
def test_what_is_wrong_with_the_server_for_answers(error: Exception, named: str) -> None:
    told = sending_trouble(error, SETTINGS)
    assert named in told and "smtp.x.example" in told and "secret" not in told
