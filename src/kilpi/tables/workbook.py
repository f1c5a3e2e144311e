"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) -> lines, sheet by sheet. The reading is python-calamine's.

A cell gives its value, not its formatting: whole numbers come as floats, and a formula that was never
calculated comes as an empty text.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from kilpi.tables import calamine_child as child
from kilpi.tables.lines import Line, NotATable

MOST_BYTES = 100_000_000
"""Unpacked; a larger workbook is no dealer's list. Ours."""
LONGEST_S = 30.0


def read_workbook(data: bytes, kind: str) -> Iterator[tuple[int, list[Line]]]:
    """Number, from 1, and rows with content of every sheet that is not hidden.

    Raises NotATable where the file cannot be read.
    """
    _bound(data, kind)
    command = [sys.executable, "-P", str(Path(child.__file__))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        raise NotATable(f"is {kind} that takes more than {LONGEST_S:g} s to read; save it as CSV") from None
    if done.returncode == child.PASSWORD:
        raise NotATable(f"is {kind} with a password; save it without one")
    if done.returncode == child.UNREADABLE:
        raise NotATable(f"is {kind}, and cannot be read; save it again as .xlsx or CSV")
    if done.returncode:
        raise NotATable(
            f"is {kind} that is too large, or has a cell far away from its list; delete the rows and columns "
            "around the list, or save it as CSV"
        )
    for sheet in done.stdout.splitlines():
        number, rows = json.loads(sheet)
        lines = (Line(n, tuple(cells)) for n, cells in enumerate(rows, 1))
        yield number, [line for line in lines if any(cell.strip() for cell in line.cells)]


def _bound(data: bytes, kind: str) -> None:
    """Refuse a zip that is none, or that would unpack to more than a list can be."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise NotATable(f"is {kind}, and damaged; save it again as .xlsx or CSV") from None
    if total > MOST_BYTES:
        raise NotATable(f"is {kind} of more than {MOST_BYTES:,} bytes; split it")
