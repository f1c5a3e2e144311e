"""What a public site is made with: the dealer's name, colours and pictures, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kilpi.types.dealer import Dealer


@dataclass(frozen=True, slots=True)
class ShopImage:
    """A picture of the dealer's: its file's name beside the index, and its size in pixels."""

    name: str
    width: int
    height: int


@dataclass(frozen=True)
class Shop:
    """Who a public site belongs to and how it looks; `Shop()` is a plain site without a name."""

    dealer: Dealer = field(default_factory=Dealer)
    languages: tuple[str, ...] = ()  # that its pages are in; the first is the one that they open in
    style: str = ""  # CSS that sets the dealer's colours; "" leaves ours
    theme: str = "#0d5c63"  # the colour of a phone's own bar, "#rrggbb"
    logo: ShopImage | None = None
    banner: tuple[ShopImage, ...] = ()  # one picture in several sizes, the narrowest first
    icon: str = ""  # the file of the picture in the browser's tab
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # name -> content of all these
    notes: tuple[str, ...] = ()  # what was changed of what the dealer gave, and why
