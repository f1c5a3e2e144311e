"""What all routes share: the cases and the folder of adverts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from kilpi.cases import Beside, Case, Desk, Maker
from kilpi.cases.forgetting.retention import GONE_NAMES
from kilpi.config import Settings
from kilpi.errors import UsageError
from kilpi.store import Store
from kilpi.types import Shop
from kilpi.web.metrics import Metrics
from kilpi.web.oidc import OpenId, roles_of
from kilpi.web.rates import Rates
from kilpi.web.stock import Stock
from kilpi.web.throttle import Throttle

MAX_PHOTO = 100 * 1024 * 1024  # bytes of one photo, list or text; the largest that cameras write are below
LINKS_PER_MINUTE = 30  # looks at links, or answers by them, from one address
MAX_ARCHIVE = 4 * 1024**3  # bytes of one zip


@dataclass
class Serving:
    """One server.

    `target` is the place that published adverts go to, as `cases.Site` names it. `address` is where
    browsers reach it, with scheme and without a slash at the end; behind a proxy the proxy's. `changed` wakes
    the workers. `maker` knows registers and dealers' data and is only asked; the workers have flows of
    their own. Raises UsageError, MissingExtra for settings of OpenID that make no sense.
    """

    store: Store
    data: Path
    settings: Settings
    address: str = "http://127.0.0.1:8765"
    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed
    target: str = "site"
    changed: Callable[[], object] = lambda: None
    working: Callable[[], bool] = lambda: True  # whether the workers run
    throttle: Throttle = field(default_factory=Throttle)
    maker: Maker | None = None
    site: Path | None = None  # where published adverts lie; None: none are shown to buyers
    shop: Shop = field(default_factory=Shop)  # how the buyers' pages look
    metrics: Metrics = field(default_factory=Metrics)
    rates: Rates = field(init=False)  # requests of each token
    link_rates: Rates = field(default_factory=lambda: Rates(LINKS_PER_MINUTE))  # of each address, to links
    reading: threading.Lock = field(default_factory=threading.Lock)  # who reads plates with `maker`
    beside: Beside = field(init=False)  # what dealers sent along with photos
    openid: OpenId | None = field(init=False)  # where people may sign in instead of by password
    stock: Stock = field(init=False)  # what buyers see

    def __post_init__(self) -> None:
        self.beside = Beside(self.data)
        gone = self.data / GONE_NAMES
        self.stock = Stock(self.store, self.site, self.shop, f"{self.address}/stock/", gone)
        self.metrics.of(self.store)
        self.openid = OpenId.of(self.settings, self.address)
        roles_of(self.settings.oidc_roles)
        self.rates = Rates(self.settings.rate_per_minute)

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https."""
        return self.address.startswith("https://")

    @property
    def desk(self) -> Desk:
        """The verbs that touch folders too."""
        return Desk(self.store, self.data)

    def folder(self, case: Case) -> Path:
        """Where the case's advert is."""
        return self.data / case.address


def maker_of(serving: Serving) -> Maker:
    """What knows registers and dealers' data. Raises UsageError on a server that was started without."""
    if serving.maker is None:
        raise UsageError("serving: has no flow, so nothing can be asked; start it with `kilpi serve`")
    return serving.maker


def serving_of(request: Request) -> Serving:
    """The server that a request came to."""
    serving: Serving = request.app.state.serving
    return serving


Served = Annotated[Serving, Depends(serving_of)]
