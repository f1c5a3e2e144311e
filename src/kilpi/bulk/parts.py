"""Rows in files: a folder of Parquet parts, each written whole, and which photos they hold already."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from kilpi.adverts.folders import ADVERT, INDEX, REVIEW_PAGE
from kilpi.adverts.public_advert import LISTING
from kilpi.bulk.batch import Row, row_key
from kilpi.bulk.sources import filesystem, is_remote
from kilpi.errors import MissingExtra, OutputError, UsageError
from kilpi.files import photos_in, written_whole
from kilpi.photos.walk import DECISION
from kilpi.store.engines import make_private_folder
from kilpi.store.ids import uuid7
from kilpi.store.store import FILE, ORIGINALS
from kilpi.text import shown

try:
    import pyarrow as pa
    import pyarrow.fs as fs
    import pyarrow.parquet as pq
except ImportError:
    raise MissingExtra("kilpi bulk needs an optional part: pip install 'kilpi[bulk]'") from None

ROWS = 1000  # of a part
SECONDS = 30.0  # a part is written after this long even if it is small, so that a kill costs no more
NETWORKS = b"kilpi.networks"  # the part's metadata: a digest of what read its photos
PLATE = pa.struct(
    [
        ("text", pa.string()),  # the best candidate as it is spelt, else what was read
        ("country", pa.string()),
        ("score", pa.float32()),  # of the detector
        ("quad", pa.list_(pa.float32(), 8)),  # x, y of four corners, from the plate's own top left, clockwise
    ]
)
SCHEMA = pa.schema(
    [
        ("photo", pa.string()),
        ("sha256", pa.string()),  # of the file's bytes; "": it could not be read
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("plates", pa.list_(PLATE)),
        ("verdict", pa.string()),  # accepted, review, no_plate
        ("mark", pa.string()),
        ("country", pa.string()),
        ("p", pa.float64()),
        ("reasons", pa.list_(pa.string())),
        ("decode_ms", pa.float32()),
        ("find_ms", pa.float32()),
        ("read_ms", pa.float32()),
        ("decide_ms", pa.float32()),
        ("note", pa.string()),
        ("error", pa.string()),  # the kind, as in docs; null: none
        ("message", pa.string()),
    ]
)


OTHERS = frozenset({FILE, ORIGINALS, ADVERT, REVIEW_PAGE, INDEX, LISTING, DECISION})


def refuse_others(folder: Path) -> None:
    """Rows hold marks: they do not go where adverts, cases or photos lie. So does a site that `kilpi serve`
    publishes to, a folder a car, which anybody reads. Raises UsageError.
    """
    if not folder.is_dir():
        return
    for place in (folder, *(path for path in folder.iterdir() if path.is_dir())):
        names = {path.name for path in place.iterdir()}
        what = "adverts or cases" if names & OTHERS else "photos" if photos_in(place) else ""
        if what:
            raise UsageError(f"{shown(str(folder))}: holds {what}; the last folder named is for the rows")


@dataclass
class Parts:
    """The folder of the parts, here or at a remote address. Rows that are added are kept until `close`."""

    place: str
    networks: str  # a digest: rows of other networks are not mixed with these
    waiting: list[Row] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if not is_remote(self.place):
            refuse_others(Path(self.place))
            try:
                make_private_folder(Path(self.place))
            except OSError as error:
                raise OutputError(f"{self.place}: {error.strerror}; choose another folder") from None
            self.system, self.folder = fs.LocalFileSystem(), self.place
        else:
            self.system, self.folder = filesystem(self.place)
            if isinstance(self.system, fs.LocalFileSystem):
                refuse_others(Path(self.folder))
            self.system.create_dir(self.folder, recursive=True)

    def done(self) -> set[bytes]:
        """The keys of all rows that are here. Raises UsageError where other networks read them."""
        keys: set[bytes] = set()
        for path in self.paths():
            try:
                file = pq.ParquetFile(self.system.open_input_file(path))
            except (pa.ArrowInvalid, OSError) as error:
                raise UsageError(
                    f"{path}: no part that can be read ({type(error).__name__}); remove it"
                ) from None
            if (file.schema_arrow.metadata or {}).get(NETWORKS) != self.networks.encode():
                raise UsageError(
                    f"{self.place}: holds rows of other networks or settings; choose another folder"
                )
            for batch in file.iter_batches(columns=["photo", "sha256"]):
                names, hashes = (batch.column(n).to_pylist() for n in ("photo", "sha256"))
                keys.update(map(row_key, names, hashes))
        return keys

    def paths(self) -> list[str]:
        """All parts, the oldest first."""
        found = self.system.get_file_info(fs.FileSelector(self.folder, allow_not_found=True))
        names = sorted(one.path for one in found if Path(one.path).name.startswith("part-"))
        return [name for name in names if name.endswith(".parquet")]

    def add(self, rows: Sequence[Row]) -> None:
        """Keeps rows; a part is written when there are enough, or the first has waited long."""
        if not self.waiting:
            self.since = time.monotonic()
        self.waiting += rows
        while len(self.waiting) >= ROWS:
            self._write(self.waiting[:ROWS])
            del self.waiting[:ROWS]
        if self.waiting and time.monotonic() - self.since > SECONDS:
            self.close()

    def close(self) -> None:
        """Writes what waits."""
        if self.waiting:
            self._write(self.waiting)
            self.waiting.clear()

    def _write(self, rows: Sequence[Row]) -> None:
        table = pa.Table.from_pylist(list(rows), SCHEMA.with_metadata({NETWORKS: self.networks.encode()}))
        name = f"part-{uuid7()}.parquet"
        try:
            with self._opened(name) as out:
                pq.write_table(table, out, compression="zstd")
        except OSError as error:
            raise OutputError(
                f"{self.place}: {error.strerror or type(error).__name__}; what was written stands, run again"
            ) from None

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes] | Any]:
        """A file that has its name only when it is whole."""
        if not is_remote(self.place):
            with written_whole(Path(self.place) / name) as beside:
                beside.touch(0o600)
                with beside.open("wb") as out:
                    yield out
            return
        beside_name = f"{self.folder}/_{name}"  # readers of Parquet folders leave out what begins with _
        with self.system.open_output_stream(beside_name) as out:
            yield out
        self.system.move(beside_name, f"{self.folder}/{name}")
