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
MAX_TEXT = 50_000_000  # bytes of text: parsed JSON and XML take about ten times their size in memory
EXPORT_HINT = "export Dlib XML, Pascal VOC, COCO or YOLO from the labelling tool"
HEAD = 8192  # bytes that are looked at
# A number can be matched in one way only: with two, a line of many takes for ever to be refused.
YOLO_LINE = re.compile(rb"\d{1,6}(\.0*)?([ \t]+[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?){4,}\s*")
PTS = re.compile(rb"\s*version:\s*\d+\s+n_points:")
ROOT = re.compile(r"<(?![?!])([\w.-]+)")
# Nimn 1.x, as bundled with ImgLab: a project begins with "start of list" or is "empty", and has a boundary
# after every photo's name (characters 187, 178 and 188).
NIMN = re.compile("(»[^»]*¼|²$)")


# Keys of JSON files that are no labels of ours -> what they are.
OTHER_JSON = {
    "_via_img_metadata": "a VIA project",
    "shapes": "a LabelMe file",
    "imagePath": "a LabelMe file",
    "items": "a Datumaro file",
}


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
    return sniff_text(data, head_text(head), name)


def sniff_text(data: bytes, text: str, name: str) -> Format | None:
    """`sniff` of a file that begins with that text."""
    start = text.lstrip()[:1]
    if start == "<":
        return sniff_xml(text, name)
    if start == "{":
        return sniff_json(data, name)
    if PTS.match(data[:HEAD]):
        return Format.PTS
    if is_csv(data):
        return Format.CSV
    if is_yolo_line(data[:HEAD]):
        return Format.YOLO
    if start == "[":
        raise LabelError(f"{name}: is a JSON list, as Label Studio and others write; export COCO instead")
    if NIMN.match(text):
        raise LabelError(
            f"{name}: is an ImgLab project (.nimn), which loses attributes and polygons when it is saved;"
            " open it in ImgLab and export it as Dlib XML"
        )
    return None


def is_yolo_line(head: bytes) -> bool:
    """Whether a file begins with a line of YOLO; that line may be cut off where it is long."""
    lines = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)
    line = lines[0] if len(lines) > 1 or len(head) < HEAD else lines[0].rsplit(maxsplit=1)[0]
    return YOLO_LINE.fullmatch(line) is not None


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
    if root == "annotations":
        raise LabelError(f"{name}: is CVAT's own XML; export COCO 1.0, PASCAL VOC 1.1 or YOLO 1.1 from CVAT")
    raise LabelError(f"{name}: is XML, but <{root}> is neither dlib's <dataset> nor VOC's <annotation>")


def sniff_json(data: bytes, name: str) -> Format:
    """By the keys of the object, or of the first line."""
    first = data.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0]
    for piece in (first, data):
        try:
            value = json.loads(piece.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            continue
        if not isinstance(value, dict):
            break
        if {"images", "annotations"} <= value.keys():
            return Format.COCO
        if value.keys() & {"image", "photo", "path"} and "plates" in value:
            return Format.KILPI
        for key, tool in OTHER_JSON.items():
            if key in value:
                raise LabelError(f"{name}: is {tool}; export COCO or Pascal VOC from it instead")
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
        if not path.is_file() and path.exists():
            raise LabelError(f"{path}: is no file that could be read")
        if path.stat().st_size > MAX_BYTES:
            raise LabelError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB; split it")
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = unpacked(data, path)
    except FileNotFoundError:
        raise LabelError(f"{path}: no such file or folder") from None
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise LabelError(f"{path}: cannot be read ({error})") from None
    data = as_known(data)
    if len(data) > MAX_TEXT and not is_tfrecord(data) and not data.startswith(b"PK\x03\x04"):
        raise LabelError(f"{path}: more than {MAX_TEXT // 1_000_000} MB of text; split it")
    return data


def as_known(data: bytes) -> bytes:
    """UTF-16, as Windows' tools save text, as the readers know it: XML with a byte order mark, else UTF-8."""
    order = {b"<\0": "le", b"{\0": "le", b"\0<": "be", b"\0{": "be"}.get(data[:2])
    if order is not None:
        data = (b"\xff\xfe" if order == "le" else b"\xfe\xff") + data
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        return data
    return data if text.lstrip().startswith("<") else text.encode()


def unpacked(data: bytes, path: Path) -> bytes:
    """What is in a gzip file; only TFRecord files may be large. Raises LabelError, OSError, EOFError."""
    with gzip.open(io.BytesIO(data)) as file:
        head = file.read(12)
        limit = MAX_BYTES if is_tfrecord(head) else MAX_TEXT
        found = head + file.read(limit)
    if len(found) > limit:
        raise LabelError(f"{path}: unpacks to more than {limit // 1_000_000} MB; split it")
    return found
