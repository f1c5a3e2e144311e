"""Field maps and code tables of the providers: data, read with `load_map`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def load_map(name: str) -> dict[str, Any]:
    """The parsed maps/<name>.toml of the package."""
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def providers() -> tuple[str, ...]:
    """The names of the maps that have a provider, in order of name; the others are tables for all."""
    names = sorted(file.name for file in resources.files(__name__).iterdir() if file.name.endswith(".toml"))
    found = (name.removesuffix(".toml") for name in names)
    return tuple(name for name in found if "provider" in load_map(name))
