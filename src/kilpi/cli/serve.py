"""kilpi serve: the department's pages and the REST core, with workers beside them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Annotated

import typer

from kilpi.cases import (
    Beside,
    Case,
    LaidOut,
    Maker,
    Site,
    Workers,
    heap_sorter,
    looker,
    photos,
    publisher,
    retainer,
    schedule_retention,
    take_in,
)
from kilpi.cases import Keep as KeepDays
from kilpi.cases.case import AT_WORK
from kilpi.cases.learning.drifting import drift_looker, schedule_drift
from kilpi.cases.tally import count_past
from kilpi.cli import output
from kilpi.cli.advert_run import Asked, audit_plan
from kilpi.cli.adverts import prepare
from kilpi.cli.doors import Door, Keep, mail_door, start, watches_of
from kilpi.cli.hooks import deliver_of
from kilpi.cli.logs import tell_log
from kilpi.cli.meter import Meter
from kilpi.cli.options import SERVE_DATA, Home, Register
from kilpi.cli.reach import address_of, listening, port_of
from kilpi.cli.working import LOOK_S
from kilpi.config import Settings, load_settings
from kilpi.errors import MissingExtra, UsageError
from kilpi.photos.intake import survey
from kilpi.publishing.folder_target import folder_target
from kilpi.publishing.offers import Offers
from kilpi.publishing.shop import open_shop
from kilpi.registers.trace import Step, ignore
from kilpi.signals import stopped_by_signals
from kilpi.store import Store, open_store
from kilpi.types import Shop

if TYPE_CHECKING:
    import uvicorn

    from kilpi.web import Serving
    from kilpi.web.metrics import Metrics

STOP_S = 30.0  # how long the cars in hand may take at the end; longer ones are taken up again later
PARTS = ("fastapi", "uvicorn", "multipart", "argon2", "prometheus_client")
LOG = logging.getLogger("kilpi.serve")


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(serve)


def serve(
    data: Annotated[Path, typer.Option(help="Folder for cases, photos and adverts.")] = SERVE_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8765,
    public_url: Annotated[
        str, typer.Option(envvar="KILPI_PUBLIC_URL", help="Where browsers reach it, behind a proxy.")
    ] = "",
    proxy: Annotated[
        list[str] | None, typer.Option(help="Address of the proxy in front, the only one that is believed.")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    register: Register = "",
    language: Annotated[str, typer.Option(help="fi, sv or en: of the adverts.")] = "",
    home: Home = "",
    site: Annotated[
        Path | None, typer.Option(help="Folder that published adverts go to. Default: DATA-site.")
    ] = None,
    dealer: Annotated[Path | None, typer.Option(help="dealer.toml: how /stock/ looks to buyers.")] = None,
    take: Annotated[
        list[Path] | None, typer.Option(help="Photos on this machine to begin with, a folder a car.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Cars that are worked on at once; 0: only pages.")
    ] = 1,
    watch: Annotated[
        list[Path] | None, typer.Option(help="Folder whose new photos become cars; may be repeated.")
    ] = None,
    keep: Keep = False,
    mail: Annotated[bool, typer.Option("--mail", help="Read a mailbox: KILPI_MAIL_...")] = False,
) -> None:
    """The department's pages in a browser, and REST for machines."""
    if missing := [name for name in PARTS if find_spec(name) is None]:
        raise MissingExtra(f"kilpi serve needs {', '.join(missing)}: pip install 'kilpi[web]'")
    from kilpi.web.metrics import Metrics

    settings, proxies = load_settings(), tuple(proxy or ())
    settings = settings.model_copy(
        update={
            "language": language or settings.language,
            "public_url": public_url,
            "default_register": register or settings.default_register,
            "home": home or settings.home,
        }
    )
    reached = partial(
        address_of, host, public_url=public_url, proxied=bool(proxies), cert=tls_cert, key=tls_key
    )
    reached(port=port)
    prepare(data)
    data.chmod(0o700)
    site = site or data.resolve().with_name(f"{data.resolve().name}-site")
    folder_target(site, data)
    asked = Asked((), settings.default_register, language=settings.language, home=settings.home)
    shop = open_shop(dealer)
    with listening(host, port) as sockets, closing(open_store(data, settings)) as store:
        address, metrics = reached(port=port_of(sockets)), Metrics()
        place = Site(data, site, Offers(store, site))
        working = make_workers(store, data, settings, asked, place, workers, metrics)
        maker = make_maker(store, data, settings, asked, metrics)
        serving = make_serving(store, data, settings, maker, address, proxies, working, place, shop, metrics)
        if take:
            take_in(store, survey(take, skip=[data]).cars, settings.country)
        doors: list[Door] = [deliver_of(store, settings, metrics.delivered)]
        doors += watches_of(store, watch, data, settings, keep=keep, changed=working.wake) if watch else []
        doors += [mail_door(store, data, settings, working.wake)] if mail else []
        server = make_server(serving, tls_cert, tls_key)
        tell_link(store, address)
        run(serving, working, server, sockets, doors)


def make_workers(
    store: Store, data: Path, settings: Settings, asked: Asked, site: Site, count: int, metrics: Metrics
) -> Workers:
    """`count` threads, each with networks of its own, and what keeps the site as the cases say."""

    def flow() -> LaidOut:
        return LaidOut(store, make_maker(store, data, settings, asked, metrics), beside)

    # Also: what makes no sense is told before anything is served.
    beside, settler = Beside(data), make_maker(store, data, settings, asked, metrics)
    sorter = heap_sorter(store, looker(settler.line))
    forget = retainer(store, KeepDays.of(settings))
    schedule_retention(store)
    schedule_drift(store)
    count_past(store)
    handlers = {**publisher(store, site.target, site), **sorter, **forget, **drift_looker(store)}

    def watch(case: Case) -> None:
        settler.settle(case)
        if case.state not in AT_WORK:
            metrics.decided(case, len(photos(store, case.id)))
            LOG.info("decided", extra={"case": case.id, "state": case.state.value})

    return Workers(store, flow, count, handlers=handlers, watch=watch, plan=audit_plan())


@dataclass
class Counted(Meter):
    """A meter that tells each step and keeps nothing: a server lives long."""

    told: Callable[[Step], object] = ignore

    def __call__(self, step: Step) -> None:
        """One register was asked."""
        self.told(step)
        self.heard.untold.append(step)

    def close(self, car: str, in_vain: bool) -> None:
        """Nothing is added up by car."""


def make_maker(store: Store, data: Path, settings: Settings, asked: Asked, metrics: Metrics) -> Maker:
    """A maker; its networks are loaded when it first works on a car."""
    maker = asked.maker(data, settings, Counted(told=metrics.asked))
    maker.originals = store.originals
    return maker


def make_serving(
    store: Store,
    data: Path,
    settings: Settings,
    maker: Maker,
    address: str,
    proxies: tuple[str, ...],
    working: Workers,
    site: Site,
    shop: Shop,
    metrics: Metrics,
) -> Serving:
    """What the routes share."""
    from kilpi.web import Serving

    return Serving(
        store,
        data,
        settings,
        address=address,
        proxies=proxies,
        target=site.target,
        site=site.to,
        shop=shop,
        changed=working.wake,
        working=lambda: working.alive,
        maker=maker,
        metrics=metrics,
    )


def make_server(serving: Serving, cert: Path | None, key: Path | None) -> uvicorn.Server:
    """What answers. Raises UsageError for a certificate or key that cannot be used."""
    import uvicorn

    from kilpi.web import create_app

    config = uvicorn.Config(
        create_app(serving),
        ssl_certfile=cert,
        ssl_keyfile=key,
        access_log=False,  # it would write whole addresses
        log_config=None,  # its own would write a fault's words, and pass by `tell_log`
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    try:
        config.load()
    except OSError as error:  # also ssl.SSLError
        why = error.strerror or "unknown"
        raise UsageError(f"serve: {cert}, {key}: cannot be used ({why}); give PEM files that fit") from None
    return uvicorn.Server(config)


def run(
    serving: Serving,
    working: Workers,
    server: uvicorn.Server,
    sockets: list[socket],
    doors: Sequence[Door] = (),
) -> None:
    """Serves until Ctrl-C or SIGTERM; the workers finish the cars in hand."""
    tell_log(serving.settings.log)
    # In a thread, uvicorn leaves signals alone: it would end the process before the workers have ended.
    thread = threading.Thread(target=server.run, args=(sockets,), name="pages", daemon=True)
    with stopped_by_signals() as over:
        for part in (working, thread):
            part.start()
        stop_doors = threading.Event()
        looking = start(doors, stop_doors)
        stock = threading.Thread(target=serving.stock.keep, args=(stop_doors,), name="stock", daemon=True)
        stock.start()
        while thread.is_alive() and not over.wait(LOOK_S):
            pass
        server.should_exit = True
        thread.join()
        stop_doors.set()
        for ending in (*looking, stock):
            ending.join(STOP_S)
        working.stop(STOP_S)
    if not over.is_set():
        raise UsageError("serve: the pages ended by themselves; the lines above say why")


def tell_link(store: Store, address: str) -> None:
    """The owner's way in, on the terminal alone."""
    from kilpi.web import accounts

    secret = accounts.make_link(store, accounts.owner(store).id, accounts.ENTER)
    output.console.print(f"Kilpi is at {address}", markup=False)
    output.console.print(
        f"Sign in once, within an hour: {address}/enter/{secret}", markup=False, soft_wrap=True
    )
