"""XML of labelling tools: the encoding found out, documented breakages repaired, nothing else tolerated."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from kilpi.errors import LabelError
from kilpi.labels.draft import Draft, Source

DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*?\?>")
ENCODING = re.compile(r"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

# What ImgLab writes on a line of its own without escaping: opening, the raw text, closing. The text runs to
# the last closing on its line, so that quotes and angle brackets inside it do no harm.
RAW = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(\s*(?:<images>)?\s*<image file=')(.*)('>)\s*$",  # the first follows <images> on its line
        r"^(\s*<label>)(.*)(</label>)\s*$",
        r"^(\s*<filename>)(.*)(</filename>)\s*$",
        r"^(\s*<path>)(.*)(</path>)\s*$",
        r"^(\s*<name>)(.*)(</name>)\s*$",
    )
)
LONGEST_LINE = 5000  # characters: exporters write a name or a label a line
# XML 1.0, section 2.2: characters that no document may hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def decode(source: Source, draft: Draft) -> str:
    """Bytes -> text: UTF-8 if they are that, whatever the header says; else what the header says.

    ImgLab writes UTF-8 under a header that says ISO-8859-1. Text with Å, Ä or Ö that is valid UTF-8 and was
    meant as ISO-8859-1 does not occur: it would have to hold pairs like "Ã„".
    """
    data = source.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(source, "utf-16")
    said = ENCODING.search(data[:200].decode("latin-1"))
    name = (said.group(1) if said else "utf-8").lower()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode(source, name)
    if name not in {"utf-8", "utf8", "us-ascii"} and not text.isascii():
        draft.note(f"{source.name}: the header says {name.upper()} but the bytes are UTF-8; read as UTF-8")
    return text


def _decode(source: Source, encoding: str) -> str:
    try:
        return source.data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise LabelError(f"{source.name}: is neither UTF-8 nor {encoding}; save it as UTF-8") from None


def parse_xml(source: Source, draft: Draft) -> Element:
    """The document's root. Raises LabelError naming file, line and reason where it is beyond sure repair."""
    text = DECLARATION.sub("", decode(source, draft), count=1)
    try:
        return parse_strictly(text, source.name)
    except ParseError:
        repaired, count = escape_raw(text)
    try:
        root = parse_strictly(repaired, source.name)
    except ParseError as error:
        line = error.position[0]
        raise LabelError(
            f"{source.name}, line {line}: not well-formed XML ({reason(error)}); mend that line"
        ) from None
    draft.note(f"{source.name}: {count} names or labels hold & < > or ' unescaped; taken as written")
    return root


def parse_strictly(text: str, name: str) -> Element:
    """`text` as XML without DTD and entities. Raises ParseError, or LabelError where it holds those."""
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise LabelError(f"{name}: holds a DTD or entities; no labelling tool writes those") from None
    except ValueError as error:
        raise LabelError(f"{name}: not XML ({error})") from None
    return root


def reason(error: ParseError) -> str:
    """The parser's message without its position, which may be that of a repaired line."""
    return str(error).split(":", 1)[0]


def escape_raw(text: str) -> tuple[str, int]:
    """Escape what the exporters left raw, line by line -> (text, number of lines that changed)."""
    lines, count = text.split("\n"), 0
    for i, line in enumerate(lines):
        for pattern in RAW if len(line) <= LONGEST_LINE else ():
            found = pattern.match(line)
            if found:
                inner = escape(found.group(2), {"'": "&apos;"})
                count += inner != found.group(2)
                lines[i] = found.group(1) + inner + found.group(3)
    return "\n".join(lines), count


def text_of(element: Element, tag: str) -> str | None:
    """The text of the first child of that name, stripped; None where there is none."""
    value = element.findtext(tag)
    return value.strip() or None if value is not None else None


def safe(text: str, where: str) -> str:
    """`text` escaped for XML content and attributes in single quotes. LabelError where XML cannot hold it."""
    if FORBIDDEN.search(text):
        raise LabelError(f"{where}: holds a control character, which XML cannot; rename the file")
    return escape(text, {"'": "&apos;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
