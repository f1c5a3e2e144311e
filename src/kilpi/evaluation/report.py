"""What the evaluations' HTML reports share: the page, pictures inside it, and the curves of a training."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from kilpi.images import encode_jpeg
from kilpi.types import Pixels

mpl.use("Agg")

Curves = Sequence[Mapping[str, float]]

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0
1rem;color:#222} table{border-collapse:collapse}td,th{padding:.25rem .9rem;border-bottom:1px solid
#ddd;text-align:left} td.n{text-align:right}img{max-width:100%}figure{margin:1.5rem
0}figcaption{color:#555}"""


def write_page(path: Path, title: str, heading: str, parts: Sequence[str]) -> None:
    """One HTML file without anything beside it. `title` and `heading` are plain text, `parts` are HTML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<style>{STYLE}</style><h1>{escape(heading)}</h1>" + "\n".join(parts),
        encoding="utf-8",
    )


def figure(drawn: Figure, words: str) -> str:
    """A matplotlib figure inside the page."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    return embed(buffer.getvalue(), "png", words)


def picture(pixels: Pixels, words: str) -> str:
    """A contact sheet, (h, w, 3) uint8 RGB, inside the page."""
    return embed(encode_jpeg(pixels, 85), "jpeg", words)


def embed(data: bytes, kind: str, words: str) -> str:
    """An image file as part of the page, with words below."""
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    words = escape(words)
    return f'<figure><img src="{source}" alt="{words}"><figcaption>{words}</figcaption></figure>'


def training_curves(rows: Curves, measured: Sequence[str]) -> str:
    """The loss, and what was `measured` on held-out photos, over a training's minutes; "" without rows.

    `rows` are as in a card's training["curves"].
    """
    if not rows:
        return ""
    drawn = Figure(figsize=(10, 3.4))
    left, right = drawn.subplots(1, 2)
    for axis, names in ((left, ("loss",)), (right, measured)):
        for name in names:
            points = [(row["minutes"], row[name]) for row in rows if name in row]
            dot = "o" if len(points) == 1 else None  # a short training was measured once: a line needs two
            x, y = [x for x, _ in points], [y for _, y in points]
            axis.plot(x, y, marker=dot, label=name.replace("_", " "))
        axis.set(xlabel="minutes")
        axis.legend()
    left.set(yscale="log")
    return figure(drawn, "The training: loss, and what was measured on held-out photos on the way.")
