"""The verifier's evaluation as one HTML file: counts, table of scores, reliability, risk over coverage."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kilpi.evaluation.decision import PRECISIONS, Comparison, DecisionReport
from kilpi.evaluation.metrics import reliability, steps
from kilpi.evaluation.report import figure, write_page


def write_html(report: DecisionReport, comparison: Comparison, path: Path) -> None:
    """Writes the report. It shows no mark and no photo."""
    title = report.labels or "composed cars"
    parts = [
        counts(report),
        score_table(comparison),
        figure(risk_coverage(comparison), "Wrong ones among the accepted, by how many are accepted."),
        figure(reliability_diagram(comparison), "What p says and what is true: 15 bins of equal mass."),
    ]
    write_page(path, f"Kilpi verifier: {title}", f"Decisions on {title}", parts)


def counts(report: DecisionReport) -> str:
    """Decisions in numbers, and why cars were not accepted."""
    rows = [
        ("Cars", f"{report.cars}"),
        ("... that wear a mark of their own", f"{report.possible}"),
        ("Accepted", f"{report.accepted} ({100 * report.coverage:.1f} % of those)"),
        ("Wrongly accepted", f"{report.wrong}"),
        ("... at most, one-sided 95 %, exact", f"1 in {1 / report.bound:.0f}" if report.bound else "-"),
        ("A decision, median", f"{report.median_ms:.2f} ms (p95 {report.p95_ms:.2f} ms)"),
    ]
    rows += [(f"To a person: {code.replace('_', ' ')}", f"{n}") for code, n in report.reasons]
    body = "".join(
        f"<tr><th>{escape(name)}</th><td class=n>{escape(value)}</td></tr>" for name, value in rows
    )
    return f"<table>{body}</table>"


def score_table(comparison: Comparison) -> str:
    """The verifier beside its rivals."""
    heads = [
        "Score",
        *(f"Coverage at {100 * p:g} %" for p in PRECISIONS),
        "AURC",
        "AUGRC",
        "AUROC",
        "ECE",
        "Brier",
    ]
    lines = []
    for row in comparison.rows:
        covered = [
            f"{100 * value:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
            for value, (low, high) in zip(row.coverage, row.intervals, strict=True)
        ]
        rest = [f"{row.aurc:.5f}", f"{row.augrc:.5f}", f"{row.auroc:.4f}"]
        rest += ["–" if value is None else f"{value:.4f}" for value in (row.ece, row.brier)]
        cells = "".join(f"<td class=n>{cell}</td>" for cell in (*covered, *rest))
        lines.append(f"<tr><th>{escape(row.name)}</th>{cells}</tr>")
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    words = (
        f"{comparison.n} marks, {comparison.wrong} of them wrong. In brackets: 95 % of bootstrap samples."
        f" ECE and Brier of the {int(comparison.asked.sum())} that no rule sorts out."
    )
    return f"<h2>Scores compared</h2><p>{words}</p><table><tr>{head}</tr>{''.join(lines)}</table>"


def risk_coverage(comparison: Comparison) -> Figure:
    """Selective risk over coverage, logarithmic in risk."""
    drawn = Figure(figsize=(9, 4))
    axes = drawn.subplots()
    for name, values in comparison.scores.items():
        curve = steps(values, comparison.right)
        risk = np.maximum(curve.wrong / curve.accepted, 1e-5)
        axes.plot(curve.accepted / curve.n, risk, label=name, linewidth=2 if name == "LSTM" else 1)
    axes.axhline(0.001, color="0.6", linestyle=":")
    axes.set(yscale="log", xlabel="accepted", ylabel="wrong among the accepted", xlim=(0, 1))
    axes.legend(fontsize=8)
    return drawn


def reliability_diagram(comparison: Comparison) -> Figure:
    """Stated against true shares; on the right the same in numbers of nines."""
    drawn = Figure(figsize=(9, 4))
    left, right = drawn.subplots(1, 2)
    for name, values in comparison.scores.items():
        if values.min() < 0 or values.max() > 1 or name == "agreement only":
            continue
        bins = reliability(values[comparison.asked], comparison.right[comparison.asked])
        stated, true = np.array([b.p for b in bins]), np.array([b.share for b in bins])
        style = {"marker": "o"} if name == "LSTM" else {"marker": ".", "alpha": 0.5}
        left.plot(stated, true, label=name, **style)
        if name == "LSTM":
            least = 0.5 / np.array([b.n for b in bins])
            right.loglog(1 - stated, np.maximum(1 - true, least), "o-")
    left.plot([0, 1], [0, 1], color="0.6", linestyle=":")
    left.set(xlabel="stated", ylabel="right", xlim=(0, 1), ylim=(0, 1.02))
    left.legend(fontsize=7)
    right.plot([1e-4, 1], [1e-4, 1], color="0.6", linestyle=":")
    right.set(xlabel="1 - stated (LSTM)", ylabel="wrong")
    return drawn
