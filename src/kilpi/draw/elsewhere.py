"""Plates of the world's other parts as looks: sizes, colours, groups of characters; no grammar, no country.

Dealers sell imports. What is drawn here teaches the reader to find the mark among words, stickers and
pictures that are no part of it; which marks a country issues is for grammars. The formats are those of
`kilpi.grammar.elsewhere`; looks are as public descriptions give them (Wikipedia's pages on each part's
plates), and soft.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kilpi.grammar import PlateStyle, SampledMark
from kilpi.grammar.elsewhere import SIGNS, load_elsewhere
from kilpi.types import Mark

Rng = np.random.Generator

LETTERS, DIGITS = SIGNS["L"], SIGNS["9"]
BLACK, WHITE, YELLOW = "#161616", "#f5f5f2", "#f3c518"
DRESS = "dress:"  # furniture: which of `kilpi.draw.dress` is laid over the plate
LOWERED = "top_text: "  # room for words above the mark, which `dress` writes

US_INKS = ("#1d2f6f", "#1d2f6f", "#161616", "#161616", "#8e1b28", "#14502f", "#2b3a4a", "#f2f2ee")
US_GROUNDS = (
    "#f0f0ec",
    "#f0f0ec",
    "#ece6d2",
    "#d8e4ee",
    "#f0dfbd",
    "#e2ecdd",
    "#e8c98a",
    "#c9d7e6",
    "#f3d35a",
)
WORDS = (
    "LOVE",
    "KING",
    "BOSS",
    "FAST",
    "MOM",
    "DAD",
    "HOME",
    "WOLF",
    "RUN",
    "SKI",
    "FUN",
    "JOY",
    "CAT",
    "PAPA",
    "ROCK",
)


def spell(pattern: str, rng: Rng) -> tuple[str, ...]:
    """A format's groups with signs by lot."""
    return tuple("".join(str(rng.choice(list(SIGNS[c]))) for c in group) for group in pattern.split())


def format_of(part: str, rng: Rng) -> str:
    """One of the formats of a part of the world."""
    return one_of(load_elsewhere().parts[part], rng)


def one_of(items: tuple[str, ...], rng: Rng) -> str:
    """One of some words."""
    return items[int(rng.integers(len(items)))]


def personal(rng: Rng) -> tuple[str, ...]:
    """What owners ask for: a word with figures, a digit in a letter's place, any two to seven signs."""
    lot = rng.random()
    if lot < 0.45:
        word = one_of(WORDS, rng)
        number = "".join(rng.choice(list(DIGITS), int(rng.integers(0, 4))))
        return ((word, number) if rng.random() < 0.5 else (word + number,)) if number else (word,)
    if lot < 0.6:
        return (one_of(WORDS, rng).replace("O", "0").replace("I", "1").replace("E", "3"),)
    return ("".join(rng.choice(list(LETTERS + DIGITS), int(rng.integers(2, 8)))),)


def style(rng: Rng, kind: str, size: tuple[int, int], ink: str, ground: str, **more: object) -> PlateStyle:
    """A plate's style, its size a little off, dressed as its kind is."""
    width = round(size[0] * rng.uniform(0.95, 1.05))
    furniture = (DRESS + kind, *(more.pop("furniture", ())))  # type: ignore[misc]
    values = {"rows": 1, "separator": "gap", "border": ink if rng.random() < 0.4 else None, **more}
    return PlateStyle(
        name="elsewhere", country=f"x-{kind}", size_mm=(width, size[1]), ink=ink, ground=ground,
        furniture=furniture, **values,  # type: ignore[arg-type]
    )  # fmt: skip


def american(rng: Rng) -> SampledMark:
    """The US, Canada, Mexico: 305 x 152 mm, narrow pressed letters between a name and a motto."""
    groups = personal(rng) if rng.random() < 0.18 else spell(format_of("american", rng), rng)
    ink, ground = one_of(US_INKS, rng), one_of(US_GROUNDS, rng)
    if ink == "#f2f2ee":
        ground = one_of(("#1d5a38", "#1d2f6f", "#161616", "#7a1d2a"), rng)
    separator = one_of(("gap", "gap", "dash", "dot", "none", "emblem"), rng)
    furniture = (LOWERED, "emblem") if separator == "emblem" else (LOWERED,)
    plain = "gap" if separator == "emblem" else separator
    return sampled((groups,), style(rng, "us", (305, 152), ink, ground, separator=plain, furniture=furniture))


def brazilian(rng: Rng) -> SampledMark:
    """Brazil's grey and red plates, and Mercosur's (Argentina's, Uruguay's and Paraguay's too)."""
    if rng.random() < 0.5:
        ink, ground = (WHITE, "#a81c26") if rng.random() < 0.15 else (BLACK, "#a9acad")
        groups = spell(load_elsewhere().parts["brazilian"][0], rng)
        separator = one_of(("dot", "dash", "gap"), rng)
        return sampled(
            (groups,), style(rng, "br", (400, 130), ink, ground, separator=separator, furniture=(LOWERED,))
        )
    pattern = format_of("mercosur", rng)
    ink = one_of((BLACK, BLACK, BLACK, "#a01820", "#1b3a8c"), rng)
    return sampled(
        (spell(pattern, rng),), style(rng, "mercosur", (400, 130), ink, WHITE, furniture=(LOWERED,))
    )


def gulf(rng: Rng) -> SampledMark:
    """The Gulf's: figures and a letter or two, with a country's name and another script beside or above."""
    groups = spell(format_of("gulf", rng), rng)
    ground = one_of((WHITE, WHITE, WHITE, YELLOW, "#b5302c", "#dfe9f2"), rng)
    return sampled(
        (groups,), style(rng, "gulf", (520, 110), BLACK, ground, band=one_of(("none", "plain", "none"), rng))
    )


def british(rng: Rng) -> SampledMark:
    """Britain before 2001, Ireland before 1987, India, Hong Kong, Australia: bare letters, bright sheets."""
    rows = (spell(format_of("british", rng), rng),)
    ink, ground = ("#e4e4de", "#141414") if rng.random() < 0.3 else (BLACK, one_of((YELLOW, WHITE), rng))
    if rng.random() < 0.25 and len(rows[0]) > 1:
        split = ((rows[0][0],), rows[0][1:])
        return sampled(split, style(rng, "uk", (285, 203), ink, ground, rows=2))
    return sampled(rows, style(rng, "uk", (520, 111), ink, ground))


def eastern(rng: Rng) -> SampledMark:
    """Turkey, Ukraine, the Balkans, the Caucasus, Kazakhstan, Israel."""
    patterns = load_elsewhere().eastern
    letters, pattern = patterns[int(rng.integers(len(patterns)))]
    ground = YELLOW if letters == "IL" or rng.random() < 0.06 else WHITE
    made = style(
        rng, "tr", (520, 112), BLACK, ground, band=one_of(("eu", "plain", "plain", "blue"), rng),
        band_text=letters,
        separator=one_of(("gap", "gap", "dash", "dot"), rng),
        furniture=(one_of(("seals", "shield", "sticker", "none", "none", "none"), rng),),
    )  # fmt: skip
    return sampled((spell(pattern, rng),), made)


def sampled(rows: tuple[tuple[str, ...], ...], made: PlateStyle) -> SampledMark:
    """The mark of these rows on that plate."""
    return SampledMark(Mark("".join(group for row in rows for group in row)), made, rows)


PARTS: tuple[tuple[Callable[[Rng], SampledMark], float], ...] = (
    (american, 0.36), (brazilian, 0.2), (gulf, 0.12), (british, 0.12), (eastern, 0.2),
)  # fmt: skip


def elsewhere(rng: Rng) -> SampledMark:
    """A plate of some part of the world."""
    shares = np.array([share for _, share in PARTS])
    return PARTS[int(rng.choice(len(PARTS), p=shares / shares.sum()))][0](rng)
