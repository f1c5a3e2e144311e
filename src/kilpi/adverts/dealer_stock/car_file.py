"""`car.toml` beside a car's photos, for example: price = 19900, km = 84500, equipment = ["tow bar"]."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kilpi.adverts.dealer_stock.columns import column_field, heading, known_keys
from kilpi.adverts.dealer_stock.said import Said, Told, understand
from kilpi.archives import file_size, read_file
from kilpi.disclosure import quoted
from kilpi.errors import LabelError, NotUsed
from kilpi.text import compact_mark, decode_text
from kilpi.types import Problem

CAR_FILE = "car.toml"
MAX_BYTES = 1_000_000
LONGEST_MARK = 12  # letters and digits
_WORDY_KEY = re.compile(r"^\s*([^\W\d_][^=\"'#\[\]\n]*?)\s*=", re.MULTILINE)


def read_car_file(path: Path) -> Told:
    """What a car.toml tells. A key that is not known and a value that is not clear are problems with their
    line, and the rest is used; where the file is no TOML, its lines are read one by one.

    Raises LabelError where it cannot be read at all.
    """
    text = _text_of(path)
    problems: list[Problem] = []
    pairs = list(_pairs(text, path, problems))
    mark = next((compact_mark(str(value)) for key, value, _ in pairs if column_field(key) == "mark"), "")
    said = []
    for key, value, line in pairs:
        found, where = heading(key), f"{path}:{line}"
        if found is None:
            known = f"known are {', '.join(['mark', *known_keys()])}"
            words = f"{where}: unknown key {quoted(key)} ({quoted(value, mark)}) is not used; {known}"
            problems.append(Problem(where, NotUsed(words)))
        elif found.field == "mark":
            if not is_mark(value):
                problems.append(Problem(where, LabelError(f"{where}: {key} is no registration mark")))
        else:
            said.append(Said(found.field, where, key, value, found.unit))
    told = understand(said, mark)
    return Told(told.values, told.where, (*problems, *told.problems), told.unclear)


def read_car_mark(path: Path) -> str | None:
    """The mark that a car.toml gives, as written: a person's answer. None where it gives none."""
    try:
        text = _text_of(path)
    except LabelError:
        return None
    found = (value for key, value, _ in _pairs(text, path, []) if column_field(key) == "mark")
    return next((str(value) for value in found if is_mark(value)), None)


def _text_of(path: Path) -> str:
    """The file's text, its lines ended by \\n. Raises LabelError where it is too large or cannot be read."""
    try:
        if file_size(path) > MAX_BYTES:
            raise LabelError(f"{path}: larger than {MAX_BYTES:,} bytes; keep only what is about this car")
        return decode_text(read_file(path)).replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror}); check its rights") from error


def is_mark(value: Any) -> bool:
    """Whether a value can be a mark: a text, or a number, with letters or digits and not too many."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return 0 < len(compact_mark(str(value))) <= LONGEST_MARK


def _pairs(text: str, path: Path, problems: list[Problem]) -> Iterator[tuple[str, Any, int]]:
    """Key, value and line. Numbers with a point stay texts: 19.900 must not become 19.9."""
    try:
        values = _parsed(text)
    except (RecursionError, ValueError) as error:
        where = f"{path}"
        words = f"{path}: {_said(error)}; its lines are read one by one, and what is not named below is used"
        problems.append(Problem(where, LabelError(words)))
        yield from _line_by_line(text, path, problems)
        return
    for key, value in values.items():
        yield key, value, line_of(key, text)


def _parsed(text: str) -> dict[str, Any]:
    """The TOML; with the keys quoted that it would want quoted (märke = "Volvo") where it is none without."""
    try:
        return tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError:
        quoted_keys = _WORDY_KEY.sub(lambda found: f'"{found[1].strip()}" =', text)
        try:
            return tomllib.loads(quoted_keys, parse_float=str)
        except (tomllib.TOMLDecodeError, RecursionError):
            pass
        raise


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, tomllib.TOMLDecodeError) else "cannot be understood as TOML"


def _line_by_line(text: str, path: Path, problems: list[Problem]) -> Iterator[tuple[str, Any, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield from ((key, value, number) for key, value in tomllib.loads(line, parse_float=str).items())
        except (RecursionError, ValueError):
            key, _, value = line.partition("=")
            if value.strip() and heading(key.strip()) is not None and value.strip()[0] not in "[{":
                yield key.strip(), value.strip().strip("\"'"), number  # price = 15 900 €
            else:
                where = f"{path}:{number}"
                problems.append(Problem(where, LabelError(f"{where}: {quoted(line)} is not understood")))


def line_of(key: str, text: str) -> int:
    """The line on which a top-level key of a TOML text begins, from 1."""
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    return next((n for n, line in enumerate(text.split("\n"), 1) if pattern.match(line)), 1)
