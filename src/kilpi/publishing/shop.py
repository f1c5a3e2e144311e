"""From `dealer.toml` to a shop: the dealer's pictures made anew, the colours such that they can be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kilpi.adverts.wording import LANGUAGES
from kilpi.errors import LabelError, PhotoError
from kilpi.images import encode_jpeg, logo_png, open_photo, shrink_to
from kilpi.publishing.colours import ink_on, palette
from kilpi.publishing.dealer_file import read_dealer
from kilpi.types import Dealer, Shop, ShopImage

LOGO_BOX = (640, 120)  # pixels; shown up to 42 high, on fine screens at three times that
ICON_SIDE = 64  # pixels
BANNER_SIDES = (800, 1600)  # pixels; a phone's width twice over, and a desk's
BANNER_QUALITY = 80  # JPEG
THEME = "#0d5c63"  # style.css, --brand

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="{ground}"/>'
    '<path d="M5 20v-4l4-1 3-5h9l3 5 3 1v4z" fill="{ink}"/>'
    '<g fill="{ink}" stroke="{ground}" stroke-width="1.5">'
    '<circle cx="10.5" cy="20.5" r="3"/><circle cx="21.5" cy="20.5" r="3"/></g></svg>'
)


def open_shop(path: Path | None, dealer: Dealer | None = None) -> Shop:
    """The shop of a dealer's file; of `dealer` where it was read already, its pictures beside `path`.

    Without a file it is a plain site. The files of a shop are named by their content, so that browsers may
    keep them. Raises LabelError that names the file and says what to do.
    """
    dealer = dealer or (read_dealer(path) if path else Dealer())
    files: dict[str, bytes] = {}
    colours = palette(dealer.colour, dealer.header)
    theme = colours.theme if colours else THEME
    logo, icon, banner = None, "", []
    beside = path.parent if path else Path()
    try:
        if dealer.logo:
            logo = keep(files, "logo", "png", *logo_png(beside / dealer.logo, LOGO_BOX))
            icon = keep(files, "icon", "png", *logo_png(beside / dealer.logo, (ICON_SIDE, ICON_SIDE))).name
        if dealer.banner:
            banner = banner_files(beside / dealer.banner, files)
    except PhotoError as error:
        raise LabelError(f"{path}: logo or banner: {error}") from error
    if not icon:
        drawn = ICON.format(ground=theme, ink=ink_on(theme)).encode()
        icon = keep(files, "icon", "svg", drawn, 32, 32).name
    return Shop(
        dealer=dealer,
        languages=dealer.languages,
        style=colours.css if colours else "",
        theme=theme,
        logo=logo,
        banner=tuple(banner),
        icon=icon,
        files=files,
        notes=colours.notes if colours else (),
    )


def banner_files(path: Path, files: dict[str, bytes]) -> list[ShopImage]:
    """The banner in its sizes, as JPEGs without metadata."""
    pixels = open_photo(path, target_side=BANNER_SIDES[-1]).pixels
    made = []
    for side in BANNER_SIDES:
        small = shrink_to(pixels, side)
        height, width = small.shape[:2]
        made.append(keep(files, "banner", "jpg", encode_jpeg(small, BANNER_QUALITY), width, height))
    return list(dict.fromkeys(made))  # of a small picture both sizes are one


def keep(
    files: dict[str, bytes], kind: str, ending: str, content: bytes, width: int, height: int
) -> ShopImage:
    """Among the shop's files, named by its content."""
    name = f"{kind}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    files[name] = content
    return ShopImage(name, width, height)


def with_languages(shop: Shop, spoken: Mapping[str, int]) -> Shop:
    """The shop with all languages, the one that most of its cars are written in first; a choice stays.

    `spoken`: language -> how many cars are written in it.
    """
    if shop.languages:
        return shop
    first = max(LANGUAGES, key=lambda code: spoken.get(code, 0))
    return replace(shop, languages=(first, *(code for code in LANGUAGES if code != first)))
