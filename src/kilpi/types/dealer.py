"""Who sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dealer:
    """Who sells, for feeds that ask. `feeds` names those to write besides the plain one."""

    name: str = ""
    store_code: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    latitude: float | None = None
    longitude: float | None = None
    site: str | None = None  # address above the cars' folders, ending in a slash
    feeds: tuple[str, ...] = ()
    show: tuple[str, ...] = ()  # what the dealer's own show plates say: a mark that says it is no car's
    cover: str | None = None  # image to lay over plates; a path beside the dealer's file
    # For buyers, on the public site:
    email: str = ""
    phone: str = ""
    web: str = ""  # the dealer's own site
    logo: str = ""  # a picture; a path beside the dealer's file
    banner: str = ""  # a wide picture above the cars; a path beside the dealer's file
    colour: str = ""  # of buttons, prices and links, "#rrggbb"
    header: str = ""  # of the strip at the top, "#rrggbb"
    languages: tuple[str, ...] = ()  # ISO 639-1; the first is the one that pages open in
