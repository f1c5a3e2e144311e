"""What a file is, told by its first bytes: names lie (a workbook called .csv, a web page called .xls)."""

from __future__ import annotations

import re

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook_kind(data: bytes) -> str | None:
    """The workbook's kind in words, or None."""
    if data.startswith(_ZIP):
        return "an Excel or OpenDocument workbook"
    return "an old Excel workbook" if data.startswith(_OLE) else None


def what_else(data: bytes, text: str) -> str | None:
    """What a file is that is neither workbook nor text with rows; None where it may be a list."""
    head = text[:2000].lstrip().lower()
    if data.startswith(b"%PDF"):
        return "a PDF"
    if data[:3] == b"\xff\xd8\xff" or data.startswith((b"\x89PNG", b"GIF8", b"RIFF")):
        return "a picture"
    if data[:2] == b"\x1f\x8b" or data.startswith((b"7z\xbc\xaf", b"Rar!")):
        return "an archive"
    if head.startswith("{\\rtf"):
        return "a text document (RTF)"
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "an Excel workbook of 2003 (XML)"
    if re.match(r"<(!doctype html|html|head|body|table|meta|div)\b", head):
        return "a web page"
    if head.startswith("<?xml"):
        return "XML"
    return "JSON" if re.match(r'[\[{]\s*["{\[\]}]', head) else None
