"""What only the dealer knows, from a car's own `car.toml` or from the dealer's stock list (CSV).

A number that could mean two things is an error that names its line, never a guess.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from kilpi.adverts.wording import load_table
from kilpi.errors import LabelError
from kilpi.text import compact_mark, decode_text
from kilpi.types import Mark, Offer, Problem

CAR_FILE = "car.toml"
MAX_KM = 2_000_000
MAX_PRICE = Decimal(10_000_000)
CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217
SIGNS = {"€": "EUR", "£": "GBP"}  # "kr" is three currencies
PLAIN_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")
GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:[ '][0-9]{3})+(?:[.,][0-9]{1,2})?")


@dataclass(frozen=True)
class StockLine:
    """One row of a stock list: the offer, and how to know its car."""

    offer: Offer
    mark: str  # letters and digits only, upper case; empty where the row has none


@dataclass(frozen=True)
class StockList:
    """A dealer's stock list. Rows that make no sense are in `problems` and nowhere else."""

    lines: tuple[StockLine, ...] = ()
    problems: tuple[Problem, ...] = ()

    def find(self, reference: str, mark: Mark | None = None) -> Offer | None:
        """The offer of the car with this reference (its folder's name), else of exactly this mark."""
        for line in self.lines:
            if line.offer.reference and line.offer.reference.casefold() == reference.casefold():
                return line.offer
        found = [line.offer for line in self.lines if mark and line.mark and line.mark == mark.compact]
        return replace(found[0], reference=reference) if len(found) == 1 else None


def load_offer(folder: Path, stock: StockList | None = None, mark: Mark | None = None) -> Offer:
    """The offer for the car in `folder`: its car.toml, else its stock-list row, else an empty offer.

    Raises LabelError where car.toml cannot be understood.
    """
    reference = folder.name
    if (folder / CAR_FILE).is_file():
        return read_car_file(folder / CAR_FILE)
    return (stock.find(reference, mark) if stock else None) or Offer(reference=reference)


def read_car_file(path: Path) -> Offer:
    """`car.toml`, for example: price = 19900, km = 84500, equipment = ["tow bar"].

    Raises LabelError with file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError:
        raise LabelError(f"{path}: not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise LabelError(f"{path}: {error}") from None
    fields: dict[str, Any] = {}
    for key, value in values.items():
        name = column_field(key)
        where = f"{path}:{line_of(key, text)}"
        if name is None or name == "mark":
            raise LabelError(f"{where}: unknown key {key!r}; known are {', '.join(known_columns())}")
        if name in fields:
            raise LabelError(f"{where}: {key!r} says {name} a second time")
        fields[name] = value
        try:
            make_offer({name: value})
        except ValueError as error:
            raise LabelError(f"{where}: {error}") from None
    return replace(make_offer(fields), reference=str(fields.get("reference", path.parent.name)))


def line_of(key: str, text: str) -> int:
    """The line on which a top-level key of a TOML text begins, from 1."""
    lines = text.splitlines()
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    return next((n for n, line in enumerate(lines, 1) if pattern.match(line)), 1)


def read_stock_list(path: Path) -> StockList:
    """A CSV with a header row; comma, semicolon or tab; UTF-8 or Windows-1252; see adverts/columns.toml.

    Bad rows become problems with their line. Raises LabelError where the file as a whole is of no use.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
    text = decode_text(raw)
    header, _, _ = text.partition("\n")
    delimiter = max(";,\t", key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [column_field(cell) for cell in next(rows, [])]
    if "reference" not in names and "mark" not in names:
        raise LabelError(f"{path}:1: no column says which car a row is; name one 'reference' or 'mark'")
    doubled = {name for name in names if name and names.count(name) > 1}
    if doubled:
        raise LabelError(f"{path}:1: two columns for {', '.join(sorted(doubled))}")
    lines: list[StockLine] = []
    problems: list[Problem] = []
    for number, cells in numbered(rows):
        where = f"{path}:{number}"
        try:
            lines.append(stock_line(names, cells))
        except ValueError as error:
            problems.append(Problem(where, LabelError(f"{where}: {error}")))
    return without_doubles(lines, problems, path)


def numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    """(line in the file, cells) of a csv.reader; empty rows are passed over."""
    for cells in rows:
        if any(cell.strip() for cell in cells):
            yield rows.line_num, cells


def stock_line(names: Sequence[str | None], cells: Sequence[str]) -> StockLine:
    """One row. Raises ValueError that says what is wrong with it."""
    if len(cells) > len(names):
        raise ValueError(f"{len(cells)} cells under {len(names)} headers")
    values = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    mark = compact_mark(values.pop("mark", ""))
    if not mark and "reference" not in values:
        raise ValueError("neither a reference nor a mark; which car is it?")
    return StockLine(make_offer(values), mark)


def without_doubles(lines: list[StockLine], problems: list[Problem], path: Path) -> StockList:
    """The list without cars that have two rows: which one holds cannot be known."""
    counts = Counter(line.offer.reference.casefold() for line in lines if line.offer.reference)
    doubled = {name for name, count in counts.items() if count > 1}
    kept = tuple(line for line in lines if line.offer.reference.casefold() not in doubled)
    if doubled:
        count = len(lines) - len(kept)
        error = LabelError(f"{path}: {count} rows share their reference with another; none of them is used")
        problems.append(Problem(str(path), error))
    return StockList(kept, tuple(problems))


def column_field(name: str) -> str | None:
    """The field that a header or key stands for, or None."""
    wanted = squeeze(name)
    return next((key for key, names in columns().items() if wanted in map(squeeze, names)), None)


def columns() -> Mapping[str, list[str]]:
    """Field -> header names, from adverts/columns.toml."""
    return load_table("columns.toml")


def known_columns() -> list[str]:
    """The keys of car.toml."""
    return [key for key in columns() if key != "mark"]


def squeeze(name: str) -> str:
    """A header for comparing."""
    return re.sub(r"[\s_]+", "", name).casefold()


def make_offer(values: Mapping[str, Any]) -> Offer:
    """An Offer from raw values. Raises ValueError that names the key and what would be right."""
    amount, sign = split_sign(values.get("price"))
    currency = str(values.get("currency") or sign or "EUR").strip().upper()
    if not CURRENCY.fullmatch(currency):
        raise ValueError("currency: three letters such as EUR are needed (ISO 4217)")
    price = number(amount, "price", MAX_PRICE)
    km = number(values.get("odometer_km"), "odometer_km", Decimal(MAX_KM))
    if km is not None and km != km.to_integral_value():
        raise ValueError("odometer_km: whole kilometres are needed")
    if price == 0:
        raise ValueError("price: zero is no price; leave it out where it is not known")
    return Offer(
        reference=str(values.get("reference", "")),
        price=price,
        currency=currency,
        odometer_km=int(km) if km is not None else None,
        equipment=tuple(items(values.get("equipment"))),
        **{key: phrase(values, key) for key in ("description", "dealer", "place", "contact", "make")},
    )


def split_sign(price: Any) -> tuple[Any, str | None]:
    """ "19 900 €" -> ("19 900", "EUR"); what has no sign stays as it is."""
    if isinstance(price, str):
        for sign, currency in SIGNS.items():
            if sign in price:
                return price.replace(sign, ""), currency
    return price, None


def number(value: Any, key: str, most: Decimal) -> Decimal | None:
    """A number of a TOML or CSV value. "12 345,50" is read; "12.345" could be two numbers and is refused."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{key}: a number is needed")
    text = re.sub(r"[\s\u00a0\u202f]+", " ", str(value)).strip()
    text = re.sub(r" ?km$", "", text, flags=re.IGNORECASE) if key == "odometer_km" else text
    if not (PLAIN_NUMBER.fullmatch(text) or GROUPED_NUMBER.fullmatch(text)):
        raise ValueError(f"{key}: {text!r} is not clear; write digits only, for example 12345")
    figure = Decimal(text.replace(" ", "").replace("'", "").replace(",", "."))
    if figure > most:
        raise ValueError(f"{key}: {text!r} is more than {most:,}")
    return figure


def items(value: Any) -> Iterator[str]:
    """Equipment: a TOML array, or one text with ; | or , between the items."""
    if isinstance(value, str):
        separator = next((s for s in ";|\n" if s in value), ",")
        value = value.split(separator)
    if value is not None and not isinstance(value, list):
        raise ValueError("equipment: a list of texts is needed")
    for item in value or []:
        if not isinstance(item, str):
            raise ValueError("equipment: a list of texts is needed")
        if item.strip():
            yield " ".join(item.split())


def phrase(values: Mapping[str, Any], key: str) -> str | None:
    """A text value, or None where it is absent or blank."""
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key}: a text is needed")
    return value.strip() or None if value else None
