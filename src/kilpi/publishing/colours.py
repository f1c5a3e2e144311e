"""A dealer's colours, changed as little as it takes for text in and on them to be read.

Contrast after WCAG 2.2: 4.5 to 1 for text (success criterion 1.4.3), luminance as it defines it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kilpi.errors import LabelError

LEAST = 4.5
LIGHT, DARK = "#f5f4f1", "#1b1e22"  # what text stands on by day and by night: style.css, --ground and --card
BLACK, WHITE = "#000000", "#ffffff"
STEPS = 100
FORM = re.compile(r"#[0-9a-fA-F]{6}")

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """`css` sets the style sheet's variables; `theme` is the strip's colour; `notes` say what was changed."""

    css: str
    theme: str
    notes: tuple[str, ...] = ()


def palette(colour: str, header: str) -> Palette | None:
    """The CSS of a dealer's colours; None where none is given. `colour` for buttons, prices and links,
    `header` for the strip at the top; one that is not given follows the other. Raises LabelError.
    """
    if not colour and not header:
        return None
    brand, strip = check(colour or header, "colour"), check(header or colour, "header")
    by_day, by_night = readable(brand, LIGHT, BLACK), readable(brand, DARK, WHITE)
    notes = []
    if by_day != brand:
        notes.append(
            f"colour {brand} has a contrast of {contrast(brand, LIGHT):.1f} to 1 to the page, {LEAST} are "
            f"needed to read text in it; {by_day} is used"
        )
    css = (
        f":root{{--brand:{by_day};--brand-ink:{ink_on(by_day)};--head:{strip};--head-ink:{ink_on(strip)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--brand:{by_night};--brand-ink:{ink_on(by_night)}}}}}"
    )
    return Palette(css, strip, tuple(notes))


def check(colour: str, key: str) -> str:
    """The colour in small letters. Raises LabelError for anything but # and six hexadecimal digits."""
    if not FORM.fullmatch(colour):
        raise LabelError(f"{key} must be # and six hexadecimal digits, such as #0d5c63")
    return colour.lower()


def readable(colour: str, ground: str, towards: str) -> str:
    """The colour, mixed with black or white just as far as text of it can be read on the ground."""
    start, end = rgb(colour), rgb(towards)
    for step in range(STEPS + 1):
        mixed = tuple(round(a + (b - a) * step / STEPS) for a, b in zip(start, end, strict=True))
        found = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(found, ground) >= LEAST:
            return found
    return towards


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on the colour; one of them always has 4.5 to 1."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """WCAG's relative luminance, 0 to 1."""
    parts = (value / 255 for value in rgb(colour))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb(colour: str) -> Rgb:
    """ "#0d5c63" -> (13, 92, 99)."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
