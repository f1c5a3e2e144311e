"""One page on a retraining: the gate, before and after on every set, by country, curves, what turned right or
wrong. It shows plates: it stays beside the data, is its owner's alone, and goes with the cars that it shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from kilpi.contact_sheet import Tile, contact_sheet
from kilpi.evaluation.contest import Contest
from kilpi.evaluation.gate import Accepted, Gate, Paired
from kilpi.evaluation.reader_tables import Read
from kilpi.evaluation.report import Curves, picture, training_curves, write_page
from kilpi.types import Pixels

SHOWN = 48  # plates a sheet
TILE = (192, 64)
WATCHED = ("exact", "recall", "corner_error")  # what a training measures as it goes, of each network
PHOTOS = "photos.json"  # beside the page: sha256 of the photos whose plates it shows
PAGE = "report.html"


def write_report(
    folder: Path,
    gate: Gate,
    contests: Sequence[Contest],
    pairs: Sequence[Paired],
    cars: Sequence[Accepted],
    curves: Mapping[str, Curves],
    photos: Mapping[str, str],
) -> Path:
    """Writes the page; `curves` are by network, `photos` the sha256 of each labelled photo by its name."""
    shown: list[Read] = []
    parts = [f"<p><b>{'The new weights ship.' if gate.passed else 'The old weights stay.'}</b></p>"]
    parts += [gate_table(gate), "<h2>Before and after</h2>", pairs_table(pairs), cars_table(cars)]
    for one in contests:
        parts.append(f"<h2>{escape(one.name)}, by country</h2>" + country_table(one))
    parts += [
        f"<h2>{escape(name)}</h2>" + training_curves(rows, [k for k in WATCHED if k in rows[-1]])
        for name, rows in curves.items()
        if rows
    ]
    for to_right, words in ((True, "What turned right"), (False, "What turned wrong")):
        changed = [pair for one in contests for pair in one.changed(to_right)][:SHOWN]
        shown += [before for before, _ in changed]
        parts.append(picture(sheet(changed), f"{words}: labelled, before, after."))
    known = sorted({photos[read.path] for read in shown if read.path in photos})
    (folder / PHOTOS).write_text(json.dumps(known), encoding="utf-8")  # first: no page is without it
    page = folder / PAGE
    write_page(page, "Kilpi: a retraining", "A retraining", parts)
    page.chmod(0o600)
    return page


def sheet(changed: Sequence[tuple[Read, Read]]) -> Pixels:
    """The plates with what both read."""
    tiles = [Tile(b.pixels, f"{b.expected}\n{b.raw or '–'} -> {a.raw or '–'}") for b, a in changed]
    return contact_sheet(tiles or [Tile(np.full((64, 192, 3), 250, np.uint8), "none")], 6, TILE)


def gate_table(gate: Gate) -> str:
    """Every check."""
    rows = [[c.name, "ok" if c.passed else "refused", c.text] for c in gate.checks]
    return table(("check", "", ""), rows)


def pairs_table(pairs: Sequence[Paired]) -> str:
    """Every paired figure."""
    rows = [
        [p.name, str(p.n), share(p.before, p.n), share(p.after, p.n), str(p.only_after), str(p.only_before)]
        for p in pairs
    ]
    return table(("set", "n", "before", "after", "gained", "lost"), rows)


def cars_table(cars: Sequence[Accepted]) -> str:
    """Cars accepted, and wrongly."""
    rows = []
    for c in cars:
        wrong = str(c.wrong_before), str(c.wrong_after)
        rows.append([c.name, str(c.cars), share(c.before, c.cars), share(c.after, c.cars), *wrong])
    return table(("cars", "n", "accepted before", "after", "wrong before", "after"), rows)


def country_table(one: Contest) -> str:
    """Marks read exactly, by country."""
    rows = [[name, str(n), share(b, n), share(a, n)] for name, n, b, a in one.by_country()]
    return table(("country", "n", "before", "after"), rows)


def share(part: int, whole: int) -> str:
    """In per cent."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table of plain text."""
    head = "".join(f"<th>{escape(text)}" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) for row in rows)
    return f"<table><tr>{head}{body}</table>"
