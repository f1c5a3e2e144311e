"""What plates of the world's parts look like, and marks for them, drawn by lot.

Formats and looks follow public descriptions (Wikipedia's pages on the countries' plates, read for
docs/grammars.md; worldlicenceplates.com is what they cite). No country's own typeface is here: none is free.
A pattern's letters: A a letter, 9 a digit, L a letter without I, O and Q, D a digit but no leading zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from recipes.world.plate import Colour, Patch, Spec, Word

Rng = np.random.Generator

BLACK, WHITE, BLUE, RED = (24, 24, 26), (240, 240, 236), (8, 56, 155), (170, 24, 34)
YELLOW, GREEN, GREY = (240, 196, 30), (20, 100, 60), (168, 170, 172)
LETTERS, CLEAR = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHJKLMNPRSTUVWXYZ"


def pick(rng: Rng, items: tuple[str, ...]) -> str:
    """One of some words."""
    return items[int(rng.integers(len(items)))]


def spell(rng: Rng, pattern: str) -> str:
    """A mark after a pattern."""
    kinds = {"A": LETTERS, "L": CLEAR, "9": "0123456789", "D": "123456789"}
    return "".join(str(rng.choice(list(kinds[c]))) if c in kinds else c.lower() for c in pattern).upper()


def strip(word: str, width: float = 0.085, ground: Colour = BLUE) -> Patch:
    """A strip at the left end with a country's letters."""
    return Patch((0.0, 0.0, width, 1.0), ground, word=word)


# Country's letters, pattern, ink, ground; ":" is where a seal or the arms stand.
CENTRAL = (
    ("D", "LL:LL D99"), ("D", "L:LL D999"), ("D", "LLL:L D99"), ("A", "L:D999L"), ("A", "LL:D99LL"),
    ("CZ", "9L9 9999"), ("CZ", "9LL 9999"), ("SK", "LL:999LL"), ("H", "LLL-999"), ("PL", "LL 99999"),
    ("PL", "LLL 99LL"), ("PL", "LL 9999L"), ("SLO", "LL:L9-999"), ("HR", "LL:999-LL"), ("HR", "LL:9999-L"),
    ("RO", "L 999 LLL"), ("RO", "LL 99 LLL"), ("CH", "LL.999999"), ("L", "LL 9999"), ("BG", "LL 9999 LL"),
)  # fmt: skip


def central(rng: Rng) -> Spec:
    """From Germany and Poland to Croatia, Romania and Bulgaria."""
    word, pattern = CENTRAL[int(rng.integers(len(CENTRAL)))]
    mark = spell(rng, pattern)
    face = pick(rng, ("forged", "forged", "w-plain", "w-narrow", "w-soft", "w-grotesque"))
    return Spec(
        (mark,), (520, 110), face, BLACK, YELLOW if word == "L" else WHITE, zone=(0.1, 0.98), width_mm=43,
        patches=(strip(word),) if word != "CH" and rng.random() < 0.9 else (), part="central",
        border=bool(rng.random() < 0.8), cap_mm=float(rng.uniform(70, 80)), country=word,
    )  # fmt: skip


def french(rng: Rng) -> Spec:
    """France since 2009 with strips at both ends, and some before."""
    face = pick(rng, ("w-plain", "w-narrow", "w-soft", "w-grotesque", "forged"))
    if rng.random() < 0.15:
        mark = spell(rng, pick(rng, ("D99 LL 99", "D999 LL 99", "D99 LLL 99")))
        ground = YELLOW if rng.random() < 0.5 else WHITE
        return Spec((mark,), (520, 110), face, BLACK, ground, part="france", border=False, width_mm=42)
    patches = (
        strip("F"),
        Patch((0.915, 0.0, 0.085, 1.0), BLUE, word=f"{int(rng.integers(1, 96)):02d}"),
    )
    return Spec(
        (spell(rng, "LL-999-LL"),), (520, 110), face, BLACK, WHITE, zone=(0.1, 0.905), width_mm=42,
        patches=patches, part="france", border=bool(rng.random() < 0.3), country="FR",
    )  # fmt: skip


TOWNS = (
    "SP SAO PAULO", "RJ RIO DE JANEIRO", "MG BELO HORIZONTE", "PR CURITIBA", "RS PORTO ALEGRE", "BA SALVADOR",
    "SC FLORIANOPOLIS", "GO GOIANIA", "CE FORTALEZA", "SP CAMPINAS", "DF BRASILIA",
)  # fmt: skip


def brazilian(rng: Rng) -> Spec:
    """Brazil: grey and red plates with the town above, and Mercosur's."""
    if rng.random() < 0.55:
        red = rng.random() < 0.15
        ink, base = (WHITE, RED) if red else (BLACK, GREY)
        town = Word(pick(rng, TOWNS), 0.5, 0.13, 0.12, ink, "w-plain")
        return Spec(
            (spell(rng, "AAA.9999") if rng.random() < 0.6 else spell(rng, "AAA-9999"),), (400, 130),
            pick(rng, ("w-grotesque", "w-round", "w-soft", "press")), ink, base, cap_mm=63, width_mm=40,
            lines=(0.6,), words=(town,), part="brazil", emboss=55, gap_mm=7,
        )  # fmt: skip
    ink = {"k": BLACK, "r": RED, "b": BLUE}[pick(rng, ("k", "k", "k", "r", "b"))]
    patches = (Patch((0.0, 0.0, 1.0, 0.23), BLUE), Patch((0.015, 0.36, 0.04, 0.28), (205, 205, 200)))
    words = (Word("BRASIL", 0.5, 0.115, 0.12, WHITE, "w-plain"), Word("BR", 0.035, 0.84, 0.11, BLACK))
    return Spec(
        (spell(rng, "AAA9A99"),), (400, 130), pick(rng, ("forged", "forged", "w-plain")),
        ink, WHITE, cap_mm=65, width_mm=39, lines=(0.61,), gap_mm=6,
        zone=(0.07, 0.97), words=words, patches=patches, part="brazil",
    )  # fmt: skip


STATES = (
    ("CALIFORNIA", "DMV CA GOV", "9LLL999", (30, 50, 110)), ("TEXAS", "THE LONE STAR STATE", "LLL.9999",
    BLACK),
    ("NEW YORK", "EMPIRE STATE", "LLL-9999", (20, 40, 100)), ("FLORIDA", "SUNSHINE STATE", "LLL.L99", GREEN),
    ("OHIO", "BIRTHPLACE OF AVIATION", "LLL 9999", (150, 30, 40)), ("ILLINOIS", "LAND OF LINCOLN", "L99 9999",
    (150, 30, 40)),
    ("GEORGIA", "COUNTY", "LLL9999", BLACK), ("MICHIGAN", "GREAT LAKES", "LLL 9999", (30, 60, 140)),
    ("ARIZONA", "GRAND CANYON STATE", "LLL9999", (40, 80, 90)), ("WASHINGTON", "EVERGREEN STATE", "LLL9999",
    (30, 50, 110)),
    ("VIRGINIA", "", "LLL-9999", (20, 40, 100)), ("COLORADO", "", "LLL-999", WHITE), ("OREGON", "", "999 LLL",
    (30, 60, 90)),
    ("MARYLAND", "", "9LL9999", BLACK), ("UTAH", "LIFE ELEVATED", "L99 9LL", BLACK),
    ("NEVADA", "THE SILVER STATE", "99L.999", (30, 50, 110)),
    ("MISSOURI", "SHOW ME STATE", "LL9 L9L", (30, 50, 110)), ("ALASKA", "THE LAST FRONTIER", "LLL 999",
    (20, 50, 130)),
    ("IOWA", "", "LLL 999", (20, 40, 100)), ("KANSAS", "", "999 LLL", (30, 40, 80)),
    ("MAINE", "VACATIONLAND", "9999 LL", (20, 60, 50)),
)  # fmt: skip
SAYINGS = (
    "GO4IT",
    "MYCAR",
    "LUV2SKI",
    "BIGDOG",
    "TOPGUN1",
    "IM IN",
    "NO1DAD",
    "K9 COP",
    "ZOOM",
    "WWJD",
    "QT PIE",
)


def american(rng: Rng) -> Spec:
    """The US: states' names and mottoes, stickers in the corners, grounds with pictures, pressed letters."""
    state, motto, pattern, ink = STATES[int(rng.integers(len(STATES)))]
    lot = rng.random()
    mark = (
        pick(rng, SAYINGS) if lot < 0.1 else spell(rng, pattern if lot < 0.7 else pattern.replace("L", "A"))
    )
    if " " in mark or "-" in mark or "." in mark:  # many states put an outline, a star or a cactus there
        mark = mark if rng.random() < 0.55 else mark.replace(" ", "*").replace("-", "*").replace(".", "*")
    tints = (WHITE, (236, 232, 214), (214, 226, 238), (240, 222, 190), (226, 236, 222), (238, 214, 160))
    base = (40, 96, 60) if state == "COLORADO" else tints[int(rng.integers(len(tints)))]
    low = tints[int(rng.integers(len(tints)))] if rng.random() < 0.5 and state != "COLORADO" else None
    other: Colour = ink if rng.random() < 0.5 else (160, 30, 40)
    if state == "COLORADO":
        other = WHITE
    words = [
        Word(
            state,
            0.5,
            0.13,
            float(rng.uniform(0.11, 0.19)),
            other,
            pick(rng, ("w-poster", "w-round", "w-tall")),
        )
    ]
    if motto and rng.random() < 0.9:
        words.append(
            Word(motto, 0.5, 0.9, float(rng.uniform(0.07, 0.12)), other, pick(rng, ("w-plain", "w-narrow")))
        )
    patches = []
    for x in (0.02, 0.86):
        for y in (0.02, 0.8):
            if rng.random() < 0.45:
                tint = (int(rng.integers(60, 240)), int(rng.integers(60, 240)), int(rng.integers(60, 240)))
                year = str(rng.integers(8, 26)).zfill(2)
                patches.append(Patch((x, y, 0.12, 0.2), tint, word=year, ink=BLACK))
    if rng.random() < 0.2:  # a frame over the words
        dark = int(rng.integers(15, 70))
        patches += [
            Patch((0, 0.0, 1, 0.08), (dark, dark, dark)),
            Patch((0, 0.93, 1, 0.07), (dark, dark, dark)),
        ]
    return Spec(
        (mark,), (305, 152), pick(rng, ("die", "die", "die-bold", "die-bold", "die-bold", "press")),
        ink, base, low, cap_mm=float(rng.uniform(64, 74)), width_mm=float(rng.uniform(27, 34)),
        gap_mm=float(rng.uniform(3.0, 5.5)),
        zone=(0.04, 0.96), lines=(0.53,), border=bool(rng.random() < 0.2), emboss=110,
        hills=bool(rng.random() < 0.6),
        words=tuple(words), patches=tuple(patches), part="us",
    )  # fmt: skip


NORDIC = (
    ("FIN", "LLL-999"), ("FIN", "LLL-99"), ("S", "LLL 999"), ("S", "LLL 99L"), ("N", "LL 99999"),
    ("DK", "LL 99 999"),
    ("EST", "999 LLL"), ("LV", "LL-9999"), ("LV", "LL-999"), ("LT", "LLL 999"), ("IS", "LL L99"),
)  # fmt: skip


def nordic(rng: Rng) -> Spec:
    """The Nordic and Baltic countries, in typefaces training has not; a Finnish mark in five is dotted."""
    word, pattern = NORDIC[int(rng.integers(len(NORDIC)))]
    mark = spell(rng, pattern)
    if word == "FIN" and rng.random() < 0.2:
        at = int(rng.integers(3))
        mark = mark[:at] + pick(rng, ("Ä", "Ö")) + mark[at + 1 :]
    size = (440, 120) if word in {"N", "LV"} and rng.random() < 0.2 else (520, 110)
    return Spec(
        (mark,), size, pick(rng, ("w-plain", "w-narrow", "w-soft", "w-grotesque", "forged")), BLACK, WHITE,
        zone=(0.1, 0.97), width_mm=43, cap_mm=62 if set("ÄÖ") & set(mark) else 76,
        lines=(0.56,) if set("ÄÖ") & set(mark) else (0.5,),
        patches=(strip(word),) if rng.random() < 0.9 else (), part="nordic", country=word,
    )  # fmt: skip


def gulf(rng: Rng) -> Spec:
    """The Gulf's: figures, an emirate's or a country's name, writing in another script beside them."""
    mark = spell(rng, pick(rng, ("L D9999", "D99999", "L D999", "LL D9999", "D9999")))
    name = pick(rng, ("DUBAI", "ABU DHABI", "QATAR", "KUWAIT", "BAHRAIN", "OMAN", "SHARJAH"))
    words = [Word(name, 0.12, 0.72, 0.2 if len(name) < 6 else 0.13, BLACK, "w-plain")]
    patches = [
        Patch((0.05 + 0.02 * i, 0.22 + float(rng.uniform(0, 0.1)), 0.016, 0.16), BLACK) for i in range(7)
    ]
    if rng.random() < 0.3:
        patches.append(Patch((0.0, 0.0, 0.03, 1.0), RED))
    return Spec(
        (mark,), (520, 110), pick(rng, ("w-plain", "w-grotesque", "press", "w-soft")), BLACK, WHITE,
        zone=(0.26, 0.97),
        width_mm=42, words=tuple(words), patches=tuple(patches), part="gulf",
    )  # fmt: skip


def british(rng: Rng) -> Spec:
    """Great Britain before 2001, silver on black and black on white or yellow, one row or two."""
    mark = spell(rng, pick(rng, ("LD99 LLL", "L99 LLL", "LLL D99L", "LLL 99L", "LLL 999", "LL 9999")))
    ink, base = (
        ((225, 225, 220), (20, 20, 22))
        if rng.random() < 0.3
        else (BLACK, YELLOW if rng.random() < 0.5 else WHITE)
    )
    face = pick(rng, ("w-grotesque", "w-plain", "w-round", "w-narrow"))
    if rng.random() < 0.2:
        first, second = mark.split(" ")
        return Spec(
            (first, second), (285, 203), face, ink, base, cap_mm=72, width_mm=48, lines=(0.27, 0.74),
            part="old uk",
            border=False, zone=(0.05, 0.95),
        )  # fmt: skip
    return Spec((mark,), (520, 111), face, ink, base, cap_mm=78, width_mm=47, part="old uk", border=False)


EAST = (
    ("TR", "99 LL 999"), ("TR", "99 L 9999"), ("TR", "99 LLL 99"), ("UA", "LL 9999 LL"), ("UA", "LL 9999 LL"),
    ("SRB", "LL 999-LL"), ("BIH", "L99-L-999"), ("MK", "LL 9999 LL"), ("MNE", "LL LL999"),
    ("AL", "LL 999 LL"), ("RKS", "99 999 LL"),
)  # fmt: skip


def eastern(rng: Rng) -> Spec:
    """Turkey, Ukraine and the Balkans."""
    word, pattern = EAST[int(rng.integers(len(EAST)))]
    patches = [strip(word)] if word != "UA" or rng.random() < 0.5 else [
        Patch((0.0, 0.0, 0.075, 0.3), BLUE), Patch((0.0, 0.3, 0.075, 0.3), YELLOW), Patch((0.0, 0.6, 0.075,
        0.4), BLUE, word="UA"),
    ]  # fmt: skip
    return Spec(
        (spell(rng, pattern),), (520, 110), pick(rng, ("w-plain", "w-narrow", "w-soft", "forged",
        "w-grotesque")), BLACK,
        WHITE, zone=(0.1, 0.97), width_mm=41, patches=tuple(patches), part="east", country=word,
    )  # fmt: skip


PARTS: tuple[tuple[str, int, Callable[[Rng], Spec]], ...] = (
    ("central", 400, central), ("france", 250, french), ("brazil", 300, brazilian), ("us", 400, american),
    ("nordic", 300, nordic), ("gulf", 150, gulf), ("old uk", 150, british), ("east", 250, eastern),
)  # fmt: skip
