"""`kilpi labels import`: whatever was exported, as records, with a word on everything done to it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kilpi.errors import LabelError
from kilpi.files import is_photo
from kilpi.labels.classes import choose, settle
from kilpi.labels.coco import read_coco
from kilpi.labels.dlib import read_dlib
from kilpi.labels.draft import Draft, DraftPhoto, Source
from kilpi.labels.junk import files_below, is_junk
from kilpi.labels.locate import NAMED, Pictures
from kilpi.labels.pts import read_pts
from kilpi.labels.record import LabelledPhoto, format_line, iterate_labels, parse_line
from kilpi.labels.sniff import EXPORT_HINT, Format, read_bytes, sniff
from kilpi.labels.tensorflow import read_csv, read_tfrecord
from kilpi.labels.tying import Tying
from kilpi.labels.unpack import unpack
from kilpi.labels.voc import read_voc
from kilpi.labels.yolo_classes import is_class_list
from kilpi.labels.yolo_folder import is_yolo_folder, read_yolo, read_yolo_file

UNFORESEEN = "could not be read, for a reason that nobody foresaw"
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
        empty = sum(not record.plates for record in self.records)
        lines += [f"{empty} of the photos have no plate, and teach that there is none"] if empty else []
        lines += block("repaired or left out", self.notes)
        lines += block("picture not found", self.missing)
        lines += block("refused", [str(error) for error in self.refused])
        return "\n".join(lines)


def block(title: str, items: Sequence[str]) -> list[str]:
    """A title with a count, and the first items."""
    more = [f"  ... and {len(items) - SHOWN} more"] if len(items) > SHOWN else []
    return [f"{title}: {len(items)}", *(f"  {item}" for item in items[:SHOWN]), *more] if items else []


def import_labels(
    paths: Sequence[Path], output: Path, images: Sequence[Path] = (), classes: Sequence[str] = ()
) -> Imported:
    """Read label files, folders and zips of any known format into records for the label file `output`.

    Pictures are looked for beside each label file, in `images`, below `paths` and beside `output`; pictures
    inside a zip or a TFRecord file are written to a folder beside `output`, named by sha256. Nothing else is
    written. `classes`: those that are plates, where that is not clear. A file or photo that cannot be
    understood is in `refused`; the others go on. Raises UsageError where nothing is of one of `classes`.
    """
    beside = [path if path.is_dir() else path.parent for path in paths]
    pictures = Pictures([*images, *beside, output.parent])
    job = Importer(output, tuple(images), pictures)
    for path in paths:
        job.add_path(path)
    return job.finish(classes)


class Importer:
    """One import under way."""

    def __init__(self, output: Path, images: tuple[Path, ...], pictures: Pictures) -> None:
        self.output, self.images, self.pictures = output, images, pictures
        self.tying = Tying(output, images)
        self.total = Draft()
        self.formats: Counter[str] = Counter()

    def add_path(self, path: Path) -> None:
        """A file, a folder or an archive."""
        if path.is_dir():
            self.add_folder(path, str(path), self.pictures, False, path)
        else:
            self.add_file(path, str(path), self.pictures, keep=False)

    def add_folder(self, folder: Path, name: str, pictures: Pictures, keep: bool, top: Path) -> None:
        """YOLO data sets and label files at or below. Files that are no labels are noted."""
        if is_yolo_folder(folder):
            self.add_yolo(folder, name, pictures, keep, top)
            return
        for path in sorted(folder.iterdir()):
            inside = f"{name}/{path.name}"
            if is_junk(path, folder) or is_photo(path):
                continue
            if path.is_dir() and not path.is_symlink():
                self.add_folder(path, inside, pictures, keep, top)
            elif path.is_file() and path.resolve() == self.output.resolve():
                self.total.note(f"{name}: {path.name} is what is being written; not read")
            elif path.is_file():
                self.add_file(path, inside, pictures, keep, listed=True)

    def add_yolo(self, folder: Path, name: str, pictures: Pictures, keep: bool, top: Path) -> None:
        """One YOLO data set; label files of other formats in it are noted."""
        self.formats[Format.YOLO] += 1
        others = 0
        for path in files_below(folder):
            if not is_photo(path) and path.suffix.lower() != ".txt" and not is_class_list(path):
                inside = f"{name}/{path.relative_to(folder).as_posix()}"
                if kind_of_file(path, inside) is not None and path.resolve() != self.output.resolve():
                    self.total.note(f"{inside}: lies in a YOLO data set; not read, import it by itself")
                    others += 1
        self.add_draft(read_yolo(folder, name, pictures, top, others), Pictures([folder]), folder, keep)

    def add_file(self, path: Path, name: str, pictures: Pictures, keep: bool, listed: bool = False) -> None:
        """One file, named by a person or `listed` in a folder. Whatever it raises is kept with the others."""
        try:
            self.add_known(path, name, pictures, keep, listed)
        except LabelError as error:
            self.total.refused.append(error)
        except Exception as error:  # one boundary a file: what nobody foresaw costs this file only
            self.total.refused.append(LabelError(f"{name}: {UNFORESEEN} ({type(error).__name__})"))

    def add_known(self, path: Path, name: str, pictures: Pictures, keep: bool, listed: bool) -> None:
        """`add_file`, but raising."""
        data = read_bytes(path)
        kind = sniff(data, name)
        if kind is None and (listed or is_class_list(path)):
            self.total.note(f"{name}: is no label file; left out")
            return
        if kind is None:
            raise LabelError(f"{name}: is no label file that is known; {EXPORT_HINT}")
        self.formats[kind] += kind is not Format.ZIP
        if kind is Format.ZIP:
            self.add_zip(path, name)
        elif kind is Format.KILPI:
            draft = Draft()
            draft.photos += [DraftPhoto(record) for record in iterate_labels(path, draft.refused)]
            self.add_draft(draft, pictures, path.parent, keep)
        else:
            draft = read_one(kind, Source(name, data, path.parent), pictures)
            self.add_draft(draft, pictures, path.parent, keep)

    def add_zip(self, path: Path, name: str) -> None:
        """An archive: unpacked to a temporary folder; its pictures are kept beside the output."""
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            unpack(path, folder)
            below = [p for p in folder.iterdir() if p.is_dir()]
            root = below[0] if len(below) == 1 and not any(p.is_file() for p in folder.iterdir()) else folder
            self.add_folder(root, name, Pictures([root, *self.pictures.folders]), True, root)

    def add_draft(self, draft: Draft, pictures: Pictures, folder: Path, keep: bool) -> None:
        """What a reader gave, with each photo tied to its picture file."""
        self.total.photos += self.tying.tie(draft, pictures, folder, keep)
        self.total.notes += [note for note in draft.notes if note not in self.total.notes]
        self.total.refused += draft.refused

    def finish(self, classes: Sequence[str] = ()) -> Imported:
        """One record a photo."""
        labels = [each.label for photo in self.total.photos for each in photo.drawn]
        photos = settle(self.total.photos, choose(labels, classes), self.total)
        records = tuple(self.merged(writable(photos, self.total)))
        missing = tuple(self.not_found(record) for record in records if record.photo is None)
        notes, refused = tuple(self.total.notes), tuple(self.total.refused)
        return Imported(records, notes, missing, refused, tuple(self.formats.items()))

    def not_found(self, record: LabelledPhoto) -> str:
        """What is said of a photo whose picture was not found, or not for sure."""
        alike = self.pictures.called(record.path or "")
        return (
            f"{record.name}: {alike} pictures are called so; its path must say which"
            if alike > 1
            else record.name
        )

    def merged(self, photos: Sequence[LabelledPhoto]) -> Iterator[LabelledPhoto]:
        """Equal labels of a picture once; pts files of one photo as one; others that differ: none."""
        groups: dict[str, list[LabelledPhoto]] = {}
        for photo in photos:
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
                names = named_some(dict.fromkeys(photo.name for photo in group))
                what = "one picture, labelled twice and not alike"
                if group[0].photo is None:
                    what = "labelled twice and not alike, and which pictures are meant is not known"
                self.total.refused.append(LabelError(f"{names}: {what}"))


def named_some(names: Collection[str]) -> str:
    """The first names, and how many more there are."""
    first, more = list(names)[:NAMED], max(0, len(names) - NAMED)
    return " and ".join([*first, *([f"{more} more"] if more else [])])


def writable(photos: Sequence[LabelledPhoto], total: Draft) -> list[LabelledPhoto]:
    """The photos that a label file can hold; the others are refused, each with its reason."""
    kept = []
    for photo in photos:
        try:
            parse_line(format_line(photo), ascii(photo.name))
        except LabelError as error:
            total.refused.append(error)
            continue
        kept.append(photo)
    return kept


def kind_of_file(path: Path, name: str) -> Format | None:
    """A file's format; None where it is no label file or cannot be read."""
    try:
        return sniff(read_bytes(path), name)
    except LabelError:
        return None


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
    if kind is Format.TFRECORD:
        return read_tfrecord(source)
    return read_yolo_file(source, pictures)
