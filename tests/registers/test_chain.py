from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kilpi.errors import NotRegistered, RegisterError, RegisterRefused, RegisterUnavailable
from kilpi.registers.chain import ChainRegister, Link, gravest
from kilpi.types import Mark, Vehicle


class Fixed:
    """Knows every mark, or fails in one way."""

    def __init__(self, name: str, error: type[RegisterError] | None = None) -> None:
        self.name, self.error, self.asked = name, error, list[Mark]()

    def look_up(self, mark: Mark) -> Vehicle:
        self.asked.append(mark)
        if self.error:
            raise self.error(self.name)
        return Vehicle(mark, self.name, datetime.now(UTC))


FI, SE = Mark("ABC-123", "FI"), Mark("ABC123", "SE")


def test_only_registers_of_the_country_are_asked_in_order() -> None:
    finnish, swedish, file = Fixed("fi"), Fixed("se"), Fixed("file", NotRegistered)
    chain = ChainRegister([Link(file), Link(finnish, ("FI",)), Link(swedish, ("SE",))], "FI")
    assert chain.look_up(SE).source == "se"
    assert chain.look_up(FI).source == "fi"
    assert (len(file.asked), len(finnish.asked), len(swedish.asked)) == (2, 1, 1)


def test_a_mark_without_country_counts_as_the_default_one() -> None:
    finnish, file = Fixed("fi"), Fixed("file", NotRegistered)
    chain = ChainRegister([Link(file), Link(finnish, ("FI",))], "FI")
    chain.look_up(Mark("ABC-123"))
    assert finnish.asked == [FI]
    assert file.asked == [Mark("ABC-123")]


def test_not_registered_is_final_from_an_authority_only() -> None:
    last = Fixed("last")
    for authoritative in (False, True):
        first = Link(Fixed("first", NotRegistered), ("FI",), authoritative)
        chain = ChainRegister([first, Link(last, ("FI",))], "FI")
        if authoritative:
            with pytest.raises(NotRegistered):
                chain.look_up(FI)
        else:
            assert chain.look_up(FI).source == "last"


@pytest.mark.parametrize("error", [RegisterUnavailable, RegisterRefused])
def test_failures_fall_through(error: type[RegisterError]) -> None:
    chain = ChainRegister([Link(Fixed("a", error), ("FI",), True), Link(Fixed("b"), ("FI",))], "FI")
    assert chain.look_up(FI).source == "b"


@pytest.mark.parametrize("error", [RegisterUnavailable, RegisterRefused])
@pytest.mark.parametrize("turned", [False, True])
def test_not_registered_is_never_said_on_half_an_answer(error: type[RegisterError], turned: bool) -> None:
    links = [Link(Fixed("a", error), ("FI",)), Link(Fixed("b", NotRegistered), ("FI",))]
    with pytest.raises(error):
        ChainRegister(links[::-1] if turned else links, "FI").look_up(FI)


@pytest.mark.parametrize("turned", [False, True])
def test_what_may_be_gone_later_is_said_before_what_lasts(turned: bool) -> None:
    """A person is asked about what lasts; a register that is away is waited for."""
    errors = [RegisterUnavailable("lasts", lasting=True), RegisterUnavailable("away"), RegisterRefused("no")]
    assert str(gravest(errors[::-1] if turned else errors)) == "away"
    assert str(gravest(errors[::2])) == "lasts"


def test_a_country_that_nobody_serves_is_refused() -> None:
    with pytest.raises(RegisterRefused, match="SE"):
        ChainRegister([Link(Fixed("fi"), ("FI",))], "FI").look_up(SE)
