"""`kilpi labels import`: whatever was exported, as records, with a word on everything done to it."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kilpi.errors import LabelError, PhotoError
from kilpi.images import SUFFIXES
from kilpi.labels.coco import read_coco
from kilpi.labels.dlib import read_dlib
from kilpi.labels.draft import Draft, Source
from kilpi.labels.locate import Pictures, picture_size, sha256_of
from kilpi.labels.pts import read_pts
from kilpi.labels.record import LabelledPhoto, read_labels
from kilpi.labels.sniff import EXPORT_HINT, Format, is_yolo_folder, read_bytes, sniff
from kilpi.labels.tensorflow import Encoded, read_csv, read_tfrecord
from kilpi.labels.unpack import unpack
from kilpi.labels.voc import read_voc
from kilpi.labels.yolo import read_yolo, read_yolo_file

SHOWN = 20  # notes, missing pictures and refusals that are printed of each


@dataclass(frozen=True)
class Imported:
    """What came in. `refused` holds a reason for everything that did not."""

    records: tuple[LabelledPhoto, ...]
    notes: tuple[str, ...]  # what was repaired or left out, and where
    missing: tuple[str, ...]  # photos whose picture file was not found; their records are kept
    refused: tuple[LabelError, ...]
    formats: tuple[tuple[str, int], ...]  # (format, files)

    @property
    def text(self) -> str:
        """All of it for a person."""
        plates = [plate for record in self.records for plate in record.plates]
        corners = sum(plate.quad is not None for plate in plates)
        marks = sum(plate.mark is not None for plate in plates)
        read = ", ".join(f"{count} x {name}" for name, count in self.formats) or "no label file"
        lines = [
            f"read {read}",
            f"{len(self.records)} photos, {len(plates)} plates: {corners} with corners, {marks} with a mark",
        ]
        lines += block("repaired or left out", self.notes)
        lines += block("picture not found", self.missing)
        lines += block("refused", [str(error) for error in self.refused])
        return "\n".join(lines)


def block(title: str, items: Sequence[str]) -> list[str]:
    """A title with a count, and the first items."""
    more = [f"  ... and {len(items) - SHOWN} more"] if len(items) > SHOWN else []
    return [f"{title}: {len(items)}", *(f"  {item}" for item in items[:SHOWN]), *more] if items else []


def import_labels(paths: Sequence[Path], output: Path, images: Sequence[Path] = ()) -> Imported:
    """Read label files, folders and zips of any known format into records for the label file `output`.

    Pictures are looked for in `images`, beside the label files and beside `output`; pictures inside a zip
    or a TFRecord file are written to a folder beside `output`, named by sha256. Nothing else is written.
    A file or photo that cannot be understood is in `refused`; the others go on.
    """
    beside = [path if path.is_dir() else path.parent for path in paths]
    pictures = Pictures([*images, *beside, output.parent])
    job = Importer(output, tuple(images), pictures)
    for path in paths:
        job.add_path(path)
    return job.finish()


class Importer:
    """One import under way."""

    def __init__(self, output: Path, images: tuple[Path, ...], pictures: Pictures) -> None:
        self.output, self.images, self.pictures = output, images, pictures
        self.total = Draft()
        self.missing: list[str] = []
        self.formats: Counter[str] = Counter()

    def add_path(self, path: Path) -> None:
        """A file, a folder or an archive."""
        if path.is_dir():
            self.add_folder(path, str(path), self.pictures, keep=False)
        else:
            self.add_file(path, str(path), self.pictures, keep=False)

    def add_folder(self, folder: Path, name: str, pictures: Pictures, keep: bool) -> None:
        """A YOLO data set, or every label file at or below. Files that are no labels are noted."""
        if is_yolo_folder(folder):
            self.formats[Format.YOLO] += 1
            self.add_draft(read_yolo(folder, name), Pictures([folder]), keep)
            return
        for file in label_files(folder):
            if file.resolve() == self.output.resolve():
                self.total.note(f"{name}: {file.name} is what is being written; not read")
                continue
            inside = f"{name}/{file.relative_to(folder).as_posix()}"
            self.add_file(file, inside, pictures, keep, listed=True)

    def add_file(self, path: Path, name: str, pictures: Pictures, keep: bool, listed: bool = False) -> None:
        """One file, named by a person or `listed` in a folder. Its LabelError is kept with the others."""
        try:
            data = read_bytes(path)
            kind = sniff(data, name)
            if kind is None and listed:
                self.total.note(f"{name}: is no label file; left out")
                return
            if kind is None:
                raise LabelError(f"{name}: is no label file that is known; {EXPORT_HINT}")
            self.formats[kind] += kind is not Format.ZIP
            if kind is Format.ZIP:
                self.add_zip(path, name)
            elif kind is Format.TFRECORD:
                draft, encoded = read_tfrecord(Source(name, data))
                self.add_draft(draft, pictures, keep, {each.path: each for each in encoded})
            elif kind is Format.KILPI:
                self.add_draft(Draft(photos=read_labels(path)), pictures, keep)
            else:
                self.add_draft(read_one(kind, Source(name, data), pictures), pictures, keep)
        except LabelError as error:
            self.total.refused.append(error)

    def add_zip(self, path: Path, name: str) -> None:
        """An archive: unpacked to a temporary folder; its pictures are kept beside the output."""
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            unpack(path, folder)
            below = [p for p in folder.iterdir() if p.is_dir()]
            root = below[0] if len(below) == 1 and not any(p.is_file() for p in folder.iterdir()) else folder
            self.add_folder(root, name, Pictures([root, *self.pictures.folders]), keep=True)

    def add_draft(
        self, draft: Draft, pictures: Pictures, keep: bool, encoded: dict[str, Encoded] | None = None
    ) -> None:
        """What a reader gave, with each photo tied to its picture file."""
        self.total.notes += [note for note in draft.notes if note not in self.total.notes]
        self.total.refused += draft.refused
        for photo in draft.photos:
            inside = (encoded or {}).get(photo.path or "")
            found = self.keep(inside.data, inside.suffix) if inside else pictures.find(photo)
            if found is None:
                self.missing.append(photo.name)
                self.total.photos.append(photo)
                continue
            try:
                self.total.photos.append(self.tie(photo, found, keep))
            except (LabelError, PhotoError) as error:
                self.total.refused.append(LabelError(str(error)))

    def tie(self, photo: LabelledPhoto, found: Path, keep: bool) -> LabelledPhoto:
        """The record with sha256, size and path of its picture. LabelError where the sizes do not agree."""
        width, height = picture_size(found)
        if (photo.width or width, photo.height or height) != (width, height):
            raise LabelError(
                f"{photo.name}: was labelled at {photo.width} x {photo.height} pixels, but the picture has"
                f" {width} x {height}; give the pictures that were labelled"
            )
        identity = sha256_of(found)
        if photo.photo not in {None, identity}:
            raise LabelError(f"{photo.name}: the picture of this path has another sha256 than the label")
        if keep:
            found = self.keep(found.read_bytes(), found.suffix.lower())
        return replace(photo, photo=identity, width=width, height=height, path=self.path_of(found))

    def keep(self, data: bytes, suffix: str) -> Path:
        """Write a picture beside the output, named by its sha256."""
        folder = self.output.parent / f"{self.output.stem}-pictures"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (hashlib.sha256(data).hexdigest() + suffix)
        if not path.exists():
            path.write_bytes(data)
        return path

    def path_of(self, found: Path) -> str:
        """Relative to the label file's folder or to a folder of pictures; else absolute."""
        real = found.resolve()
        for folder in (self.output.parent, *self.images):
            if real.is_relative_to(folder.resolve()):
                return real.relative_to(folder.resolve()).as_posix()
        return real.as_posix()

    def finish(self) -> Imported:
        """One record a photo."""
        records = tuple(self.merged())
        notes, refused = tuple(self.total.notes), tuple(self.total.refused)
        return Imported(records, notes, tuple(self.missing), refused, tuple(self.formats.items()))

    def merged(self) -> Iterator[LabelledPhoto]:
        """Equal labels of a picture once; pts files of one photo as one; others that differ: none."""
        groups: dict[str, list[LabelledPhoto]] = {}
        for photo in self.total.photos:
            group = groups.setdefault(photo.photo or photo.name, [])
            if photo not in group:
                group.append(photo)
        for group in groups.values():
            alike = len({replace(photo, plates=(), path=None) for photo in group}) == 1
            if len({replace(photo, path=None) for photo in group}) == 1:
                for other in group[1:]:
                    self.total.note(f"{other.name}: is the same picture as {group[0].name}; left out")
                yield group[0]
            elif alike and set(self.formats) == {Format.PTS}:
                yield replace(group[0], plates=tuple(plate for photo in group for plate in photo.plates))
            else:
                names = " and ".join(dict.fromkeys(photo.name for photo in group))
                self.total.refused.append(LabelError(f"{names}: one picture, labelled twice and not alike"))


def label_files(folder: Path) -> Iterable[Path]:
    """Files at or below a folder that are neither pictures nor hidden."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return [p for p in files if p.suffix.lower() not in SUFFIXES and not p.name.startswith(".")]


def read_one(kind: Format, source: Source, pictures: Pictures) -> Draft:
    """A file of one of the formats that need no more than its bytes and a look at the pictures."""
    if kind is Format.DLIB:
        return read_dlib(source)
    if kind is Format.VOC:
        return read_voc(source, pictures)
    if kind is Format.COCO:
        return read_coco(source)
    if kind is Format.PTS:
        return read_pts(source)
    if kind is Format.CSV:
        return read_csv(source)
    return read_yolo_file(source, pictures)
