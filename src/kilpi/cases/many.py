"""One verb on many cases: each is a transaction of its own, and one that fails leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kilpi.cases.case import Case
from kilpi.cases.lists import read_case
from kilpi.errors import CaseMissing, KilpiError, as_kilpi_error
from kilpi.store import Store

MOST = 500  # at a time: a page of the longest list


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case that somebody chose; `seen`: its last event that was on the screen, None: whatever it is."""

    case_id: str
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one: the case as it is now, or as it was, and why it could not be done."""

    case_id: str
    case: Case | None
    error: KilpiError | None = None


Verb = Callable[[Case, int | None], Case]


def to_each(
    store: Store, chosen: Iterable[Chosen], verb: Verb, *, dealer: str | None = None
) -> Iterator[Told]:
    """The verb on each, in order; a case that is named twice is done once.

    With `dealer` another dealer's case is none, as one that does not exist. Any exception is that case's own.
    """
    for one in {one.case_id: one for one in chosen}.values():
        case = None
        try:
            case = own(store, one.case_id, dealer)
            yield Told(one.case_id, verb(case, one.seen))
        except Exception as error:
            yield Told(one.case_id, case, as_kilpi_error(error, f"case {one.case_id}"))


def own(store: Store, case_id: str, dealer: str | None) -> Case:
    """The case, if it is this dealer's. Raises CaseMissing."""
    case = read_case(store, case_id)
    if dealer is not None and case.dealer != dealer:
        raise CaseMissing(f"case {case_id}: there is none; see `kilpi cases`")
    return case
