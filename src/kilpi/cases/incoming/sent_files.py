"""Files that came by upload, each looked at as it comes: kept under its sha256, or refused with the reason.

What was sent once need not be sent again: `known` tells what became of it. An owner (a dealer, or the staff)
sees the own files alone, so that a sha256 never shows what another dealer has.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, Any

import sqlalchemy as sa

from kilpi.adverts.dealer_stock import read_stock_list
from kilpi.adverts.wording import Wording
from kilpi.archives import ZIP, is_zip, open_archive, read_file
from kilpi.errors import KilpiError, LabelError, NoRoom, PhotoTooLarge, RegisterNotStock, StoreError
from kilpi.images import MAX_BYTES, kind_of, open_photo
from kilpi.images.formats import HEAD
from kilpi.photos.intake import CAR_FILE
from kilpi.photos.kinds import OTHER, is_clutter, kind_by_name
from kilpi.store import Originals, Store, Tx
from kilpi.store.tables import photos, uploads
from kilpi.types import Reason

LOOK_SIDE = 200  # pixels: decoding shows whether a photo is whole, its size does not matter
KEEP_DAYS = 7  # what became of a file is told for so long
MOST = 5_000  # sha256 asked about at once


class SentKind(StrEnum):
    """What a file is taken for."""

    PHOTO = "photo"
    ARCHIVE = "archive"  # its members were kept, the archive itself is not
    LIST = "list"  # a dealer's stock list
    BESIDE = "beside"  # car.toml, or a text: what is said of the car whose photos it lies beside
    REFUSED = "refused"  # broken, too large, no image
    LEFT_OUT = "left_out"  # Kilpi has no use for it


USED = frozenset({SentKind.PHOTO, SentKind.LIST, SentKind.BESIDE})


@dataclass(frozen=True, slots=True)
class SentFile:
    """What became of one file. `why` is a class of the error tree, or a word of [left_out] in adverts/data.

    `members` are those of an archive, with their paths inside it.
    """

    path: str  # as sent, "/" between folders
    sha256: str
    kind: SentKind
    why: str = ""
    members: tuple[SentFile, ...] = ()


def why_not(file: SentFile, words: Wording) -> str:
    """Why a file is not used, in a reader's language; "" where it is."""
    if file.kind not in (SentKind.REFUSED, SentKind.LEFT_OUT):
        return ""
    problems = words.tables["problem"]
    if file.why in problems:
        return str(problems[file.why])
    return words.left_out(Reason(file.why, {"why": "zip"}))  # the one value that these phrases name


def keep(store: Store, owner: str, path: str, file: IO[bytes]) -> SentFile:
    """Keeps one file, read to its end, and says what became of it. Raises StoreError (disk full, say)."""
    name = PurePosixPath(path).name
    if is_zip(Path(name)) and not is_clutter(name):
        found = _archive(store, path, file)
        useless = {one.sha256 for one in found.members if one.sha256}
        useless -= {
            one.sha256 for one in found.members if one.kind in USED
        }  # the same bytes, called otherwise
    else:
        found = _looked_over(store, path, originals_of(store).add(file))
        useless = set() if found.kind in USED else {found.sha256}
    store.write(lambda tx: _note(tx, owner, found))
    for sha256 in sorted(useless):
        _forget(store, sha256)
    return found


def originals_of(store: Store) -> Originals:
    """The folder of photos that were sent. Raises StoreError where the store has none."""
    if store.originals is None:
        raise StoreError("originals: this store keeps none; open it with a data folder")
    return store.originals


def known(store: Store, owner: str, sha256: Collection[str]) -> dict[str, SentFile]:
    """What became of these, as far as this owner sent them and they are still here."""
    asked, originals = list(dict.fromkeys(sha256))[:MOST], originals_of(store)
    found: dict[str, SentFile] = {}
    for begin in range(0, len(asked), 500):
        part = asked[begin : begin + 500]
        query = sa.select(uploads).where(uploads.c.owner == owner, uploads.c.sha256.in_(part))
        for row in store.read(lambda tx, query=query: tx.rows(query)):  # type: ignore[misc]
            file = _file_of(row)
            if all(originals.has(one.sha256) for one in (file, *file.members) if one.kind in USED):
                found[file.sha256] = file
    return found


def forget_old(store: Store) -> int:
    """What became of files that came long ago is no longer known. How many."""
    return store.write(
        lambda tx: tx.run(uploads.delete().where(uploads.c.at < tx.now - timedelta(days=KEEP_DAYS)))
    )


def forget_sent(tx: Tx, dealer: str, sha256: Collection[str]) -> None:
    """Of an erased case nothing is told any more: its files as the dealer or the staff sent them, and the
    archives that they came in, whose members' names may hold a mark.
    """
    gone, owners = set(sha256), uploads.c.owner.in_({dealer, ""})
    packed = tx.rows(sa.select(uploads).where(owners, uploads.c.kind == SentKind.ARCHIVE.value))
    for row in packed:
        if gone & {one["sha256"] for one in (row["data"] or {}).get("members", ())}:
            where = (uploads.c.owner == row["owner"], uploads.c.sha256 == row["sha256"])
            tx.run(uploads.delete().where(*where))
    tx.run(uploads.delete().where(owners, uploads.c.sha256.in_(gone)))


def _file_of(row: dict[str, Any]) -> SentFile:
    data = row["data"] or {}
    members = tuple(
        SentFile(**{**one, "kind": SentKind(one["kind"]), "members": ()}) for one in data["members"]
    )
    return SentFile("", row["sha256"], SentKind(row["kind"]), data["why"], members)


def _note(tx: Tx, owner: str, file: SentFile) -> None:
    """One row a file. Of its own path nothing is kept: a name may hold a mark, and the next may differ.

    What is of use under one name stays so, whatever else the same bytes are called.
    """
    members = [
        {name: value for name, value in asdict(one).items() if name != "members"} for one in file.members
    ]
    for one in (one for one in file.members if one.sha256):
        _note(tx, owner, one)
    where = (uploads.c.owner == owner, uploads.c.sha256 == file.sha256)
    tx.lock(f"upload {owner} {file.sha256}")
    before = tx.row(sa.select(uploads.c.kind).where(*where))
    if before is not None and before["kind"] in USED and file.kind not in (*USED, SentKind.ARCHIVE):
        return
    tx.run(uploads.delete().where(*where))
    row = {"owner": owner, "sha256": file.sha256, "kind": file.kind.value, "at": tx.now}
    tx.run(uploads.insert().values(**row, data={"why": file.why, "members": members}))


def _forget(store: Store, sha256: str) -> None:
    """An original that is of no use goes, unless a case or another owner has it."""

    def do(tx: Tx) -> None:
        tx.lock("originals")
        in_case = tx.row(sa.select(photos.c.sha256).where(photos.c.sha256 == sha256).limit(1))
        kinds = [kind.value for kind in USED]
        sent = sa.select(uploads.c.sha256).where(uploads.c.sha256 == sha256, uploads.c.kind.in_(kinds))
        if in_case is None and tx.row(sent.limit(1)) is None:
            originals_of(store).remove(sha256)

    store.write(do)


def _looked_over(store: Store, path: str, sha256: str) -> SentFile:
    """What an original is, or why it is refused. Raises StoreError, NoRoom."""
    try:
        return _looked_at(store, path, sha256)
    except KilpiError as error:
        if isinstance(error, StoreError | NoRoom):
            raise
        return SentFile(path, sha256, SentKind.REFUSED, error.kind)


def _looked_at(store: Store, path: str, sha256: str) -> SentFile:
    lies, name = originals_of(store).path(sha256), PurePosixPath(path).name
    kind = kind_by_name(name)
    if is_clutter(name):
        return SentFile(path, sha256, SentKind.LEFT_OUT, "other_file")
    if name == CAR_FILE or kind == "text":
        _check_bytes(lies)
        return SentFile(path, sha256, SentKind.BESIDE)
    if kind == "photo" or (kind == OTHER and _begins_as_photo(lies)):
        open_photo(lies, target_side=LOOK_SIDE)
        return SentFile(path, sha256, SentKind.PHOTO)
    if kind == "list":
        try:
            read_stock_list(lies)
        except LabelError as error:
            why = "register_list" if isinstance(error, RegisterNotStock) else "list"
            return SentFile(path, sha256, SentKind.LEFT_OUT, why)
        return SentFile(path, sha256, SentKind.LIST)
    return SentFile(path, sha256, SentKind.LEFT_OUT, kind)


def _check_bytes(path: Path) -> None:
    if path.stat().st_size > 1_000_000:
        raise PhotoTooLarge("a text of more than 1 MB is no note on a car; leave it out")


def _begins_as_photo(path: Path) -> bool:
    with path.open("rb") as file:
        return kind_of(file.read(HEAD)) is not None


def _archive(store: Store, path: str, file: IO[bytes]) -> SentFile:
    """An archive whose members are kept or refused one by one; it is read beside, and is not kept."""
    with originals_of(store).aside(file, ZIP) as (named, sha256):
        try:
            return SentFile(path, sha256, SentKind.ARCHIVE, members=tuple(_members(store, named)))
        except OSError:
            return SentFile(path, sha256, SentKind.REFUSED, "bad_archive")


def _members(store: Store, archive: Path) -> Iterator[SentFile]:
    opened = open_archive(archive)
    for name, info in opened.members.items():
        if any(map(is_clutter, PurePosixPath(name).parts)):
            continue
        if is_zip(Path(name)):
            yield SentFile(name, "", SentKind.LEFT_OUT, "nested_archive")
        elif info.file_size > MAX_BYTES:
            yield SentFile(name, "", SentKind.REFUSED, PhotoTooLarge.__name__)
        else:
            yield _member(store, name, archive / name)
    for name, code in opened.refused.items():
        yield SentFile(name, "", SentKind.LEFT_OUT, code)


def _member(store: Store, inside: str, lies: Path) -> SentFile:
    try:
        sha256 = originals_of(store).add(io.BytesIO(read_file(lies)))
    except OSError:
        return SentFile(inside, "", SentKind.REFUSED, "PhotoTruncated")
    return _looked_over(store, inside, sha256)
