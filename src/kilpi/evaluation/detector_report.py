"""The detector's evaluation as one HTML file: numbers, curves, histograms, and a contact sheet of the
worst.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kilpi.contact_sheet import Tile, contact_sheet, draw_quad
from kilpi.evaluation.detector import DetectorReport, PhotoResult, curve
from kilpi.evaluation.report import figure, picture, training_curves, write_page
from kilpi.geometry import grow_quad, quad_from_box, scale_quad
from kilpi.images import open_photo, shrink_to
from kilpi.types import Box, Pixels

WORST = 24  # photos on the contact sheet


def write_html(report: DetectorReport, path: Path) -> None:
    """Writes the report."""
    parts = [
        table(report),
        size_table(report),
        figure(score_curves(report), "Recall, precision and false plates by the threshold on the score."),
        figure(histograms(report), "How well found plates are framed and cornered."),
        training_curves(report.curves, ("recall", "false_per_photo")),
    ]
    sheet = worst_sheet(report)
    if sheet is not None:
        parts.append(picture(sheet, "The worst first: green as labelled, red as seen."))
    title = ", ".join(report.labels)
    write_page(path, f"Kilpi detector: {title}", f"Plate detector on {title}", parts)


def table(report: DetectorReport) -> str:
    """The main numbers."""
    rows = [
        ("Photos", f"{report.photos}"),
        ("Plates", f"{report.plates}"),
        ("Threshold on the score", f"{report.threshold:.2f}"),
        ("Recall at IoU 0.5", f"{report.recall:.3f}"),
        ("False plates a photo", f"{report.false_per_photo:.3f}"),
        ("AP50", f"{report.ap50:.3f}"),
        ("AP50-95", f"{report.ap50_95:.3f}"),
    ]
    if report.corner_error is not None:
        rows.append(("Median corner error, of the plate's width", f"{100 * report.corner_error:.2f} %"))
    if report.refined_error is not None:
        rows.append(("... after classical refinement", f"{100 * report.refined_error:.2f} %"))
    body = "".join(f"<tr><th>{escape(name)}</th><td class=n>{value}</td></tr>" for name, value in rows)
    return f"<table>{body}</table>"


def size_table(report: DetectorReport) -> str:
    """Recall by plate width."""
    body = "".join(
        f"<tr><td>{name} px</td><td class=n>{n}</td><td class=n>{recall:.3f}</td></tr>"
        for name, n, recall in report.by_size
    )
    return f"<h2>By plate width</h2><table><tr><th>Width<th>Plates<th>Recall</tr>{body}</table>"


def score_curves(report: DetectorReport) -> Figure:
    """Against the threshold, and precision against recall."""
    points = curve(report.results)
    drawn = Figure(figsize=(10, 3.6))
    left, right = drawn.subplots(1, 2)
    left.plot(points[:, 0], points[:, 1], label="recall")
    left.plot(points[:, 0], points[:, 2], label="precision")
    left.plot(points[:, 0], points[:, 3], label="false a photo")
    left.axvline(report.threshold, color="0.6", linestyle=":")
    left.set(xlabel="threshold", ylim=(0, 1.02), xlim=(0, 1))
    left.legend()
    right.plot(points[:, 1], points[:, 2])
    right.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02), xlim=(0, 1.02))
    return drawn


def histograms(report: DetectorReport) -> Figure:
    """IoU of all plates, corner error of those with labelled corners."""
    matches = [m for r in report.results for m in r.matches]
    before = [m.corner_error for m in matches if m.corner_error is not None]
    after = [m.refined_error for m in matches if m.refined_error is not None]
    drawn = Figure(figsize=(10 if before else 5, 3.2))
    left, *rest = drawn.subplots(1, 2 if before else 1, squeeze=False)[0]
    left.hist([m.iou for m in matches], bins=np.linspace(0, 1, 21).tolist())
    left.set(xlabel="IoU with the label (0: not seen)", ylabel="plates")
    bins = np.linspace(0, 0.08, 33).tolist()
    for right in rest:
        right.hist(np.clip(before, 0, 0.08).tolist(), bins=bins, histtype="step", label="network")
        right.hist(np.clip(after, 0, 0.08).tolist(), bins=bins, histtype="step", label="refined")
        right.set(xlabel="mean corner error / plate width")
        right.legend()
    return drawn


def badness(result: PhotoResult) -> float:
    """Missed plates count most, then false ones, then loose framing."""
    missed = sum(not match.found for match in result.matches)
    loose = max((1 - match.iou for match in result.matches), default=0.0)
    return 10 * missed + 5 * len(result.false) + loose


def worst_sheet(report: DetectorReport) -> Pixels | None:
    """The worst photos, cut to where it matters; None where there are none."""
    worst = sorted(report.results, key=badness, reverse=True)[:WORST]
    tiles = [tile_of(result) for result in worst]
    return contact_sheet(tiles, columns=4, tile=(320, 240)) if tiles else None


def tile_of(result: PhotoResult) -> Tile:
    """One photo with labels in green and sightings in red."""
    photo = open_photo(result.path)
    pixels = photo.pixels
    scale = pixels.shape[1] / photo.width
    width = max(2, round(max(pixels.shape[:2]) / 300))
    for match in result.matches:
        label = match.label.quad or quad_from_box(match.label.place or Box(0, 0, 0, 0))
        pixels = draw_quad(pixels, scale_quad(label, scale), (40, 200, 60), width)
    for sighting in [*(m.sighting for m in result.matches if m.sighting), *result.false]:
        pixels = draw_quad(pixels, scale_quad(sighting.quad, scale), (255, 60, 60), width)
    missed = sum(not match.found for match in result.matches)
    best = min((m.iou for m in result.matches), default=0.0)
    words = f"missed {missed}, false {len(result.false)}, IoU {best:.2f}"
    return Tile(shrink_to(around(pixels, result, scale), 640), words)


def around(pixels: Pixels, result: PhotoResult, scale: float) -> Pixels:
    """The part of the photo with all labels and sightings, and as much again."""
    quads = [
        m.label.quad or quad_from_box(m.label.place) for m in result.matches if m.label.place is not None
    ]
    quads += [m.sighting.quad for m in result.matches if m.sighting] + [s.quad for s in result.false]
    if not quads:
        return pixels
    boxes = np.array([grow_quad(q, 0.8, 2.5).box for q in quads]) * scale
    height, width = pixels.shape[:2]
    x1, y1 = np.clip(boxes[:, :2].min(axis=0), 0, None).astype(int)
    x2, y2 = np.clip(boxes[:, 2:].max(axis=0), 1, (width, height)).astype(int)
    return pixels[y1:y2, x1:x2] if x2 - x1 > 8 and y2 - y1 > 8 else pixels
