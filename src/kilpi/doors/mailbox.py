"""The mailbox of the settings: opened, and why it could not be, in words that name the setting."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kilpi.config import Settings

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

TIMEOUT_S = 60.0
REFUSED = {  # errors of imap-tools, which is optional, by name; each of them is the server's "no"
    "MailboxLoginError": "{host} refused the login; see KILPI_MAIL_USER and KILPI_MAIL_PASSWORD",
    "MailboxFolderSelectError": "{host} has no folder {folder!r} that may be read; see KILPI_MAIL_FOLDER",
    "MailboxFolderCreateError": "{host} makes no folders {done!r} and {failed!r}; see KILPI_MAIL_DONE and "
    "KILPI_MAIL_FAILED, or make them yourself",
}


@contextmanager
def open_mailbox(settings: Settings) -> Iterator[BaseMailBox]:
    """Signed in, in the folder that is read; those that mails are moved to are there. May raise anything."""
    from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

    host, port = settings.mail_host, settings.mail_port
    context = ssl.create_default_context()
    box: BaseMailBox
    if settings.mail_tls == "tls":
        box = MailBox(host, port, timeout=TIMEOUT_S, ssl_context=context)
    elif settings.mail_tls == "starttls":
        box = MailBoxStartTls(host, port, timeout=TIMEOUT_S, ssl_context=context)
    else:
        box = MailBoxUnencrypted(host, port, timeout=TIMEOUT_S)
    password = settings.mail_password.get_secret_value()
    with box.login(settings.mail_user, password, initial_folder=None) as opened:
        for folder in (settings.mail_done, settings.mail_failed):
            if not opened.folder.exists(folder):
                opened.folder.create(folder)
        opened.folder.set(settings.mail_folder)
        yield opened


def mailbox_trouble(error: Exception, settings: Settings) -> str:
    """What went wrong with a mailbox, and which setting to look at; what the server said is not told."""
    kind, host = type(error).__name__, settings.mail_host
    if kind in REFUSED:
        told = {"folder": settings.mail_folder, "done": settings.mail_done, "failed": settings.mail_failed}
        return REFUSED[kind].format(host=host, **told)
    if isinstance(error, OSError):
        return connection_trouble(error, "MAIL", host, settings.mail_port)
    return f"{host} did not do as asked ({kind}); it is tried again"


def sending_trouble(error: Exception, settings: Settings) -> str:
    """What went wrong with the server that answers leave by."""
    host = settings.smtp_host
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{host} refused the login; see KILPI_SMTP_USER and KILPI_SMTP_PASSWORD"
    if isinstance(error, smtplib.SMTPException):
        return f"{host} refused it ({type(error).__name__}); see KILPI_SMTP_FROM and the server's log"
    if isinstance(error, OSError):
        return connection_trouble(error, "SMTP", host, settings.smtp_port)
    return type(error).__name__


def connection_trouble(error: OSError, kind: str, host: str, port: int) -> str:
    """`kind`: MAIL or SMTP, as settings begin."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{host}: its certificate is not trusted ({error.verify_message}); see KILPI_{kind}_HOST"
    if isinstance(error, ssl.SSLError):
        return f"{host}:{port} does not speak TLS so; see KILPI_{kind}_TLS and KILPI_{kind}_PORT"
    if isinstance(error, socket.gaierror):
        return f"{host}: no such server; see KILPI_{kind}_HOST, and the network"
    why = error.strerror or ("no answer" if isinstance(error, TimeoutError) else type(error).__name__)
    return f"{host}:{port} cannot be reached ({why}); see KILPI_{kind}_HOST and KILPI_{kind}_PORT"
