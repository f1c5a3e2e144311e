"""One run: from what a person named to parts, what is there already left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

import kilpi
from kilpi.adverts.folders import inputs_digest
from kilpi.bulk.batch import Loads
from kilpi.bulk.engines import Engine
from kilpi.bulk.parts import Parts
from kilpi.bulk.sources import photos_named
from kilpi.weights import network_files

NAMED = 5  # photos that could not be read; the rows hold all of them


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `known` were in the folder before, `errors` are among `read`.

    `failures` are the first of them: the photo, the kind of error, and its words.
    """

    photos: int
    read: int
    known: int
    errors: int
    seconds: float
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that could not be read."""

    photo: str
    error: str
    message: str


def networks_digest(home: Iterable[str] = ()) -> str:
    """By what rows can be told apart that other networks, settings or versions made."""
    return inputs_digest(network_files(), kilpi.__version__, ",".join(sorted(home)))


def bulk(
    names: Iterable[str],
    out: str,
    engine: Engine,
    loads: Loads,
    networks: str,
    tick: Callable[[int], object] = lambda rows: None,
) -> Report:
    """Photos -> rows below `out`. A run that was killed goes on where it was; `tick` hears of rows.

    Raises UsageError (nothing there, rows of other networks), OutputError, WeightsError, MissingExtra.
    """
    start, parts = perf_counter(), Parts(out, networks)
    counted = Counted(photos_named(names))
    read = errors = 0
    failures: list[Failure] = []
    try:
        for rows in engine.run(counted, loads, parts.done()):
            parts.add(rows)
            bad = [row for row in rows if row["error"] is not None]
            read, errors = read + len(rows), errors + len(bad)
            told = bad[: NAMED - len(failures)]
            failures += [Failure(row["photo"], row["error"], row["message"]) for row in told]
            tick(len(rows))
    finally:
        parts.close()
    known, seconds = counted.count - read, perf_counter() - start
    return Report(counted.count, read, known, errors, seconds, tuple(failures))


@dataclass
class Counted:
    """Names as they pass, counted."""

    names: Iterable[str]
    count: int = 0

    def __iter__(self) -> Iterator[str]:
        for name in self.names:
            self.count += 1
            yield name
