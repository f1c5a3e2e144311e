"""A folder of YOLO labels: which text file belongs to which picture, and which classes its numbers mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from kilpi.errors import LabelError
from kilpi.files import photos_below, photos_in
from kilpi.labels.draft import Draft, DraftPhoto, Source
from kilpi.labels.junk import files_below, is_junk
from kilpi.labels.locate import Pictures, stem_of
from kilpi.labels.record import LabelledPhoto
from kilpi.labels.sniff import HEAD, is_yolo_line
from kilpi.labels.yolo import read_photo
from kilpi.labels.yolo_classes import Classes, classes_for, is_class_list, read_class_file, settings_in

EMPTY = 100  # bytes; a file without labels may hold line ends


def is_yolo_folder(folder: Path) -> bool:
    """True where the folder itself is a YOLO data set: it has a class list and labels below, or labels/ with
    text files, or text files of YOLO lines beside their pictures.
    """
    if any(not is_junk(path, folder) for path in (folder / "labels").rglob("*.txt")):
        return True
    if settings_in(folder) is not None or (folder / "obj.data").is_file():
        return any(is_label(path) for path in files_below(folder) if is_text(path))
    stems = {stem_of(path.name) for path in photos_in(folder)}
    return any(stem_of(path.name) in stems and is_label(path) for path in folder.glob("*.txt"))


def is_text(path: Path) -> bool:
    """By its ending."""
    return path.suffix.lower() == ".txt"


def is_label(path: Path) -> bool:
    """Whether a text file begins with a line of YOLO."""
    if path.name.startswith("."):
        return False
    with path.open("rb") as file:
        return is_yolo_line(file.read(HEAD))


@dataclass(frozen=True)
class Label:
    """One label file of a folder and the pictures that it may be of."""

    inside: str  # its path below the folder
    file: Path
    pictures: tuple[Path, ...]


def read_yolo(
    folder: Path, name: str, elsewhere: Pictures | None = None, top: Path | None = None, others: int = 0
) -> Draft:
    """A YOLO data set: labels/ beside images/, or labels beside their pictures, at any depth.

    `name` stands for the folder in messages; `elsewhere`: where pictures are looked for by name that are
    not in the folder; `top`: how far upwards a class list is looked for; `others`: label files of other
    formats that lie there too. Pictures without a label file have no plates where other pictures of their
    folder have one and no label file is left over; else they are refused.
    """
    draft = Draft()
    pictures = {path.relative_to(folder).as_posix(): path for path in photos_below(folder)}
    pictures = {inside: path for inside, path in pictures.items() if not is_junk(path, folder)}
    labels = list(find_labels(folder, name, pictures, elsewhere, draft))
    for where, group in by_class_list(labels, top or folder).items():
        try:
            classes = read_classes(where, name, top or folder)
        except LabelError as error:
            draft.refused.append(error)
            continue
        for label in group:
            read_one(label, name, folder, classes, draft)
    add_empty(pictures, labels, others, name, draft)
    return draft


def find_labels(
    folder: Path, name: str, pictures: dict[str, Path], elsewhere: Pictures | None, draft: Draft
) -> Iterator[Label]:
    """Every label file with its pictures; other text files are noted."""
    stems = defaultdict(list)
    for inside, path in pictures.items():
        stems[stem_of(inside)].append(path)
        stems[normalize("NFC", inside)].append(path)  # a.jpg.txt
    for file in files_below(folder):
        if not is_text(file):
            continue
        inside = file.relative_to(folder).as_posix()
        found = next((tuple(stems[stem]) for stem in stems_for(inside) if stem in stems), ())
        if not found and elsewhere is not None:
            found = elsewhere.by_stem.get(stem_of(file.name), ())
        empty = file.stat().st_size < EMPTY and not file.read_bytes().strip()
        if is_class_list(file) and not is_label(file) and not (empty and found):
            continue  # but labels of a photo called test.jpg are in test.txt
        if found or is_label(file):
            yield Label(inside, file, found)
        else:
            draft.note(f"{name}/{inside}: is no label file; left out")


def by_class_list(labels: Sequence[Label], top: Path) -> dict[Path | None, list[Label]]:
    """Labels by the class list that is nearest to them."""
    lists: dict[Path, Path | None] = {}
    groups: dict[Path | None, list[Label]] = {}
    for label in labels:
        parent = label.file.parent
        if parent not in lists:
            lists[parent] = classes_for(parent, top)
        groups.setdefault(lists[parent], []).append(label)
    return groups


def read_classes(path: Path | None, name: str, top: Path) -> Classes:
    """A class list, or no names where there is none."""
    if path is None:
        return Classes()
    inside = path.relative_to(top).as_posix() if path.is_relative_to(top) else path.name
    return read_class_file(path, f"{name}/{inside}")


def read_one(label: Label, name: str, folder: Path, classes: Classes, draft: Draft) -> None:
    """One label file into the draft, or a reason why not."""
    where = f"{name}/{label.inside}"
    if len(label.pictures) != 1:
        what = (
            "no picture beside it, so no size to count in"
            if not label.pictures
            else (f"{len(label.pictures)} pictures are called so, and which is meant is not known")
        )
        draft.refused.append(LabelError(f"{where}: {what}"))
        return
    picture = label.pictures[0]
    path = picture.relative_to(folder).as_posix() if picture.is_relative_to(folder) else str(picture)
    read_photo(Source(where, label.file.read_bytes()), path, picture, classes, draft)


def add_empty(
    pictures: dict[str, Path], labels: Sequence[Label], others: int, name: str, draft: Draft
) -> None:
    """Pictures that no label file is of: without plates, or refused where labels may have been lost."""
    labelled = {picture for label in labels for picture in label.pictures}
    folders = {picture.parent for picture in labelled}
    lost = sum(not label.pictures for label in labels)
    empty = {inside: path for inside, path in pictures.items() if path not in labelled}
    kept = [inside for inside, path in empty.items() if path.parent in folders and not lost and not others]
    why = "nor has any picture of its folder"
    if lost:
        why = f"{lost} label files have no picture; one of them may be its"
    elif others:
        why = f"{others} label files of another format lie beside; one of them may be its"
    for inside in sorted(empty.keys() - set(kept)):
        draft.refused.append(LabelError(f"{name}/{inside}: has no YOLO label file, and {why}"))
    draft.photos += [DraftPhoto(LabelledPhoto(path=inside), picture=pictures[inside]) for inside in kept]
    if kept:
        draft.note(f"{name}: {len(kept)} pictures have no label file: photos without plates")


def stems_for(inside: str) -> Iterator[str]:
    """Where a label file's picture may be, without ending: images/ in the place of labels/, or beside it."""
    parts = normalize("NFC", inside).removesuffix(PurePosixPath(inside).suffix).split("/")
    for i in reversed(range(len(parts) - 1)):
        if parts[i] == "labels":
            yield "/".join([*parts[:i], "images", *parts[i + 1 :]])
    yield "/".join(parts)


def read_yolo_file(source: Source, pictures: Pictures) -> Draft:
    """One label file by itself: its name must be that of a picture, beside it or the only one anywhere."""
    draft = Draft()
    stem = stem_of(PurePosixPath(source.name.replace("\\", "/")).name)
    found = pictures.by_stem.get(stem, ())
    found = tuple(path for path in found if path.parent == source.folder) or found
    if len(found) != 1:
        raise LabelError(
            f"{source.name}: YOLO holds neither the photo's name nor its size, and {len(found)} pictures are"
            f" called {stem}; name it as its photo (car.jpg: car.txt) and say where the photos are (--images)"
        )
    folder = source.folder
    classes = Classes() if folder is None else read_classes(settings_in(folder), str(folder), folder)
    read_photo(source, found[0].name, found[0], classes, draft)
    return draft
