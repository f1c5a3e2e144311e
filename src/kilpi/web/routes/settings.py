"""Settings for administrators: dealers can be changed; what the environment says is shown and named."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from kilpi.cases import Keep, overdue
from kilpi.cases.incoming.adopting import adopt
from kilpi.cases.incoming.dealers import (
    DealerSettings,
    DealerUnfit,
    change_dealer,
    changes_of,
    dealer_names,
    dealer_settings,
    same_name,
)
from kilpi.registers.state import register_states
from kilpi.store import Store
from kilpi.web.fields import one_line
from kilpi.web.pages import page
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Admin, Visitor
from kilpi.web.words import Words, load_words

router = APIRouter(include_in_schema=False)
MOST_DUE = 1000  # cases that are counted; more are told as "more than"
TEXTS = ("street", "postal_code", "city", "country", "contact", "email", "phone")
FROM_OUTSIDE = ("language", "country", "home", "audit_share", "promise", "register_prices", "rate_per_minute",
                "public_url", "smtp_host", "mail_host")  # fmt: skip
"""Settings of the environment that are shown; none of them is secret."""


class Said(BaseModel):
    """The form of one dealer; lists are texts with commas."""

    name: str = Field("", max_length=200)
    known: str = Field("", max_length=1)  # whether the form was of a dealer that is here
    street: str = Field("", max_length=400)
    postal_code: str = Field("", max_length=400)
    city: str = Field("", max_length=400)
    country: str = Field("", max_length=400)
    contact: str = Field("", max_length=400)
    email: str = Field("", max_length=400)
    phone: str = Field("", max_length=400)
    show: str = Field("", max_length=2000)
    home: str = Field("", max_length=400)

    def settings(self) -> DealerSettings:
        """As the core keeps it. Raises DealerUnfit."""
        texts = {name: one_line(getattr(self, name)) for name in TEXTS}
        texts["country"] = texts["country"].upper()
        show, home = parts(self.show), parts(self.home.upper())
        return DealerSettings(one_line(self.name), **texts, show=show, home=home)


def parts(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(dict.fromkeys(filter(None, (one_line(part) for part in text.split(",")))))


@router.get("/settings")
def settings(request: Request, visitor: Admin, serving: Served) -> Response:
    """Dealers, registers, retention, and what the environment says."""
    told = serving.settings
    due = overdue(serving.store, Keep.of(told), MOST_DUE)
    return page(
        request,
        visitor,
        "settings.html",
        dealers=[dealer_settings(serving.store, name) for name in dealer_names(serving.store)],
        registers=register_states(told.default_register, told),
        answers=serving.metrics.answers,
        keep=Keep.of(told),
        due=len(due),
        most_due=MOST_DUE,
        outside=[(name, f"KILPI_{name.upper()}", getattr(told, name)) for name in FROM_OUTSIDE],
    )


@router.get("/settings/dealers")
def dealer(
    request: Request, visitor: Admin, serving: Served, name: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """One dealer's form; without a name a new one's."""
    said = dealer_settings(serving.store, name) if name else None
    return form(request, visitor, serving, said, name)


def form(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    said: DealerSettings | Said | None,
    name: str,
    trouble: str = "",
    at: str = "",
    done: str = "",
) -> Response:
    """The form, with what was typed where it cannot be kept, and why at the field `at`. `name`: "" for a new
    dealer, whose name can be typed.
    """
    return page(
        request,
        visitor,
        "dealer.html",
        status=422 if trouble else 200,
        said=said,
        name=name,
        texts=TEXTS,
        server_home=serving.settings.home,
        changes=changes_of(serving.store, name) if name else (),
        trouble=trouble,
        at=at,
        done=done,
    )


def unfit(words: Words, error: DealerUnfit) -> str:
    """What cannot be, in the visitor's language."""
    values = dict(error.values)
    if "name" in values:
        values["name"] = words.word("settings", str(values["name"]))
    return words.say("dealer_trouble", error.why, **values)


NAME = {"no_name": "name", "is_here": "name"}
"""What is wrong with a name -> its field."""


def is_here(store: Store, name: str) -> bool:
    """Whether a dealer is called so: what is typed for a new one must not overwrite what was said of it."""
    return same_name(name) in map(same_name, dealer_names(store))


def field_of(error: DealerUnfit) -> str:
    """The form's field that cannot be kept."""
    return str(error.values.get("name", NAME.get(error.why, error.why)))


@router.post("/settings/dealers")
def change(request: Request, visitor: Admin, serving: Served, said: Annotated[Said, Form()]) -> Response:
    """What was typed counts from the next decision on."""
    try:
        wanted = said.settings()
        if not said.known and is_here(serving.store, wanted.name):
            raise DealerUnfit(f"{wanted.name} is here already; change that dealer's settings", "is_here")
    except DealerUnfit as error:
        trouble = unfit(load_words(visitor.language), error)
        name = said.name if said.known else ""
        return form(request, visitor, serving, said, name, trouble=trouble, at=field_of(error))
    changed = change_dealer(serving.store, wanted, by=visitor.by)
    if adopt(serving.store, wanted.name, by=visitor.by):
        serving.changed()
    return form(request, visitor, serving, wanted, wanted.name, done="saved" if changed else "same")
