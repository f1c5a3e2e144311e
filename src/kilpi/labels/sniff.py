"""Which format a label file is in, by what is in it and not by what it is called."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from enum import StrEnum
from pathlib import Path

from kilpi.errors import LabelError
from kilpi.labels.tensorflow import is_csv
from kilpi.labels.tfrecord import is_tfrecord

MAX_BYTES = 2_000_000_000  # of one label file; a TFRecord file with its pictures may be large
EXPORT_HINT = "export Dlib XML, Pascal VOC, COCO or YOLO from the labelling tool"
HEAD = 8192  # bytes that are looked at
YOLO_LINE = re.compile(rb"\s*\d+(\s+-?\d*\.?\d+([eE][+-]?\d+)?){4,}\s*")
PTS = re.compile(rb"\s*version:\s*\d+\s+n_points:")
ROOT = re.compile(r"<(?![?!])([\w.-]+)")
# Nimn 1.x, as bundled with ImgLab: a project begins with "start of list" or is "empty", and has a boundary
# after every photo's name (characters 187, 178 and 188).
NIMN = re.compile("(»[^»]*¼|²$)")


class Format(StrEnum):
    """The formats that are read."""

    KILPI = "Kilpi labels (JSON lines)"
    DLIB = "dlib XML"
    PTS = "dlib pts"
    VOC = "Pascal VOC"
    COCO = "COCO"
    YOLO = "YOLO"
    CSV = "TensorFlow CSV"
    TFRECORD = "TFRecord"
    ZIP = "zip archive"


def sniff(data: bytes, name: str) -> Format | None:
    """The format of a file; None where it is nothing known.

    Raises LabelError where it is known not to be readable, saying what to do instead.
    """
    head = data[:HEAD]
    if not head.strip():
        raise LabelError(f"{name}: the file is empty")
    if head.startswith(b"PK\x03\x04"):
        return Format.ZIP
    if is_tfrecord(data):
        return Format.TFRECORD
    text = head_text(head)
    start = text.lstrip()[:1]
    if start == "<":
        return sniff_xml(text, name)
    if start == "{":
        return sniff_json(data, name)
    if PTS.match(head):
        return Format.PTS
    if is_csv(data):
        return Format.CSV
    if YOLO_LINE.fullmatch(data.split(b"\n", 1)[0]):
        return Format.YOLO
    if NIMN.match(text):
        raise LabelError(
            f"{name}: is an ImgLab project (.nimn), which loses attributes and polygons when it is saved;"
            " open it in ImgLab and export it as Dlib XML"
        )
    return None


def head_text(head: bytes) -> str:
    """The beginning as text, in whatever encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "ignore")
    try:
        return head.decode("utf-8-sig", "ignore" if len(head) == HEAD else "strict")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def sniff_xml(text: str, name: str) -> Format:
    """By the root element."""
    found = ROOT.search(text)
    root = found.group(1) if found else ""
    if root == "dataset":
        return Format.DLIB
    if root == "annotation":
        return Format.VOC
    raise LabelError(f"{name}: is XML, but <{root}> is neither dlib's <dataset> nor VOC's <annotation>")


def sniff_json(data: bytes, name: str) -> Format:
    """By the keys of the object, or of the first line."""
    first = data.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0]
    for piece in (first, data):
        try:
            value = json.loads(piece.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            continue
        if {"images", "annotations"} <= value.keys():
            return Format.COCO
        if value.keys() & {"image", "photo", "path"} and "plates" in value:
            return Format.KILPI
        if "faces" in value or "face" in value:
            raise LabelError(
                f"{name}: is a Face++ file (.fpp): landmarks of faces, no plates;"
                " open it in ImgLab beside its photo and export it as Dlib XML"
            )
        raise LabelError(f"{name}: is JSON, but neither COCO (images, annotations) nor labels (plates)")
    raise LabelError(f"{name}: begins like JSON, but is damaged or cut off")


def read_bytes(path: Path) -> bytes:
    """A label file's bytes, unpacked where it is gzip. Raises LabelError naming the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LabelError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB; split it")
        data = path.read_bytes()
        if not data.startswith(b"\x1f\x8b"):
            return data
        with gzip.open(io.BytesIO(data)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise LabelError(f"{path}: no such file or folder") from None
    except (OSError, EOFError, zlib.error) as error:
        raise LabelError(f"{path}: cannot be read ({error})") from None
    if len(unpacked) > MAX_BYTES:
        raise LabelError(f"{path}: unpacks to more than {MAX_BYTES // 1_000_000} MB; split it")
    return unpacked


def is_yolo_folder(folder: Path) -> bool:
    """True for a folder with data.yaml, or with label text files in a folder called labels."""
    if any(folder.glob("data.y*ml")):
        return True
    texts = (p for p in folder.rglob("*.txt") if "labels" in p.relative_to(folder).parts)
    return next(texts, None) is not None
