"""Mails as dealers send them, for tests."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from tests.fakes import write_car_photo

DEALER = "Auto Oy"


def photo(tmp_path: Path, seed: int) -> bytes:
    return write_car_photo(tmp_path / f"made-{seed}.jpg", seed, (640, 480)).read_bytes()


def letter(
    subject: str, *files: tuple[str, bytes], text: str = "", sender: str = "sales@auto.example"
) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Sales <{sender}>", "photos@example.org", subject
    mail["Message-ID"] = f"<{abs(hash((subject, files, text, sender)))}@auto.example>"
    mail.set_content(text or "Hello")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
