"""kilpi publish: what is accepted and complete leaves, and only what changed since the last time.

What was sent where is kept (`kilpi.publishing.ledger`), so that a car that is no longer ready is withdrawn.
Drafts, reviews, marks and decisions never leave.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from kilpi.adverts.public_advert import LISTING
from kilpi.errors import PublishError, UsageError
from kilpi.files import locked, locked_folder
from kilpi.publishing.entries import Entry, Held, ready_entries
from kilpi.publishing.files import FEEDS, Advertised, FeedReport, write_feeds
from kilpi.publishing.folder_target import FolderTarget, folder_target
from kilpi.publishing.ledger import LOCK, SENDING, STATE, Sent, State
from kilpi.publishing.shop import open_shop, with_languages
from kilpi.publishing.site import SiteReport, write_site
from kilpi.publishing.webhook import Webhook, published, withdrawn
from kilpi.schemas import read_public_advert
from kilpi.types import Dealer, Record, Shop


@dataclass(frozen=True)
class PublishReport:
    """What one run did: public ids of cars sent and withdrawn, how many were as before, and what stayed."""

    sent: tuple[str, ...]
    unchanged: int
    withdrawn: tuple[str, ...]
    held: tuple[Held, ...]
    failed: tuple[Held, ...] = ()
    feeds: tuple[FeedReport, ...] = ()
    site: SiteReport | None = None


class Target(Protocol):
    """Where adverts go."""

    def deliver(self, identity: str, entry: Entry | None, before: Sent) -> bool:
        """Put one advert in place, or withdraw it where `entry` is None; False where nothing had changed.

        `before` is what was delivered last. Raises PublishError where it cannot be done.
        """
        ...


class Keeper(Protocol):
    """Whoever knows what the adverts of an output folder are of, and what becomes of those that are out."""

    def refusal(self, folder: str, record: Record) -> str:
        """Why a car's folder may not leave; "" where it may, and then it is sent at once."""
        ...

    def stays(self) -> Mapping[str, str | None]:
        """Public id -> VIN of cars that are not sent now, and of which what is out stays. Asked once all
        folders were.
        """
        ...

    def goes(self, unsent: Collection[str]) -> Collection[str]:
        """Public ids that are out, or may be, and must not be, whoever put them there. Asked last.

        `unsent` could not be sent now: of them what is out of another car must not stay.
        """
        ...


class Nobody:
    """There are only folders: what is ready leaves, what is ready no more is withdrawn."""

    def refusal(self, folder: str, record: Record) -> str:
        """Nothing is refused."""
        return ""

    def stays(self) -> Mapping[str, str | None]:
        """Nothing stays."""
        return {}

    def goes(self, unsent: Collection[str]) -> Collection[str]:
        """Nothing but what was sent before."""
        return ()


@dataclass(frozen=True)
class WebhookTarget:
    """An address that takes adverts by POST."""

    webhook: Webhook

    def deliver(self, identity: str, entry: Entry | None, before: Sent) -> bool:
        """Post the advert, or its withdrawal."""
        digest = entry.digest if entry else ""
        if before.digest == digest:
            return False
        body = published(entry) if entry else withdrawn(identity)
        # A car may come back just as it was: the count makes that another event; a repeat keeps its key.
        key = hashlib.sha256(f"{identity}\n{before.count}\n{digest}".encode()).hexdigest()
        self.webhook.send(body, key)
        return True


@dataclass
class Progress:
    """What one run has done so far."""

    sent: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    failed: list[Held] = field(default_factory=list)
    unchanged: int = 0
    advertised: list[Advertised] = field(default_factory=list)


def publish(
    out: Path,
    to: str,
    *,
    dealer: Dealer | None = None,
    shop: Shop | None = None,
    secret: str = "",
    tick: Callable[[], object] | None = None,
    target: Target | None = None,
    keeper: Keeper | None = None,
) -> PublishReport:
    """Send the ready cars below `out` to a folder or an https address; withdraw those that are ready no more.

    `shop` is how the site looks whose index comes with a folder, `secret` signs what is posted, `tick` is
    called after every car, `target` replaces what `to` names. A car that cannot be sent is in `failed`, and
    the others go on. `keeper` says what may leave and what stays. Of two runs to one place the second waits:
    what the first one read earlier, and still sends to a slow receiver, comes not after the second's.
    """
    if not out.is_dir():
        raise UsageError(f"{out}: no such folder; run kilpi advert first")
    address, is_url = destination(to)
    name = hashlib.sha256(address.encode()).hexdigest() if is_url else str(Path(address).resolve())
    with locked(out / f"{STATE}-{hashlib.sha256(name.encode()).hexdigest()[:12]}{LOCK}"):
        state = State.load(out / STATE, name)
        return _in_turn(out, to, state, dealer, shop, secret, tick, target, keeper or Nobody())


def _in_turn(
    out: Path,
    to: str,
    state: State,
    dealer: Dealer | None,
    shop: Shop | None,
    secret: str,
    tick: Callable[[], object] | None,
    target: Target | None,
    keeper: Keeper,
) -> PublishReport:
    """`publish`, while no other run sends there."""
    dealer = dealer or (shop.dealer if shop else Dealer())
    to, is_url = destination(to)
    look = None if is_url or target else with_languages(shop or open_shop(None, dealer), Counter(spoken(out)))
    place = target or (WebhookTarget(Webhook(to, secret)) if is_url else folder_target(Path(to), out))
    held: list[Held] = []
    done = Progress()
    turn = partial(locked_folder, place.root) if isinstance(place, FolderTarget) else nullcontext
    for entry in ready_entries(out, dealer.site, held, look, keeper.refusal, turn):
        done.advertised.append(Advertised(entry.shown, entry.vin))
        deliver(place, entry.shown.id, entry, state, done)
        if tick:
            tick()
    keep = keeper.stays()
    gone = {identity for identity, sent in state.sent.items() if sent.digest}
    must = {*keeper.goes([held.folder for held in done.failed])}
    gone |= must
    done.advertised = [car for car in done.advertised if car.shown.id not in must]
    done.advertised += [] if is_url else still_out(Path(to), keep, done.advertised)
    index = show_index(Path(to), done.advertised, look, dealer.site) if look else None
    for identity in sorted(gone - {car.shown.id for car in done.advertised} - {*keep}):
        with turn():
            deliver(place, identity, None, state, done)
    shown = () if is_url or target else as_shown(Path(to), done)
    feeds = () if is_url or target else write_feeds(shown, Path(to) / FEEDS, dealer)
    return PublishReport(
        tuple(done.sent),
        done.unchanged,
        tuple(done.withdrawn),
        (*held, *(index.held if index else ())),
        tuple(done.failed),
        feeds,
        index,
    )


def spoken(out: Path) -> Iterator[str]:
    """The languages that the adverts below a folder are written in."""
    for path in sorted(out.glob(f"*/{LISTING}")):
        found = read_public_advert(path)
        if found is not None:
            yield found.language


def show_index(root: Path, cars: Sequence[Advertised], shop: Shop, site: str | None) -> SiteReport:
    """The index over the cars that are there, written before cars are taken away: no link leads nowhere."""
    root.mkdir(parents=True, exist_ok=True)
    there = [car.shown for car in cars if (root / car.shown.id / LISTING).is_file()]
    return write_site(root, there, shop, site)


def still_out(root: Path, keep: Mapping[str, str | None], sent: Collection[Advertised]) -> list[Advertised]:
    """Cars that are asked about and still shown in a folder: the feeds go on naming them."""
    asked = sorted({*keep} - {car.shown.id for car in sent})
    found = ((identity, read_public_advert(root / identity / LISTING)) for identity in asked)
    return [Advertised(shown, keep[identity]) for identity, shown in found if shown is not None]


def as_shown(root: Path, done: Progress) -> list[Advertised]:
    """The cars for the feeds: those that stand there now; of one that could not be sent what stands there."""
    failed = {held.folder for held in done.failed}
    there = [car for car in done.advertised if (root / car.shown.id / LISTING).is_file()]
    late = {
        car.shown.id: read_public_advert(root / car.shown.id / LISTING)
        for car in there
        if car.shown.id in failed
    }
    return [replace(car, shown=late.get(car.shown.id) or car.shown) for car in there]


def destination(to: str) -> tuple[str, bool]:
    """Where to publish, and whether it is a web address (its scheme in lower case).

    Raises UsageError for any other scheme: it would become a folder of that name.
    """
    found = re.match(r"([A-Za-z][A-Za-z0-9+.\-]+):/+", to)
    if found is None:
        return to, False
    scheme = found[1].lower()
    if scheme not in ("https", "http") or not re.match(r"[A-Za-z]+://[^/]", to):
        raise UsageError(f"--to {scheme}: is no folder and no https:// address; give one of these")
    return scheme + to[len(scheme) :], True


def deliver(place: Target, identity: str, entry: Entry | None, state: State, done: Progress) -> None:
    """One car to the target. That it may be out is written down before, that it is at once after: a run that
    is killed in between leaves nothing out that the next one does not know of.
    """
    # Not in the file: new, put there by somebody else, or the file was lost. Keys are counted from now, then,
    # for a receiver knows those that were given before.
    unknown = Sent(time.time_ns(), "" if entry else SENDING)
    before = state.sent.get(identity, unknown)
    digest = entry.digest if entry else ""
    if before is unknown or (entry is not None and before.digest not in (digest, SENDING)):
        state.note(identity, Sent(before.count, SENDING))
    try:
        changed = place.deliver(identity, entry, before)
    except (PublishError, UsageError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else ""
        done.failed.append(Held(identity, why or str(error)))
        return
    if entry is None:
        done.withdrawn.append(identity)
    elif changed:
        done.sent.append(identity)
    else:
        done.unchanged += 1
    if before.digest != digest:
        state.note(identity, Sent(before.count + 1, digest))
