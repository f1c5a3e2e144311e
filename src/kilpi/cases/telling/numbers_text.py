"""The numbers as CSV, the same columns for every reader, and their rows in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from kilpi.adverts.wording import Wording
from kilpi.cases.telling.numbers import Table
from kilpi.publishing.files import cell


def csv_of(table: Table) -> str:
    """A table as CSV (RFC 4180): its columns' names, then its rows; what is not known is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([cell(one, ",") if isinstance(one, str) else one for one in row])
    return text.getvalue()


Tables = Mapping[str, Mapping[str, str]]
"""The pages' words of one language, a table of phrases each."""
TITLES = {
    "weeks": "by_week",
    "dealers": "by_dealer",
    "states": "by_state",
}  # of [statistics]


def label_of(tables: Tables, wording: Wording, table: str, key: str) -> str:
    """What the first cell of a row is called."""
    if table == "questions":
        return tables["doubt"].get(key) or wording.about(key)
    if table == "states":
        return wording.state(key)
    if table in ("missing", "times"):
        return tables[{"missing": "gap", "times": "spent"}[table]].get(key, key.replace("_", " "))
    return key or tables["statistics"]["no_dealer"]


def title_of(tables: Tables, table: str) -> str:
    """What a table is called."""
    return tables["statistics"][TITLES.get(table, table)]
