"""What of a dealer's texts may not leave: the registration mark and the VIN, personal data in Finland.

A text that gives one away is held back, and the advert becomes a draft that asks for it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from kilpi.adverts.strange_marks import (
    announces_vin,
    could_be_mark,
    marks_said,
    names_mark,
    names_one_of,
    of_another_car,
)
from kilpi.adverts.wording import Wording
from kilpi.disclosure import all_texts, gives_away, mentions, mentions_vin
from kilpi.grammar import load_grammars
from kilpi.types import Listing, Mark, Offer, PublicAdvert

Others = Callable[[Collection[str]], Collection[str]]
"""Which of these marks (compact) are other cars'."""
Told = TypeVar("Told", Offer, Listing)
_POSTAL = re.compile(r"(?<![^\W_])(?P<country>[A-Z]{2})-[0-9]{4,5}(?![^\W_])")
APART = 3  # texts in a row that may hold a mark together: "KLT" and "482" as two items


def without_mark(offer: Offer, mark: Mark | None, vin: str | None = None) -> Offer:
    """The offer without those texts that give its car away."""

    def kept(text: str | None) -> str | None:
        return None if text and gives_away(text, mark, vin) else text

    def beside(text: str | None) -> str | None:
        return None if text and names_another_beside(text) else kept(text)

    make, model = kept(offer.make), kept(offer.model)
    if make and model and gives_away(f"{make} {model}", mark, vin):  # as a title puts them together
        make = model = None
    return replace(
        offer,
        equipment=kept_items(offer.equipment, mark, vin),
        description=kept(offer.description),
        dealer=beside(offer.dealer),
        place=beside(offer.place),
        contact=beside(offer.contact),
        make=make,
        model=model,
        unclear=tuple(entry for entry in offer.unclear if not gives_away(entry[1], mark, vin)),
    )


def names_another_beside(text: str) -> bool:
    """Whether what stands beside an advert (dealer, place, contact) holds another car's mark or a VIN that it
    announces, or a mark as countries write it: a list's cells hold what somebody noted. LV-1004 is a place.
    """
    countries = load_grammars().countries
    text = _POSTAL.sub(lambda found: " " if found["country"] in countries else found[0], text)
    return announces_vin(text) or of_another_car(text)


def kept_items(texts: Sequence[str], mark: Mark | None, vin: str | None = None) -> tuple[str, ...]:
    """The texts that give nothing away, alone or with the next ones."""
    bad: set[int] = {n for n, text in enumerate(texts) if gives_away(text, mark, vin)}
    for length in range(2, APART + 1):
        for start in range(len(texts) - length + 1):
            together = range(start, start + length)
            joined = " ".join(texts[n] for n in together)
            if not bad & set(together) and mark is not None and short(joined) and mentions(joined, mark):
                bad |= set(together)
    return tuple(text for n, text in enumerate(texts) if n not in bad)


def short(text: str) -> bool:
    """Whether texts together are as short as a mark that was cut: longer ones meet by chance."""
    return len(text) <= 24


def nameless(offer: Offer, mark: Mark | None) -> Offer:
    """The offer without make and model where they hold what could be a mark: another car's, or this one's
    where nobody knows it. What gives this one's away `without_mark` takes out.
    """
    name = " ".join(part for part in (offer.make, offer.model) if part)
    strange = of_another_car(name) if mark else names_mark(name)
    return replace(offer, make=None, model=None) if strange else offer


def names_strange(text: str, mark: Mark | None, names: str = "") -> bool:
    """Whether a dealer's text holds what could be another car's mark or a VIN, or this car's mark where it is
    not known; `names`: its title.
    """
    return announces_vin(text) or _names_mark(text, mark, names)


def gaps_of(told: Told, kept: Told, mark: Mark | None, wording: Wording) -> tuple[str, ...]:
    """What must be sent again: which texts, and what they may not hold. `kept` is what was left of them."""
    keys = [] if kept.equipment == told.equipment else ["equipment_mark"]
    if replace(kept, equipment=told.equipment) != told:
        if isinstance(told, Offer):  # its mark and VIN are known apart from the texts, and never published
            keys += _description_keys([*all_texts(replace(told, mark=None, vin=None))], mark, "")
        else:
            keys += _description_keys(told.paragraphs, mark, told.title)
    return tuple(wording.text("missing", key) for key in keys)


def _description_keys(texts: Sequence[str], mark: Mark | None, title: str) -> list[str]:
    vin = any(map(_holds_vin, texts))
    named = any((mark and mentions(text, mark)) or _names_mark(text, mark, title) for text in texts)
    return ["description_vin"] * vin + ["description_mark"] * (named or not vin)


def _names_mark(text: str, mark: Mark | None, names: str) -> bool:
    return of_another_car(text) if mark else could_be_mark(text, names)


def _holds_vin(text: str) -> bool:
    return mentions_vin(text) or announces_vin(text)


def redact_mark(listing: Listing, mark: Mark | None, vin: str | None, wording: Wording) -> Listing:
    """The listing without what gives its car away; where something went, a draft that says so.

    The writer knows the mark from the vehicle. Where no register gave one, the dealer's texts are held here.
    Nothing stays that could be another car's mark, or this one's where it is not known (no photo shows it).
    """
    paragraphs, equipment = (
        tuple(text for text in kept_items(texts, mark, vin) if not names_strange(text, mark, listing.title))
        for texts in (listing.paragraphs, listing.equipment)
    )
    facts = tuple(fact for fact in listing.facts if not gives_away(fact.value, mark, vin))
    missing = tuple(text for text in listing.missing if not gives_away(text, mark, vin))
    made = replace(
        listing,
        paragraphs=paragraphs,
        equipment=equipment,
        facts=facts,
        missing=missing,
    )
    return listing if made == listing else asked_again(made, *gaps_of(listing, made, mark, wording))


def without_others(listing: Listing, mark: Mark | None, others: Others, wording: Wording) -> Listing:
    """The listing without texts that hold another car's mark; where one went, a draft that says so."""
    texts = (*listing.paragraphs, *listing.equipment)
    said = {one for text in texts for one in marks_said(text)} - ({mark.compact} if mark else set())
    named = others(said) if said else ()
    paragraphs, equipment = (
        tuple(text for text in told if not names_one_of(text, named))
        for told in (listing.paragraphs, listing.equipment)
    )
    made = replace(listing, paragraphs=paragraphs, equipment=equipment)
    return listing if made == listing else asked_again(made, *gaps_of(listing, made, mark, wording))


def asked_again(listing: Listing, *words: str) -> Listing:
    """A draft that asks for something, once."""
    return replace(listing, missing=tuple(dict.fromkeys((*listing.missing, *words))))


def texts_that_leave(made: PublicAdvert) -> list[str]:
    """Every text of an advert, and those that stand together as one."""
    return [*all_texts(made), "\n".join(made.paragraphs)]
