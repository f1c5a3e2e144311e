"""The word for a plate's colour: of a grammar's style and of what a photo shows, by the same rule."""

from __future__ import annotations

from colorsys import rgb_to_hsv

# Saturation below which a colour is none: shade makes white plates blue (up to 0.38, on 8 of some 480 real
# plates), lamps yellow and red; green none of them was.
PALE = {"red": 0.55, "yellow": 0.3, "green": 0.15, "blue": 0.5, "violet": 0.5}
DARK = 25  # of 255: the brightest part of what is too dark for a hue
HUES = ((18, "red"), (62, "yellow"), (170, "green"), (270, "blue"), (330, "violet"), (360, "red"))  # degrees


def tint_word(red: float, green: float, blue: float) -> str:
    """0..255 each -> white, black, red, yellow, green, blue or violet; grey is white above 96."""
    most, least = max(red, green, blue), min(red, green, blue)
    degrees = 360 * rgb_to_hsv(red / 255, green / 255, blue / 255)[0]
    word = next(word for limit, word in HUES if degrees <= limit)
    if most < DARK or most - least < PALE[word] * most:
        return "white" if most > 96 else "black"
    return word


def tint_of_hex(colour: str) -> str:
    """The word for #rrggbb."""
    return tint_word(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))
