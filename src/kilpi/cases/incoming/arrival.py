"""What came in, as one car: its photos, what was said with them, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kilpi.cases.answers import Answer, SaidMark
from kilpi.cases.case import Case
from kilpi.cases.records import KILPI


class How(StrEnum):
    """What became of an arrival."""

    NEW = "new"  # a case of its own
    SAME = "same"  # sent again: nothing changed
    CHANGED = "changed"  # photos, or what is said of the car, are not as before; its advert is made again


@dataclass(frozen=True, slots=True)
class Sent:
    """One photo as it came. With a `path` it stays where it lies; without, it is in the store's originals."""

    sha256: str
    name: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One car's photos, as somebody sent them."""

    photos: tuple[Sent, ...]
    by: str = KILPI  # who sent them: a user's name, or Kilpi for a folder
    dealer: str = ""
    reference: str = ""  # the dealer's own name for this car; "": none, then nothing is told by it
    receipt: str | None = None  # a request's or a mail's key: the same key is the same arrival
    digest: str = ""  # of all that came under the receipt; "": the receipt alone tells
    place: str = ""  # the folder on this machine; all of its photos are given
    addresses: tuple[str, ...] = ()  # wished for its folder and page, the best first; hold no mark
    answers: tuple[Answer, ...] = ()  # what came with them: price, km, a mark
    named: bool = True  # False: the reference is a folder's name, and the next car's may be called so
    mark: SaidMark | None = None  # what its folder's car.toml says, which is given as an answer afterwards
    beside: bool = False  # texts came with them, which are put beside the case's afterwards
    belongs: str = ""  # the dealer that its own data name, who is known; counts where `dealer` is empty

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose cases it may be, the first one where it is new: also from before its dealer was known."""
        return (self.dealer,) if self.dealer or not self.belongs else (self.belongs, "")


@dataclass(frozen=True, slots=True)
class Received:
    """The case, and how it came to that. `changed`: of a known case what is new: photos, mark, price ...

    `aside`: photos (sha256) that did not become the case's, for they are other cars' already.
    """

    case: Case
    how: How
    changed: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
