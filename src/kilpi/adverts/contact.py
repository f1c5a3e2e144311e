"""How a buyer reaches the seller: links of the dealer's own, that say which car is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from kilpi.types import Dealer, PublicAdvert

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{5,18}")


@dataclass(frozen=True, slots=True)
class Way:
    """One way: "mail", "phone" or "web", its address, and how people write it."""

    kind: str
    href: str
    text: str


def ways_of(car: PublicAdvert, dealer: Dealer) -> list[Way]:
    """The ways to a car's seller, the car's own before the dealer's, each kind once."""
    found: dict[str, Way] = {}
    subject = f"{car.title} ({car.id})"
    for way in (*_way(car.contact, subject), *_way(dealer.email, subject), *_way(dealer.phone, subject)):
        found.setdefault(way.kind, way)
    if dealer.web:
        found.setdefault("web", Way("web", dealer.web, re.sub(r"^https?://|/$", "", dealer.web)))
    order = ("mail", "phone", "web")
    return [found[kind] for kind in order if kind in found]


def _way(contact: str | None, subject: str) -> Iterator[Way]:
    text = (contact or "").strip()
    link = contact_link(text)
    if link is not None:
        mail = link.startswith("mailto:")
        yield Way("mail" if mail else "phone", f"{link}?subject={quote(subject)}" if mail else link, text)


def contact_link(contact: str | None) -> str | None:
    """A mailto: or tel: address where the contact is nothing but one e-mail address or phone number."""
    text = (contact or "").strip()
    if EMAIL.fullmatch(text):
        return f"mailto:{quote(text, safe='@')}"
    if PHONE.fullmatch(text):
        return "tel:" + re.sub(r"[^0-9+]", "", text)
    return None
