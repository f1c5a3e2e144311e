"""What the audit says: bounds on the share of wrong cars among the accepted, and what the promise lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kilpi.cases.learning.audit import (
    ACCEPTED,
    DISPUTED,
    RIGHT,
    STOPPED,
    UNCLEAR,
    WRONG,
    AuditPlan,
    resumed_at,
    verdicts,
)
from kilpi.evaluation.audited import LEAST_ERRORS, Powered, lower_bound, missing, powered_bound
from kilpi.evaluation.metrics import upper_bound
from kilpi.store import Store, Tx
from kilpi.store.tables import audits, cases, switches


@dataclass(frozen=True, slots=True)
class Figures:
    """What the audit says. `disputed` answers count as wrong in `upper`, and not in `lower`."""

    accepted: int  # cars that were ever sampled from, as they stand
    sampled: int
    answered: int  # that say right or wrong
    wrong: int  # confirmed by a second look
    disputed: int
    unclear: int
    promise: float
    upper: float  # one-sided 95 %, exact, for a look that was fixed before
    lower: float  # of a confidence sequence: holds however often it is looked at
    missing: int  # audits without an error until the promise is shown
    powered: Powered | None
    stopped: datetime | None
    resumed: datetime | None


def figures(store: Store, plan: AuditPlan | None = None, dealer: str | None = None) -> Figures:
    """What the audit says, since acceptance was last resumed; of one dealer, or of all."""
    return store.read(lambda tx: _figures(tx, plan or AuditPlan(), dealer))


def _figures(tx: Tx, plan: AuditPlan, dealer: str | None) -> Figures:
    since = resumed_at(tx)
    counted = verdicts(tx, since, dealer)
    wrong, disputed = counted[WRONG], counted[DISPUTED]
    n = counted[RIGHT] + wrong + disputed
    stop = tx.row(sa.select(switches.c.at).where(switches.c.name == STOPPED))
    told, rest = _chances(tx, since, dealer), _others(since, dealer)
    enough = sum(bad for bad, _ in told) >= LEAST_ERRORS  # else nothing leans on p, and none is read
    others = [row["p"] for row in tx.rows(sa.select(cases.c.p).where(*rest))] if enough else []
    unaudited = len(others) if enough else _count(tx, rest)
    return Figures(
        accepted=unaudited + sum(counted.values()),
        sampled=sum(counted.values()),
        answered=n,
        wrong=wrong,
        disputed=disputed,
        unclear=counted[UNCLEAR],
        promise=plan.promise,
        upper=upper_bound(wrong + disputed, n),
        lower=lower_bound(wrong, n - disputed),
        missing=missing(wrong + disputed, n, plan.promise),
        powered=powered_bound([bad for bad, _ in told], [p for _, p in told], others),
        stopped=stop["at"] if stop else None,
        resumed=since,
    )


def _count(tx: Tx, where: Sequence[sa.ColumnElement[bool]]) -> int:
    query = sa.select(sa.func.count()).select_from(cases).where(*where)
    return int(tx.connection.execute(query).scalar_one())


def _chances(tx: Tx, since: datetime | None, dealer: str | None) -> list[tuple[bool, float]]:
    """(wrong, p) of the audited."""
    mine: list[sa.ColumnElement[bool]] = [audits.c.verdict.in_([RIGHT, WRONG, DISPUTED])]
    mine.append(audits.c.p.is_not(None))
    if since is not None:
        mine.append(audits.c.sampled >= since)
    if dealer is not None:
        mine.append(audits.c.dealer == dealer)
    found = tx.rows(sa.select(audits.c.verdict, audits.c.p).where(*mine))
    return [(row["verdict"] != RIGHT, row["p"]) for row in found]


def _others(since: datetime | None, dealer: str | None) -> list[sa.ColumnElement[bool]]:
    """Which cases are the other accepted cars."""
    rest: list[sa.ColumnElement[bool]] = [cases.c.settled, cases.c.p.is_not(None)]
    rest.append(cases.c.state.in_([state.value for state in ACCEPTED]))
    rest.append(cases.c.id.not_in(sa.select(audits.c.case_id)))
    if since is not None:
        rest.append(cases.c.received >= since)
    if dealer is not None:
        rest.append(cases.c.dealer == dealer)
    return rest
