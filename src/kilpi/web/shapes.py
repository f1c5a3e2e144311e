"""The shapes of /v1, as OpenAPI shows them. A mark stands in bodies alone, never in an address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from kilpi.cases import Case, CasePhoto, Event, State
from kilpi.cases.telling.history_text import who_of
from kilpi.types import Reason


class PhotoShape(BaseModel):
    """One photo of a case."""

    sha256: str
    name: str = Field(description="as it was sent")
    view: str = ""
    rejected: str = Field("", description="why it is not shown; empty: it may be")


class ReasonShape(BaseModel):
    """One reason of a decision."""

    code: str
    values: dict[str, Any] = {}


class CaseShape(BaseModel):
    """One car as received."""

    model_config = {
        "json_schema_extra": {
            "example": {
                "id": "01a22250-f0dc-78b0-afd8-a2ecc38db071",
                "state": "ready",
                "seq": 4,
                "dealer": "",
                "reference": "golf",
                "mark": "KLT-482",
                "country": "FI",
                "p": 0.9986,
                "title": "Volkswagen Golf 1.5 TSI 2018",
                "reasons": [{"code": "plates_agree", "values": {"count": 3}}],
                "missing": [],
                "version": 1,
                "received": "2026-03-02T08:00:00Z",
                "changed": "2026-03-02T08:00:03Z",
                "next_try": None,
            }
        }
    }

    id: str
    state: State
    seq: int = Field(description="of its last event; give it back as `seen`")
    dealer: str
    reference: str
    mark: str | None = Field(description="as on the plate; the example's is of a drawn car, nobody's")
    country: str | None
    p: float | None = Field(description="calibrated probability that the mark is right")
    title: str
    reasons: list[ReasonShape]
    missing: list[str]
    version: int = Field(description="of its advert")
    received: datetime
    changed: datetime
    next_try: datetime | None


class ReceivedShape(BaseModel):
    """A case, and how it came to that: new, same (sent before) or changed."""

    case: CaseShape
    how: str
    changed: list[str] = Field([], description="of a known case what is new: photos, mark, price ...")
    refused: list[RefusedShape] = []


class RefusedShape(BaseModel):
    """A file that is not used."""

    name: str
    sha256: str
    why: str = Field(description="a class of the error tree, or why such files are left out")


class PageShape(BaseModel):
    """Some cases, and where the next page begins."""

    cases: list[CaseShape]
    cursor: str | None = Field(description="give it back for the next page; null: there is none")


class EventShape(BaseModel):
    """One thing that happened to a case."""

    seq: int
    at: datetime
    by: str
    kind: str


class ProblemShape(BaseModel):
    """What went wrong (RFC 9457). `kind` is a class of Kilpi's error tree, or the status's name."""

    type: str = "about:blank"
    title: str
    status: int
    kind: str
    detail: str


def case_shape(case: Case, scope: str | None) -> CaseShape:
    """A case as /v1 shows it, to one dealer (`scope`) or to the staff (None)."""
    same = ("id", "state", "seq", "dealer", "reference", "p", "title", "version")
    times = ("received", "changed", "next_try")
    return CaseShape(
        mark=case.mark.text if case.mark else None,
        country=case.mark.country if case.mark else None,
        reasons=[reason_shape(reason, scope) for reason in case.reasons],
        missing=list(case.missing),
        **{name: getattr(case, name) for name in same + times},
    )


def reason_shape(reason: Reason, scope: str | None) -> ReasonShape:
    """A reason as /v1 shows it. No dealer is told which case another dealer's car is, or that it is one's."""
    values = dict(reason.values)
    if scope is not None:
        values.pop("case", None)
        if "differ" in values:
            values["differ"] = [name for name in values["differ"] if name != "dealer"]
    return ReasonShape(code=reason.code, values=values)


def photo_shape(photo: CasePhoto) -> PhotoShape:
    """A photo as /v1 shows it."""
    return PhotoShape(sha256=photo.sha256, name=photo.name, view=photo.view, rejected=photo.rejected)


def event_shape(event: Event) -> EventShape:
    """An event as /v1 shows it."""
    return EventShape(seq=event.seq, at=event.at, by=who_of(event), kind=event.kind.value)
