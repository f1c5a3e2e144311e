"""Small workbooks for tests, written by hand: the product reads workbooks and never writes one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
Target="xl/workbook.xml"/></Relationships>"""
STYLES = """<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>
</styleSheet>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def cell(reference: str, value: object) -> str:
    """One cell. A tuple ("date", serial) is a date, ("formula",) a formula that was never calculated."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        if value[0] == "date":
            return f'<c r="{reference}" s="1"><v>{value[1]}</v></c>'
        return f'<c r="{reference}"><f>A1+1</f></c>'
    if isinstance(value, int | float):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def column(number: int) -> str:
    """0 -> "A", 27 -> "AB"."""
    return (column(number // 26 - 1) if number >= 26 else "") + chr(65 + number % 26)


def xlsx(*sheets: Sequence[Sequence[object]], hidden: Sequence[int] = ()) -> bytes:
    """A workbook with these sheets of rows of values; `hidden` are numbers, from 1."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        names = range(1, len(sheets) + 1)
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", RELS)
        book.writestr("xl/styles.xml", STYLES)
        states = dict.fromkeys(hidden, ' state="hidden"')
        listed = "".join(f'<sheet name="S{n}" sheetId="{n}"{states.get(n, "")} r:id="r{n}"/>' for n in names)
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        kinds = "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in names
        )
        kinds += f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{kinds}</Relationships>'
        )
        for n, rows in zip(names, sheets, strict=True):
            body = "".join(
                f'<row r="{y}">'
                + "".join(cell(f"{column(x)}{y}", value) for x, value in enumerate(row))
                + "</row>"
                for y, row in enumerate(rows, 1)
            )
            book.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>',
            )
    return made.getvalue()
