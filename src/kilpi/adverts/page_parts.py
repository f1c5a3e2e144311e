"""What every page is made with: its style and script, the policy that lets in nothing else, its phrases."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kilpi.adverts.wording import Wording
from kilpi.types import SMALL_SIDE, PublicPicture


def policy(style: str, *scripts: str) -> str:
    """A page's content security policy: pictures from its own place, our style and scripts by their hashes,
    and nothing else, whatever a dealer's text may hold.
    """
    parts = ["default-src 'none'", "img-src 'self'", f"style-src {csp_hash(style)}"]
    parts += [f"script-src {' '.join(map(csp_hash, scripts))}"] if scripts else []
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def csp_hash(text: str) -> str:
    """The source expression of an inline element's text (CSP level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def speaker(wording: Wording) -> Any:
    """A function for templates: say("gallery") -> the phrase of [page] in the page's language."""
    return lambda key, **values: wording.text("page", key, **values)


def shorten(text: str, most: int) -> str:
    """The text, cut at a word's end with an ellipsis where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    return text[: most - 1].rpartition(" ")[0].rstrip(",;. ") + "…"


def width_at(picture: PublicPicture, side: int = SMALL_SIDE) -> int:
    """The width in pixels of a copy of a picture whose longer side is `side`."""
    return max(1, round(picture.width * min(1.0, side / max(picture.width, picture.height))))


@lru_cache(maxsize=8)
def asset(name: str) -> str:
    """A style sheet or script of adverts/."""
    return (files("kilpi.adverts") / "data" / name).read_text(encoding="utf-8")
