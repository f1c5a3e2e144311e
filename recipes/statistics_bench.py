"""How long /statistics takes with many cases: python recipes/statistics_bench.py PLACE [--calls 100]

PLACE is a folder that recipes/store_bench.py filled (100,000 cases); a year of counts for its eight dealers
is added to it, with all reasons, gaps and registers, and audits of 2 % of the published cars. The page is
asked for by a client in this process, signed in as staff; milliseconds of the whole answer.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from starlette.testclient import TestClient

from kilpi.adverts.wording import load_wording
from kilpi.cases.tally import week_of
from kilpi.config import Settings
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import tallies
from kilpi.store.tables import audits, cases
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.visitor import COOKIE

WEEKS = 52
ADDRESSES = ("/statistics", "/statistics?weeks=52", "/statistics/dealer_weeks.csv?weeks=52")


def main() -> None:
    """Fills what is missing, asks, and prints one JSON line an address."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("place", type=Path)
    parser.add_argument("--calls", type=int, default=100)
    options = parser.parse_args()
    store = Store.open(options.place)
    store.write(fill)
    count = store.read(
        lambda tx: tx.connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
    )
    rows = store.read(
        lambda tx: tx.connection.execute(sa.select(sa.func.count()).select_from(tallies)).scalar_one()
    )
    serving = Serving(store, options.place, Settings(language="en"), address="http://testserver")
    client = TestClient(create_app(serving))
    user = accounts.owner(store)
    client.cookies.set(COOKIE, sessions.begin(store, user.id), domain="testserver.local")
    for address in ADDRESSES:
        times = [asked(client, address) for _ in range(options.calls)]
        told = {"address": address, "cases": count, "counts": rows, "n": len(times)}
        told |= {f"p{p}_ms": round(float(np.percentile(times, p)), 1) for p in (50, 95, 99)}
        print(json.dumps({**told, "load": round(os.getloadavg()[0], 1)}), flush=True)
    store.close()


def asked(client: TestClient, address: str) -> float:
    """Milliseconds of one answer."""
    begun = time.perf_counter()
    assert client.get(address).status_code == 200
    return 1000 * (time.perf_counter() - begun)


def fill(tx: Tx) -> None:
    """Counts of a year and the audits, where there are none."""
    if tx.row(sa.select(tallies.c.week).limit(1)) is not None:
        return
    dealers = [row["dealer"] for row in tx.rows(sa.select(cases.c.dealer).distinct())]
    words = [("decided", w) for w in ("ready", "draft", "review")] + [
        ("finished", w) for w in ("alone", "person")
    ]
    words += [("question", w) for w in load_wording("en").tables["reason"]]
    words += [("missing", w) for w in load_wording("en").tables["missing"]]
    words += [("time", w) for w in ("review", "ask", "later", "audit")] + [("wrong", "corrected")]
    words += [(what, w) for what in ("asked", "kept", "paid") for w in ("traficom", "svv", "rdw")]
    now = datetime.now(UTC)
    rows = [
        {"week": week, "dealer": dealer, "what": what, "word": word, "n": 9, "amount": 60.0}
        for week in [week_of(now - timedelta(weeks=back)) for back in range(WEEKS)]
        for dealer in dealers
        for what, word in words
    ]
    tx.connection.execute(tallies.insert(), rows)
    tx.run(cases.update().values(p=0.9995))
    audited = tx.rows(sa.select(cases.c.id, cases.c.dealer).where(cases.c.state == "published"))[::50]
    more = {"seq": 3, "p": 0.9995, "sampled": now, "answered": now, "verdict": "right"}
    tx.connection.execute(
        audits.insert(), [{"case_id": r["id"], "dealer": r["dealer"], **more} for r in audited]
    )


if __name__ == "__main__":
    main()
