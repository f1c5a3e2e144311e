"""The reader's evaluation as one HTML file: figures, tables, the confusion matrix, reliability, and the
errors.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kilpi.evaluation.reader import ReaderReport
from kilpi.evaluation.reader_sheets import look_errors
from kilpi.evaluation.reader_tables import NOTHING, Row
from kilpi.evaluation.report import figure, picture, training_curves, write_page
from kilpi.plates.alphabet import ALPHABET


def write_html(report: ReaderReport, path: Path) -> None:
    """Writes the report."""
    parts = [
        f"<p>{escape(report.reader)}</p>",
        headline(report),
        *(table(name, rows) for name, rows in report.tables.items() if rows),
        "<h2>What is taken for what</h2>" + worst_pairs(report),
        *confusions(report),
        figure(reliability(report), "How often a mark is right, by the score of its least sure character."),
        training_curves(report.curves, ("exact", "exact_of_none", "exact_two_rows", "country")),
        picture(
            look_errors(report.results),
            "Misread plates, the surest first: expected, then as read / as ranked by the grammars.",
        ),
    ]
    title = ", ".join(report.labels)
    write_page(path, f"Kilpi reader: {title}", f"Plate reader on {title}", parts)


def percent(value: float | None) -> str:
    """A share in per cent; a dash where nothing was counted."""
    return "–" if value is None else f"{100 * value:.1f} %"


def headline(report: ReaderReport) -> str:
    """The main figures."""
    rows = [
        ("Plates", str(report.plates)),
        ("Exact marks", percent(report.exact)),
        ("... of the grammars' best candidate", percent(report.exact_ranked)),
        ("... with O = 0 and I = 1", percent(report.exact_folded)),
        ("... with Å = Ä = A and the like", percent(report.exact_plain)),
        ("Character error rate", percent(report.character_error_rate)),
        ("Country named rightly", percent(report.country_named)),
        ("Rows told rightly", percent(report.rows_named)),
        ("Reading one crop, median", f"{report.ms_per_crop:.2f} ms"),
    ]
    body = "".join(f"<tr><th>{escape(name)}</th><td class=n>{value}</td></tr>" for name, value in rows)
    return f"<table>{body}</table>"


def table(name: str, rows: tuple[Row, ...]) -> str:
    """One of the report's tables."""
    body = "".join(
        f"<tr><td>{escape(row.name)}</td><td class=n>{row.n}</td><td class=n>{percent(row.exact)}</td>"
        f"<td class=n>{percent(row.ranked)}</td></tr>"
        for row in rows
    )
    return f"<h2>{escape(name)}</h2><table><tr><th><th>Plates<th>Exact<th>With grammars</tr>{body}</table>"


def worst_pairs(report: ReaderReport, most: int = 24) -> str:
    """The most frequent confusions in words."""
    pairs = ", ".join(f"{escape(a)} as {escape(b)}: {n}" for a, b, n in report.confusions[:most])
    return f"<p>{pairs or 'nothing'}</p>"


def confusions(report: ReaderReport) -> list[str]:
    """The matrix; none where nothing was taken for anything: an empty one is drawn in one strong colour."""
    words = "Rows: as labelled. Columns: as read. Only what went wrong."
    return [figure(confusion_matrix(report), words)] if report.confusions else []


def confusion_matrix(report: ReaderReport) -> Figure:
    """Characters as labelled against characters as read."""
    names = ALPHABET + NOTHING
    grid = np.zeros((len(names), len(names)))
    for wanted, got, n in report.confusions:
        if wanted in names and got in names:
            grid[names.index(wanted), names.index(got)] = n
    drawn = Figure(figsize=(9, 8))
    axes = drawn.subplots()
    picture = axes.imshow(np.log1p(grid), cmap="Reds")
    for i, j in zip(*np.nonzero(grid), strict=True):
        axes.text(j, i, f"{int(grid[i, j])}", ha="center", va="center", fontsize=6)
    axes.set_xticks(range(len(names)), list(names), fontsize=7)
    axes.set_yticks(range(len(names)), list(names), fontsize=7)
    axes.set(xlabel="read", ylabel="labelled")
    drawn.colorbar(picture, label="log(1 + count)", shrink=0.6)
    return drawn


def reliability(report: ReaderReport) -> Figure:
    """Share of exact marks by score, and how many marks have which score."""
    scores = np.array([r.score for r in report.results])
    right = np.array([r.raw == r.expected for r in report.results])
    edges = np.linspace(0, 1, 11)
    place = np.clip(np.digitize(scores, edges) - 1, 0, 9)
    drawn = Figure(figsize=(10, 3.4))
    left, other = drawn.subplots(1, 2)
    shares = [right[place == i].mean() if (place == i).any() else np.nan for i in range(10)]
    left.plot([0, 1], [0, 1], color="0.7")
    left.plot(edges[:-1] + 0.05, shares, "o-")
    left.set(xlabel="score of the least sure character", ylabel="exact", xlim=(0, 1), ylim=(0, 1.02))
    other.hist([scores[right], scores[~right]], bins=edges.tolist(), stacked=True, label=["exact", "wrong"])
    other.set(xlabel="score of the least sure character", ylabel="plates")
    other.legend()
    return drawn
