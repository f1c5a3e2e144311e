"""What one consumer of pictures wants, from profiles/*.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kilpi.errors import UsageError
from kilpi.types import View


@dataclass(frozen=True, slots=True)
class Profile:
    """What one consumer wants: counts, sizes in pixels, shape, JPEG quality, the order of views, and those
    that are missed.
    """

    name: str
    most: int
    wanted: int
    min_width: int
    min_height: int
    long_side: int
    quality: int
    aspect: tuple[float, float]  # narrowest and widest width / height; see `frame`
    order: tuple[View, ...]
    wanted_views: tuple[str, ...]  # keys of `choice.SHOWN`


@lru_cache(maxsize=8)
def load_profile(name: str = "site") -> Profile:
    """A profile of profiles/. Raises UsageError that names those there are."""
    folder = files("kilpi.pictures") / "profiles"
    known = sorted(
        path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")
    )
    if name not in known:
        raise UsageError(f"no picture profile {name!r}; there are {', '.join(known)}")
    values = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    values["aspect"] = tuple(values["aspect"])
    values["wanted_views"] = tuple(values["wanted_views"])
    values["order"] = tuple(View(view) for view in values["order"])
    return Profile(**{key: value for key, value in values.items() if key not in {"source", "soft"}})
