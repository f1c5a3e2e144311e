"""What a file is by its name: a photo, something else that people send along, or what systems leave."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kilpi.archives import read_head
from kilpi.images import SUFFIXES, kind_of
from kilpi.images.formats import HEAD
from kilpi.text import letters

OTHER = "other_file"


@lru_cache(maxsize=2)
def table(name: str) -> Mapping[str, Any]:
    """One TOML file of photos/data."""
    return tomllib.loads((files("kilpi.photos") / "data" / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def endings() -> Mapping[str, str]:
    """Ending -> kind."""
    return {ending: kind for kind, found in table("kinds.toml")["endings"].items() for ending in found}


def is_clutter(name: str) -> bool:
    """Whether a file or folder is a system's or a program's and nobody's photo."""
    rules, low = table("kinds.toml")["clutter"], name.lower()
    if low.endswith(".icloud"):  # the place of a photo that is still elsewhere
        return False
    return (
        low in rules["names"]
        or low.startswith(tuple(rules["beginnings"]))
        or ending_of(low) in rules["endings"]
    )


def kind_by_name(name: str) -> str:
    """ "photo", "video", "pdf" ...; `OTHER` where the ending says nothing."""
    if Path(name).suffix.lower() in SUFFIXES:
        return "photo"
    return endings().get(ending_of(name.lower()), OTHER)


def ending_of(name: str) -> str:
    """The ending without its dot; "" where there is none."""
    return name.rpartition(".")[2] if "." in name else ""


def begins_as_photo(path: Path) -> bool:
    """Whether a file, on disk or inside an archive, begins as an image: chat programs and mails send photos
    without an ending.
    """
    try:
        return kind_of(read_head(path, HEAD)) is not None
    except OSError:
        return False


def only_says_pictures(name: str) -> bool:
    """Whether a folder's name says what it holds and not which car: "kuvat", "Photos (2)", "100APPLE"."""
    rules = table("folders.toml")
    if re.match(rules["camera"], name.lower()):
        return True
    return letters(name).rstrip("0123456789") in rules["words"]
