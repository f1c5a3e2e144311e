"""What people's answers make of the dealer's offer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kilpi.adverts.dealer_stock.values import in_own_money
from kilpi.cases import SaidFacts
from kilpi.cases.answers import Answers
from kilpi.cases.making.maker import with_answers
from kilpi.types import Mark, Offer

LISTED = Offer("a", Decimal(249000), currency_told=False)  # of a list that names no currency


@pytest.mark.parametrize(
    ("said", "price", "currency"),
    [
        (SaidFacts(), None, "EUR"),
        (SaidFacts(odometer_km=84200), None, "EUR"),
        (SaidFacts(currency="SEK"), 249000, "SEK"),
        (SaidFacts(price=Decimal(239000), currency="SEK"), 239000, "SEK"),
        (SaidFacts(price=Decimal(24900)), 24900, "EUR"),  # the form asks for euros
    ],
)
def test_a_price_or_currency_of_a_persons_tells_the_money(
    said: SaidFacts, price: int | None, currency: str
) -> None:
    offer = in_own_money(with_answers(LISTED, Answers(facts=said)), Mark("ABC 123", "SE"))
    assert (offer.price, offer.currency) == (price, currency)


def test_a_mileage_that_a_person_gave_is_in_kilometres_also_of_a_british_car() -> None:
    listed = Offer("a", odometer_km=54_000, odometer_told=False)  # under "Mileage"
    mark = Mark("AB12 CDE", "GB")
    assert in_own_money(with_answers(listed, Answers()), mark).odometer_km is None
    said = Answers(facts=SaidFacts(odometer_km=86_900))
    assert in_own_money(with_answers(listed, said), mark).odometer_km == 86_900
