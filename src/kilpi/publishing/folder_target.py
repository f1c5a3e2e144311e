"""A folder below which every published car has its own: what is Kilpi's there is exchanged, or taken out."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kilpi.adverts.folders import exchange, recover, refuse_collisions
from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.shop_names import ADVERT_PAGE
from kilpi.errors import PublishError, UsageError
from kilpi.publishing.entries import PICTURE_NAME, Entry
from kilpi.publishing.ledger import Sent

# How a page for buyers begins.
BY_KILPI = re.compile(rb'<!doctype html>.{0,3000}<meta name="generator" content="Kilpi">', re.DOTALL)
HEAD = 4096  # bytes


@dataclass(frozen=True)
class FolderTarget:
    """A folder below which every car has its own, for a web server or a synchronising tool."""

    root: Path

    def deliver(self, identity: str, entry: Entry | None, before: Sent) -> bool:
        """Exchange the car's folder as a whole, or take our files out of it. Raises PublishError."""
        folder = self.root / identity
        self.root.mkdir(parents=True, exist_ok=True)
        recover(folder)
        ours = own_files(folder, identity)
        if entry is None:
            return self.withdraw(folder, ours)
        if ours == set(entry.files) and all((folder / n).read_bytes() == entry.files[n] for n in ours):
            return False
        refuse_collisions(folder, ours, entry.files)
        exchange(folder, ours, entry.files)
        return True

    def withdraw(self, folder: Path, ours: Collection[str]) -> bool:
        """Remove our files, and the folder where nothing else is in it. What tells that they are ours goes
        last: who is killed in between finds the rest. Raises PublishError where an advert stays.
        """
        for name in sorted(ours, key=lambda name: (name == LISTING, bool(ADVERT_PAGE.fullmatch(name)))):
            (folder / name).unlink(missing_ok=True)
        if left := [name for name in names_of(folder) if ADVERT_PAGE.fullmatch(name)]:
            raise PublishError(
                f"{folder}: {left[0]} is not as Kilpi wrote it and stays; remove it, and the pictures beside"
            )
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        elif ours:  # somebody else's file is in it: whoever watches the folder above looks again
            os.utime(folder.parent)
        return bool(ours)


def own_files(folder: Path, identity: str) -> set[str]:
    """The names in a published folder that are ours: none where it is not that car's.

    Told by the listing, in whatever version of Kilpi it was written. Where that is damaged or gone (a process
    that was killed, a disk that lost power), by a page that begins as ours do.
    """
    ours = {name for name in names_of(folder) if is_named_so(name)}
    told = identity_in(folder / LISTING)
    if told is not None:
        return ours if told == identity else set()
    pages = [folder / name for name in ours if ADVERT_PAGE.fullmatch(name)]
    return ours if any(map(is_ours, pages)) else set()


def names_of(folder: Path) -> list[str]:
    """Of everything in a folder; none where it is not there."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def is_named_so(name: str) -> bool:
    """Whether a file of a published car may be called so."""
    return name == LISTING or bool(ADVERT_PAGE.fullmatch(name) or PICTURE_NAME.fullmatch(name))


def identity_in(listing: Path) -> str | None:
    """The public name that a listing says; None where it cannot be read."""
    try:
        values = json.loads(listing.read_bytes())
    except (OSError, ValueError):
        return None
    told = values.get("id") if isinstance(values, dict) else None
    return told if isinstance(told, str) else None


def is_ours(page: Path) -> bool:
    """Whether a page was written by Kilpi: by how it begins."""
    with page.open("rb") as file:
        return BY_KILPI.match(file.read(HEAD)) is not None


def folder_target(to: Path, out: Path) -> FolderTarget:
    """A folder to publish to. Raises UsageError where it is the output folder itself, or inside it."""
    if to.resolve() == out.resolve() or out.resolve() in to.resolve().parents:
        raise UsageError(f"{to}: publish to a folder outside {out}, which holds marks and drafts")
    return FolderTarget(to)
