"""A dealer's files for the tests of `dealer_stock`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kilpi.adverts.dealer_stock import StockList, read_stock_list
from kilpi.types import Mark, Offer, Problem

MARK = Mark("KLT-482", "FI")


def car_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "leaf" / "car.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def stock(tmp_path: Path, text: str | bytes, encoding: str = "utf-8") -> StockList:
    path = tmp_path / "stock.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_stock_list(path)


def find(listed: StockList, reference: str, mark: Mark | None = None) -> Offer | None:
    """The offer of the row that is used for a car, under the car's own reference."""
    line = listed.line(reference, mark)
    return replace(line.offer, reference=reference) if line else None


def problems_of(listed: StockList, reference: str, mark: Mark | None = None) -> tuple[Problem, ...]:
    """What is wrong with the rows of a car: the one that is used, then those that are not."""
    line = listed.line(reference, mark)
    return (*(line.problems if line else ()), *listed.lost(reference, mark))


def words(problems: tuple[Problem, ...]) -> str:
    return "\n".join(str(problem.error) for problem in problems)


GOLF, OCTAVIA = "WVWZZZAUZJW000417", "TMBJG7NE1F0000935"
