"""What is counted for Prometheus. Queues and cases are looked up when they are asked for, so they are those
of all processes; what this process read, asked and sent is counted as it happens. No mark, name or address
is a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from kilpi.cases import Case, State, backlog, counts
from kilpi.cases.lists import event_counts
from kilpi.cases.outgoing import outbox
from kilpi.doors.looks import looks
from kilpi.errors import RegisterUnavailable, StoreError
from kilpi.registers.charges import counted_as
from kilpi.registers.trace import Step
from kilpi.store import Store


@dataclass
class Metrics:
    """One server's. `registry` is what /metrics shows."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    # By register, of this process: when it answered last, what, and how often in a row it was not to be had.
    answers: dict[str, tuple[datetime, str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        def counter(name: str, told: str, *labels: str) -> Counter:
            return Counter(name, told, labels, registry=self.registry)

        self.photos = counter("kilpi_photos", "Photos of cases that this process decided.")
        self.decisions = counter("kilpi_decisions", "Cases that this process decided.", "state")
        self.registers = counter("kilpi_register_calls", "Registers asked.", "register", "outcome", "kept")
        self.attempts = counter("kilpi_delivery_attempts", "Webhooks sent.", "outcome")

    def decided(self, case: Case, photos: int) -> None:
        """A case came from work."""
        self.photos.inc(photos)
        self.decisions.labels(case.state.value).inc()

    def asked(self, step: Step) -> None:
        """A register was asked."""
        if not step.kept:
            name = counted_as(step)
            _, _, failed = self.answers.get(name, (None, "", 0))
            failed = failed + 1 if step.outcome == RegisterUnavailable.__name__ else 0
            self.answers[name] = (datetime.now(UTC), step.outcome, failed)
        self.registers.labels(step.register, step.outcome, str(step.kept).lower()).inc()

    def delivered(self, outcome: str) -> None:
        """A webhook was sent: "ok", "failed" or "given_up"."""
        self.attempts.labels(outcome).inc()

    def of(self, store: Store) -> Metrics:
        """These, with what the database knows."""
        self.registry.register(Kept(store))
        return self


@dataclass(frozen=True)
class Kept(Collector):
    """What the database knows, as it is now. A database that is down gives `kilpi_database_up 0` alone."""

    store: Store

    def describe(self) -> list[Metric]:
        """Nothing is looked up when it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families."""
        up = GaugeMetricFamily("kilpi_database_up", "Whether the database answers.")
        try:
            families = list(self._families())
        except StoreError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from families

    def _families(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        yield gauge("kilpi_cases", "Cases, by state.", "state", counts(self.store))
        left = backlog(self.store)
        jobs = {
            "waiting": left.waiting,
            "leased": left.leased,
            "later": left.later,
            "given_up": left.given_up,
        }
        yield gauge("kilpi_jobs", "Jobs, by how they stand.", "stand", jobs)
        yield single("kilpi_jobs_oldest_seconds", "How long the first job waits.", age(left.oldest, now))
        out = outbox.backlog(self.store)
        stands = {"waiting": out.waiting, "given_up": out.dead}
        yield gauge("kilpi_deliveries", "Webhooks that are not delivered.", "stand", stands)
        yield single("kilpi_deliveries_oldest_seconds", "How old the first of them is.", age(out.oldest, now))
        events = CounterMetricFamily("kilpi_events", "What happened to cases.", labels=["kind"])
        for kind, count in event_counts(self.store).items():
            events.add_metric([kind], count)
        yield events
        yield from doors(self.store, now)


def doors(store: Store, now: datetime) -> Iterator[Metric]:
    """How long ago each door looked, and whether it could."""
    since = GaugeMetricFamily(
        "kilpi_door_looked_seconds", "Since a door last looked.", labels=["door", "number"]
    )
    fine = GaugeMetricFamily(
        "kilpi_door_ok", "Whether it could take in what was there.", labels=["door", "number"]
    )
    for number, look in enumerate(looks(store)):
        labels = [look.name.split()[0], str(number)]
        since.add_metric(labels, age(look.looked, now))
        fine.add_metric(labels, 0 if look.problem else 1)
    yield since
    yield fine


def age(moment: datetime | None, now: datetime) -> float:
    """Seconds since then; 0 where there is none."""
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def gauge(name: str, told: str, label: str, values: Mapping[str, int] | Mapping[State, int]) -> Metric:
    """One number a label's value."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family


def single(name: str, told: str, value: float) -> Metric:
    """One number."""
    family = GaugeMetricFamily(name, told)
    family.add_metric([], value)
    return family
