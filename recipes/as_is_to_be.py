"""Draws docs/as-is-to-be.svg: python recipes/as_is_to_be.py > docs/as-is-to-be.svg

Two lanes, a box a step, with the minutes of a person a car. The minutes before are an assumption and stand
here; those after are the part of the cars that is asked about (measured) times seconds a question (assumed).
"""

from __future__ import annotations

from html import escape

BEFORE = (  # minutes of a person a car: assumed, to be replaced by what a department measures
    ("Sort photos\ninto cars", 2.0),
    ("Read plate,\nask register", 1.5),
    ("Copy data\ninto the advert", 3.0),
    ("Choose and\ncrop pictures", 2.0),
    ("Cover\nplates", 2.5),
    ("Write\nthe text", 3.0),
    ("Publish,\ncheck", 2.0),
)
SHARE_ASKED = 0.31  # of composed cars, 67 of 216, docs/measured.md: a person is asked who the car is
SECONDS_A_QUESTION = 15.0  # assumed: looking at plate and photo, one key
AUDITED = 0.02  # of the accepted ones, KILPI_AUDIT_SHARE
MINUTES_IN = 0.25  # assumed: dropping a car's photos into the browser
AFTER = (
    ("Drop\nphotos", MINUTES_IN),
    ("Answer what\nis asked", SHARE_ASKED * SECONDS_A_QUESTION / 60),
    ("Blind audit,\n2 in 100", (1 - SHARE_ASKED) * AUDITED * SECONDS_A_QUESTION / 60),
)
WIDTH, LANE, BOX = 1120, 190, 92
LEFT, GAP, LEAST, A_MINUTE = 20, 8, 100, 62


def main() -> None:
    """Prints the figure."""
    before, after = sum(m for _, m in BEFORE), sum(m for _, m in AFTER)
    title = f"With Kilpi: {after:.2f} minutes of a person a car (questions measured, seconds each assumed)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {2 * LANE + 20}" role="img" '
        'font-family="system-ui, sans-serif" font-size="14">',
        "<title>Minutes of a person a car, before and with Kilpi</title>",
        f'<rect width="{WIDTH}" height="{2 * LANE + 20}" fill="#ffffff"/>',
        *lane(0, f"Before: {before:g} minutes of a person a car (assumed)", BEFORE, "#e3c26f", "#5c4300"),
        *lane(
            LANE,
            title,
            AFTER,
            "#0d5c63",
            "#ffffff",
        ),
        machine(LANE),
        "</svg>",
    ]
    print("\n".join(parts))


def lane(top: int, title: str, steps: tuple[tuple[str, float], ...], fill: str, ink: str) -> list[str]:
    """A lane: its title, and a box a step with its minutes below."""
    found = [text(LEFT, top + 32, title, 'font-size="17" font-weight="700"')]
    x = float(LEFT)
    for name, minutes in steps:
        width = max(LEAST, A_MINUTE * minutes)
        middle = x + width / 2
        found.append(
            f'<rect x="{x:g}" y="{top + 48}" width="{width:g}" height="{BOX}" rx="8" fill="{fill}"/>'
        )
        for line, words in enumerate(name.split("\n")):
            found.append(text(middle, top + 88 + 20 * line, words, 'text-anchor="middle"', ink))
        told = f"{minutes:g} min" if minutes >= 0.2 else f"{60 * minutes:.1f} s"
        found.append(text(middle, top + 162, told, 'text-anchor="middle" font-weight="700"'))
        x += width + GAP
    return found


def text(x: float, y: int, words: str, how: str, ink: str = "#15181c") -> str:
    """One line of text."""
    return f'<text x="{x:g}" y="{y}" {how} fill="{ink}">{escape(words)}</text>'


def machine(top: int) -> str:
    """What no person does any more."""
    words = "by itself: sort, find and read plates, register, text, pictures, covers, publishing"
    x = LEFT + 3 * (LEAST + GAP) + 12
    return (
        f'<rect x="{x}" y="{top + 48}" width="{WIDTH - x - LEFT}" height="{BOX}" rx="8" fill="#e3f0f0"/>'
        f'<text x="{x + 20}" y="{top + 100}" fill="#15181c">{words}</text>'
    )


if __name__ == "__main__":
    main()
