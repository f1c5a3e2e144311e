"""The numbers as CSV, the same columns for every reader."""

from __future__ import annotations

import csv
import io

from kilpi.cases.numbers import Table
from kilpi.publishing.files import cell


def csv_of(table: Table) -> str:
    """A table as CSV (RFC 4180): its columns' names, then its rows; what is not known is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([cell(one, ",") if isinstance(one, str) else one for one in row])
    return text.getvalue()
