"""The files of labels that answers became: who may change them, and what erasing takes out of them.

They lie in labels/ beside the originals, and what trainings on them keep in retrain/: both show cars.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kilpi.errors import StoreError, UsageError
from kilpi.files import UNFINISHED, locked_folder, write_whole
from kilpi.labels.record import LabelledPhoto, write_labels
from kilpi.store import Store
from kilpi.store.engines import make_private_folder
from kilpi.store.tables import photos

FOLDER = "labels"  # beside originals/
REPORTS = "retrain"  # of trainings on these labels, a folder each
SETS = "sets"  # below it: parts of test.jsonl, as a retraining measured on them
SHA256 = re.compile(rb"[0-9a-f]{64}")  # in a line of a label file: a photo


def labels_folder(store: Store) -> Path:
    """Where the labels of a store's cases are. Raises UsageError for a store without a folder."""
    if store.originals is None:
        raise UsageError("labels: these cases have no folder of their own to keep labels in")
    return store.originals.folder.parent / FOLDER


@contextmanager
def labels_held(folder: Path) -> Iterator[None]:
    """Only one at a time changes what lies in a folder of labels, or copies from one of its files into
    another: else what is erased meanwhile would come back. Not within itself. Raises StoreError.
    """
    try:
        make_private_folder(folder)
        with locked_folder(folder):
            yield
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; see its room and its rights") from None


def no_more(store: Store, records: Sequence[LabelledPhoto]) -> set[str]:
    """The photos (sha256) of these that no case has: they were erased since the records were made. To be
    asked once these are written, for what is erased later finds them there.
    """
    asked = sorted({record.photo for record in records if record.photo})

    def known(part: Sequence[str]) -> set[str]:
        query = sa.select(photos.c.sha256).where(photos.c.sha256.in_(part))
        return {row["sha256"] for row in store.read(lambda tx: tx.rows(query))}

    return set(asked).difference(*(known(asked[n : n + 500]) for n in range(0, len(asked), 500)))


def write_private(path: Path, records: Sequence[LabelledPhoto]) -> None:
    """A label file that only its owner may read; it holds marks."""
    write_labels(path, records)
    path.chmod(0o600)


def forget(store: Store, gone: Collection[str]) -> int:
    """Takes photos (sha256) out of the label files, and removes what trainings keep that shows them; how many
    lines went. A photo that another case has comes back with that case's answer, when the labels are written
    next. Raises StoreError.
    """
    if store.originals is None or not gone:
        return 0
    folder, removed = labels_folder(store), 0
    erased = frozenset(photo.encode() for photo in gone)
    if folder.is_dir():
        with labels_held(folder):
            files = [path for path in sorted(folder.rglob("*.jsonl")) if path.is_file()]
            if any(names_one(path.read_bytes(), erased) for path in files):
                remove_cut_plates(folder.parent)
            removed = sum(forget_in(path, erased) for path in files)
    forget_reports(folder.parent, gone)
    return removed


def names_one(text: bytes, erased: frozenset[bytes]) -> bool:
    """Whether a line, or a file, holds the sha256 of one of these photos."""
    return not erased.isdisjoint(SHA256.findall(text))


def forget_in(path: Path, erased: frozenset[bytes]) -> int:
    """Takes the lines that name a photo out of one label file; how many. No line is understood for that: one
    that is none must not keep the others from being erased. What a killed writer left goes as a whole.
    """
    if path.name.startswith(".") and UNFINISHED in path.name:
        path.unlink()
        return 0
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not names_one(line, erased)]
    if len(kept) < len(lines):
        write_whole(path, b"".join(kept), private=True)
    return len(lines) - len(kept)


def remove_cut_plates(data: Path) -> None:
    """Removes the plates that were cut out of composed cars, and what was read on them: plates of the photos
    that these are composed of may be among them. A retraining that is broken off makes them anew.
    """
    for pattern in ("*.crops", "*.jsonl"):
        for file in data.glob(f"{REPORTS}/*/verifier/{pattern}"):
            file.unlink(missing_ok=True)


def forget_reports(data: Path, gone: Collection[str]) -> None:
    """Removes the reports of retrainings that show one of these photos, and those that do not say."""
    for page in data.glob(f"{REPORTS}/*/report.html"):
        said = page.with_name("photos.json")
        try:
            shows = not frozenset(gone).isdisjoint(json.loads(said.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            shows = True
        if shows:
            page.unlink(missing_ok=True)
            said.unlink(missing_ok=True)
