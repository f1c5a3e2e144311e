"""What of a dealer's texts may not leave: the registration mark and the VIN, personal data in Finland.

A text that gives one away is held back, and the advert becomes a draft that asks for it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kilpi.adverts.wording import Wording
from kilpi.disclosure import all_texts, gives_away, may_name_plate, mentions
from kilpi.types import Listing, Mark, Offer, PublicAdvert

APART = 3  # texts in a row that may hold a mark together: "KLT" and "482" as two items


def without_mark(offer: Offer, mark: Mark | None, vin: str | None = None) -> Offer:
    """The offer without those texts that give its car away."""

    def kept(text: str | None) -> str | None:
        return None if text and gives_away(text, mark, vin) else text

    make, model = kept(offer.make), kept(offer.model)
    if make and model and gives_away(f"{make} {model}", mark, vin):  # as a title puts them together
        make = model = None
    return replace(
        offer,
        equipment=kept_items(offer.equipment, mark, vin),
        description=kept(offer.description),
        dealer=kept(offer.dealer),
        place=kept(offer.place),
        contact=kept(offer.contact),
        make=make,
        model=model,
        unclear=tuple(entry for entry in offer.unclear if not gives_away(entry[1], mark, vin)),
    )


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


def gap(offer: Offer | Listing, mark: Mark | None, wording: Wording) -> str:
    """What must be sent again: a text without the mark, or without the VIN."""
    if isinstance(offer, Offer):
        offer = replace(offer, mark=None, vin=None)  # known apart from the texts, and never published
    texts = list(all_texts(offer))
    named = any(mentions(text, mark) if mark else may_name_plate(text) for text in texts)
    return wording.text("missing", "description_mark" if named else "description_vin")


def redact_mark(listing: Listing, mark: Mark | None, vin: str | None, wording: Wording) -> Listing:
    """The listing without what gives its car away; where something went, a draft that says so.

    The writer knows the mark from the vehicle. Where no register gave one, the dealer's texts are held here.
    Of a car whose mark nobody knows (its photos show none) nothing stays that could be a mark.
    """
    paragraphs = kept_items(listing.paragraphs, mark, vin)
    equipment = kept_items(listing.equipment, mark, vin)
    if mark is None:
        paragraphs, equipment = (
            tuple(text for text in texts if not may_name_plate(text, listing.title))
            for texts in (paragraphs, equipment)
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
    return listing if made == listing else asked_again(made, gap(listing, mark, wording))


def asked_again(listing: Listing, words: str) -> Listing:
    """A draft that asks for something, once."""
    return listing if words in listing.missing else replace(listing, missing=(*listing.missing, words))


def texts_that_leave(made: PublicAdvert) -> list[str]:
    """Every text of an advert, and those that stand together as one."""
    return [*all_texts(made), "\n".join(made.paragraphs)]
