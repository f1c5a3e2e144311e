"""Files inside zip archives, read in place: "cars.zip/leaf/1.jpg" is a path like any other.

Nothing is unpacked to disk, so that no name in an archive can lead out of a folder, and a member is read only
up to the size that the archive tells of it.
"""

from __future__ import annotations

import contextlib
import errno
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from kilpi.errors import PhotoMissing
from kilpi.hashing import file_sha256, sha256_hex

ZIP = ".zip"
MAX_MEMBERS = 10_000
MAX_UNPACKED = 8_000_000_000  # bytes of all members together
MAX_NAME = 1_000  # characters of a member's path
ENCRYPTED = 0x1  # bit of a member's flags: APPNOTE.TXT 4.4.4
UTF8 = 0x800


@dataclass(frozen=True, slots=True)
class Archive:
    """`members` by their path inside; `refused` is path inside -> "unsafe_name" or "encrypted".

    `sha256` keeps each member's, by where it begins: unpacking is what hashing one costs.
    """

    file: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    refused: Mapping[str, str]
    sha256: dict[int, str] = field(default_factory=dict, compare=False)


def is_zip(path: Path) -> bool:
    """By its ending; whether it really is one is found out when it is opened."""
    return path.suffix.lower() == ZIP


def open_archive(path: Path) -> Archive:
    """The archive's list of members. Raises OSError saying what is wrong with it."""
    state = path.stat()
    return _open(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _open(path: Path, size: int, mtime_ns: int) -> Archive:
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise OSError(errno.EIO, f"no zip archive that can be read: {error}") from None
    infos = [info for info in file.infolist() if not info.is_dir()]
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        file.close()
        raise OSError(
            errno.EFBIG,
            f"more than {MAX_MEMBERS} files or {MAX_UNPACKED // 10**9} GB unpacked; unpack it yourself",
        )
    members: dict[str, zipfile.ZipInfo] = {}
    refused: dict[str, str] = {}
    for info in infos:
        name = member_name(info)
        if name is None:
            refused[base_of(info.filename)] = "unsafe_name"
        elif info.flag_bits & ENCRYPTED:
            refused[name] = "encrypted"
        else:
            members.setdefault(name, info)
    return Archive(file, members, refused)


def member_name(info: zipfile.ZipInfo) -> str | None:
    """A member's path inside, or None where it is absolute, climbs, is a link or is no name at all.

    Without the flag for UTF-8 Python takes the bytes for code page 437; macOS writes UTF-8 without it.
    """
    name = info.filename
    if not info.flag_bits & UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    path = PurePosixPath(name.replace("\\", "/"))
    link = stat.S_ISLNK(info.external_attr >> 16)
    bad = path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]
    return None if bad or link or len(name) > MAX_NAME or "\0" in name else path.as_posix()


def base_of(name: str) -> str:
    """The last part of a name that cannot be trusted, for messages."""
    return name.replace("\\", "/").rsplit("/", 1)[-1][:100] or "?"


def split(path: Path) -> tuple[Path, str] | None:
    """(archive, path inside) of a path that leads into an archive, else None."""
    for parent in path.parents:
        if is_zip(parent) and parent.is_file():
            return parent, path.relative_to(parent).as_posix()
    return None


def file_size(path: Path) -> int:
    """Bytes of a regular file, on disk or inside an archive. Raises OSError."""
    inside = member_of(path)
    if inside:
        return inside[1].file_size
    state = path.stat()
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "no regular file")
    return state.st_size


def is_there(path: Path) -> bool:
    """Whether there is such a regular file, on disk or inside an archive."""
    try:
        file_size(path)
    except OSError:
        return False
    return True


def read_file(path: Path) -> bytes:
    """A file's content, on disk or inside an archive. Raises OSError. Ask for `file_size` before."""
    inside = member_of(path)
    return path.read_bytes() if inside is None else _unpack(*inside, inside[1].file_size + 1)


def read_head(path: Path, count: int) -> bytes:
    """The first `count` bytes of a file, on disk or inside an archive. Raises OSError."""
    inside = member_of(path)
    if inside is not None:
        return _unpack(*inside, count)
    with path.open("rb") as file:
        return file.read(count)


def _unpack(archive: Archive, info: zipfile.ZipInfo, most: int) -> bytes:
    try:
        with archive.file.open(info) as member:
            return member.read(most)
    except OSError:
        raise
    except Exception as error:  # each way of packing has errors of its own
        raise OSError(errno.EIO, f"cannot be unpacked: {error}") from None


def content_sha256(path: Path) -> str:
    """The sha256 of a file's content, 64 hex digits, on disk or inside an archive. Raises OSError."""
    inside = member_of(path)
    if inside is None:
        return file_sha256(path)
    archive, begins = inside[0], inside[1].header_offset
    if begins not in archive.sha256:
        archive.sha256[begins] = sha256_hex(read_file(path))
    return archive.sha256[begins]


def sha256_of(path: Path) -> str:
    """`content_sha256` of a photo. Raises PhotoMissing where it cannot be read."""
    try:
        return content_sha256(path)
    except OSError as error:
        raise PhotoMissing(f"{path}: cannot be read ({error.strerror}); see that it is there") from None


def member_of(path: Path) -> tuple[Archive, zipfile.ZipInfo] | None:
    """The archive and its entry for a path that leads into one; None for a path on disk. OSError."""
    try:
        if path.exists():
            return None
    except OSError:  # a name that no file on disk can have
        pass
    inside = split(path)
    if inside is None:
        return None
    archive = open_archive(inside[0])
    if inside[1] not in archive.members:
        raise FileNotFoundError(errno.ENOENT, "no such file in the archive")
    return archive, archive.members[inside[1]]
