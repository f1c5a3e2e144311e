"""A workbook on standard input -> its rows as JSON lines on standard output. Run as a process of its own.

calamine sets aside memory for every cell between the first and the last of a sheet, and ends the process
where there is not so much: one stray cell in the last corner of Excel asks for 500 GB. As a process of its
own it takes nothing else with it. Knows nothing of Kilpi, so that it starts in a blink.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MOST_MEMORY = 700_000_000  # bytes of address space, where the system can be asked to watch
MOST_SHEETS = 20
MOST_CELLS = 2_000_000
PASSWORD, UNREADABLE, TOO_LARGE = 10, 11, 12  # exit codes


def as_text(value: Any) -> str:
    """A cell's value as a person would have typed it: 15900.0 -> "15900"; midnight is no time of day."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if abs(value) >= 1e15 or value != value:
            return repr(value)
        return str(round(value)) if abs(value - round(value)) < 1e-6 else f"{value:.6f}".rstrip("0")
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def sheets(data: bytes) -> Iterator[tuple[int, list[list[str]]]]:
    """Every sheet that is not hidden, as last month's is: its number from 1, and its rows from the first on,
    each with its cells from the first column on.
    """
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for number, about in enumerate(book.sheets_metadata[:MOST_SHEETS], 1):
        if about.visible != SheetVisibleEnum.Visible:
            continue
        try:
            sheet = book.get_sheet_by_name(about.name)
        except CalamineError:
            continue  # a chart, or a damaged sheet; the list is in another one, or nowhere
        if sheet.total_height * sheet.total_width > MOST_CELLS:
            raise MemoryError
        yield number, [[as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def main() -> int:
    """Exit code 0, or why there is nothing."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # not on this system
    try:
        for rows in sheets(sys.stdin.buffer.read()):
            print(json.dumps(rows))
    except PasswordError:
        return PASSWORD
    except MemoryError:
        return TOO_LARGE
    except Exception:
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
