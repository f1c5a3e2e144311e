"""`kilpi labels export`: records as other tools want them, and a word on what their format cannot hold."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kilpi.errors import LabelError, UsageError
from kilpi.files import write_whole
from kilpi.labels import coco, dlib, pts, tensorflow, voc, yolo
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto
from kilpi.text import counted

Files = Mapping[str, bytes | Path]  # name below the output -> content, or the file to copy

# What `--to` takes, and what each format cannot hold.
CANNOT_HOLD: dict[str, tuple[str, ...]] = {
    "dlib-xml": dlib.CANNOT_HOLD,
    "dlib-pts": pts.CANNOT_HOLD,
    "voc": voc.CANNOT_HOLD,
    "coco": coco.CANNOT_HOLD,
    "yolo": yolo.CANNOT_HOLD,
    "tensorflow": tensorflow.CANNOT_HOLD_CSV,
}


@dataclass(frozen=True)
class Exported:
    """What was written, and what is not in it."""

    output: Path
    files: int
    photos: int
    plates: int
    cannot_hold: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it for a person."""
        lost = [f"  {line}" for line in self.cannot_hold]
        counts = [counted(self.files, "file"), counted(self.photos, "photo"), counted(self.plates, "plate")]
        wrote = f"wrote {self.output}: {', '.join(counts)}"
        return "\n".join([wrote, "not in it, because the format cannot hold it:", *lost])


def export_labels(records: Sequence[LabelledPhoto], to: str, output: Path, pictures: Pictures) -> Exported:
    """Write records as `to` (a key of CANNOT_HOLD): dlib-xml, coco, tensorflow make one file.

    `tensorflow` writes a CSV, or a TFRecord file where `output` ends in .tfrecord or .record. YOLO and
    TFRecord need the pictures. Raises UsageError for an unknown format or an output that is in the way,
    LabelError or PhotoError naming the photo that cannot be written; then nothing is left behind.
    """
    lost = CANNOT_HOLD.get(to)
    if lost is None:
        raise UsageError(f"--to {to}: is none of {', '.join(CANNOT_HOLD)}")
    if to == "tensorflow" and is_tfrecord_name(output):
        lost = tensorflow.CANNOT_HOLD_TFRECORD
    made = make(records, to, output, pictures)
    if isinstance(made, bytes):
        write_file(output, made)
    else:
        write_folder(output, made)
    plates = [n for n in held(records, to, output) if n is not None]
    return Exported(output, 1 if isinstance(made, bytes) else len(made), len(plates), sum(plates), lost)


def held(records: Sequence[LabelledPhoto], to: str, output: Path) -> list[int | None]:
    """Of each photo, how many of its plates the format holds; None where it holds nothing of the photo."""
    if to == "dlib-pts":
        return [sum(plate.quad is not None for plate in record.plates) or None for record in records]
    if to == "tensorflow" and not is_tfrecord_name(output):
        return [len(record.plates) or None for record in records]
    return [len(record.plates) for record in records]


def is_tfrecord_name(output: Path) -> bool:
    """True where the name asks for a TFRecord file."""
    return output.suffix in {".tfrecord", ".record"}


def make(records: Sequence[LabelledPhoto], to: str, output: Path, pictures: Pictures) -> bytes | Files:
    """The content of the one file, or of the folder."""
    if to == "dlib-xml":
        return dlib.write_dlib(records)
    if to == "dlib-pts":
        return pts.write_pts(records)
    if to == "voc":
        return voc.write_voc(records)
    if to == "coco":
        return coco.write_coco(records)
    if to == "yolo":
        return yolo.write_yolo(records, pictures)
    if is_tfrecord_name(output):
        return tensorflow.write_tfrecord(records, pictures)
    return tensorflow.write_csv(records)


def write_file(output: Path, content: bytes) -> None:
    """One file, whole or not at all."""
    if output.is_dir():
        raise UsageError(f"{output}: is a folder; this format is one file, so name one")
    try:
        write_whole(output, content)
    except OSError as error:
        raise LabelError(f"{output}: cannot be written ({error.strerror})") from None


def write_folder(output: Path, files: Files) -> None:
    """A new folder of files. An old one is never written into: labels of two exports would be mixed."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"{output}: is there already; name a new folder")
    try:
        for name, content in files.items():
            target = output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, target)
            else:
                target.write_bytes(content)
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabelError(f"{output}: cannot be written ({error.strerror})") from None
