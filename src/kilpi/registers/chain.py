"""Several registers as one: by country, in order.

- Only registers that serve the mark's country are asked; a mark without a country counts as the default one.
- A vehicle ends the search.
- "Not registered" ends it too where the register is authoritative (run by the keeper of the country's
  register); from others, such as a dealer's file or a reseller, the next one is asked.
- A register that is unavailable, or refuses us, is passed over. But where nobody found the mark, that error
  comes out: "not registered" is strong evidence against a mark, so it is never said on half an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kilpi.errors import NotRegistered, RegisterError, RegisterRefused, RegisterUnavailable
from kilpi.ports import Forgetful, Register, VinRegister
from kilpi.types import Mark, Vehicle


@dataclass(frozen=True, slots=True)
class Link:
    """One register of a chain. No `countries`: any country, and marks are passed on as they are."""

    register: Register
    countries: tuple[str, ...] = ()
    authoritative: bool = False


class ChainRegister:
    """Asks its links in order, as the module's text tells."""

    def __init__(self, links: Sequence[Link], default_country: str) -> None:
        self._links, self._default_country = tuple(links), default_country

    def look_up(self, mark: Mark) -> Vehicle:
        """The first vehicle found. Raises NotRegistered, RegisterRefused, RegisterUnavailable."""
        country = mark.country or self._default_country
        asked = [link for link in self._links if not link.countries or country in link.countries]
        if not asked:
            raise RegisterRefused(f"no register of the chain serves {country}; add one")
        failures: list[RegisterError] = []
        for link in asked:
            try:
                return link.register.look_up(replace(mark, country=country) if link.countries else mark)
            except NotRegistered as error:
                if link.authoritative:
                    raise
                failures.append(error)
            except RegisterError as error:
                failures.append(error)
        raise gravest(failures)

    def look_up_vin(self, vin: str) -> Vehicle:
        """The first vehicle with this VIN, whichever country's. Raises as `look_up`.

        A VIN tells no country, so "not registered" ends nothing; registers that take no VIN are passed over.
        """
        failures: list[RegisterError] = []
        for link in self._links:
            if not isinstance(link.register, VinRegister):
                continue
            try:
                return link.register.look_up_vin(vin)
            except RegisterError as error:
                failures.append(error)
        if not failures:
            raise RegisterRefused("no register of the chain takes a VIN; add one")
        raise gravest(failures)

    def forget(self, mark: Mark) -> None:
        """Has every register that keeps answers forget those about this mark."""
        for link in self._links:
            if isinstance(link.register, Forgetful):
                link.register.forget(mark)


def gravest(failures: Sequence[RegisterError]) -> RegisterError:
    """Of several failures the one that says least: unavailable, then refused, then not registered.

    What may be gone later goes before what lasts.
    """
    failures = sorted(failures, key=lambda one: isinstance(one, RegisterUnavailable) and one.lasting)
    for kind in (RegisterUnavailable, RegisterRefused):
        for failure in failures:
            if isinstance(failure, kind):
                return failure
    return failures[0]
