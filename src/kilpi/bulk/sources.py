"""What a person names, as photos one by one: folders, archives, globs, lists; here or at a remote address.

A remote address is one that pyarrow knows: s3://, gs://, abfs://, hdfs://, file://. Credentials are those
that pyarrow finds in the environment.
"""

from __future__ import annotations

import fnmatch
import glob
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from kilpi.errors import MissingExtra, PhotoMissing, UsageError
from kilpi.files import is_file, is_photo
from kilpi.photos.intake import walk_photos
from kilpi.text import decode_text, shown

REMOTE = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
LISTS = frozenset({".txt", ".lst", ".list"})
GLOB = re.compile(r"[*?\[]")


def is_remote(name: str) -> bool:
    """Whether a name is an address, not a path."""
    return REMOTE.match(name) is not None


def photos_named(names: Iterable[str]) -> Iterator[str]:
    """Each photo once that the names stand for, in a stable order.

    A folder or zip archive stands for all photos below it, a pattern (`*`, `**`, `?`, `[ab]`) for what it
    matches, a text file (.txt) for the names in its lines. Raises UsageError where a name stands for nothing;
    a photo that is named and not there goes on, to get a row with its error.
    """
    seen: set[int] = set()
    for name in names:
        count = 0
        for photo in expand(name):
            count += 1
            key = hash(photo)  # of a hundred thousand names the hashes are kept, not the names
            if key not in seen:
                seen.add(key)
                yield photo
        if not count:
            raise UsageError(f"{shown(name)}: no photos there; give a folder, a pattern or a list of photos")


def expand(name: str) -> Iterator[str]:
    """The photos that one name stands for."""
    if is_remote(name):
        yield from remote_photos(name)
    elif Path(name).suffix.lower() in LISTS and is_file(Path(name)):
        yield from lines_of(Path(name))
    elif GLOB.search(name) and not Path(name).exists():
        for path in sorted(glob.iglob(name, recursive=True)):  # noqa: PTH207 (the pattern is a whole path)
            if is_photo(Path(path)) and is_file(Path(path)):
                yield path
    else:
        yield from walk_photos([name])


def lines_of(path: Path) -> Iterator[str]:
    """The names in a list, a line each; paths are as seen from the list's folder."""
    for line in decode_text(path.read_bytes()).splitlines():
        if name := line.strip():
            yield name if is_remote(name) else str(path.parent / name)


def remote_photos(name: str) -> Iterator[str]:
    """Photos at an address: one file, all below a folder, or those a pattern matches."""
    from pyarrow import fs

    base, pattern = split_pattern(name)
    system, path = filesystem(base)
    root = base[: len(base) - len(path.rstrip("/"))] if base.endswith(path) else base[: base.index("://") + 3]
    info = system.get_file_info(path)
    if info.type == fs.FileType.File:
        yield base
        return
    if info.type == fs.FileType.NotFound and not pattern:
        return
    found = system.get_file_info(fs.FileSelector(path, recursive=True, allow_not_found=True))
    for one in sorted(one.path for one in found if one.type == fs.FileType.File):
        matches = fnmatch.fnmatchcase(root + one, pattern) if pattern else True
        if matches and is_photo(Path(PurePosixPath(one).name)):
            yield root + one


def split_pattern(name: str) -> tuple[str, str]:
    """(the address above the first part with a pattern in it, the whole as a pattern or "")."""
    found = GLOB.search(urlsplit(name).path)
    if not found:
        return name, ""
    at = name.index(urlsplit(name).path) + found.start()
    return name[: name.rindex("/", 0, at)], name


def read_remote(name: str) -> bytes:
    """A remote file's bytes. Raises PhotoMissing."""
    system, path = filesystem(name)
    try:
        with system.open_input_file(path) as file:
            content: bytes = file.readall()
    except FileNotFoundError:
        raise PhotoMissing(f"{shown(name)}: no such file") from None
    except OSError as error:
        raise PhotoMissing(f"{shown(name)}: cannot be read ({type(error).__name__})") from None
    return content


def filesystem(name: str) -> tuple[Any, str]:
    """pyarrow's file system of an address, and the path in it. Raises UsageError, MissingExtra."""
    parts = urlsplit(name)
    system, top = _filesystem(f"{parts.scheme}://{parts.netloc}", f"?{parts.query}" if parts.query else "")
    return system, (parts.path if not parts.netloc else f"{top}{parts.path}").rstrip("/") or "/"


@lru_cache(maxsize=16)
def _filesystem(root: str, query: str) -> tuple[Any, str]:
    try:
        from pyarrow import ArrowInvalid, fs
    except ImportError:
        raise MissingExtra("remote photos need an optional part: pip install 'kilpi[bulk]'") from None
    try:
        found: tuple[Any, str] = fs.FileSystem.from_uri(f"{root}/{query}")
    except (ArrowInvalid, NotImplementedError, ValueError) as error:
        scheme = root.split(":")[0]
        raise UsageError(f"{scheme}://: no address that can be opened ({type(error).__name__})") from None
    return found[0], found[1].rstrip("/")
