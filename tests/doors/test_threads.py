"""Which car a mail goes on about: by the mails that it answers, never by which cars are still for sale."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cases.helping import arrive, in_state, sent
from tests.doors.mails import DEALER

from kilpi.cases import Arrival, Case, State, join, receive, sold
from kilpi.doors.letters import OURS, Letter, reference_of
from kilpi.doors.threads import answer_id, case_answered, receipt_of
from kilpi.hashing import sha256_hex
from kilpi.store import Store


def a_mail(name: str, subject: str = "", *answers: str) -> Letter:
    key = sha256_hex(name.encode())
    reference = reference_of(subject)
    return Letter(
        "sales@auto.example",
        DEALER,
        subject,
        reference,
        (),
        "",
        f"<{name}@auto.example>",
        answers,
        key,
        False,
    )


def came(store: Store, mail: Letter, *references: str) -> list[Case]:
    """The cars of a mail, a photo each."""
    return [
        receive(
            store,
            Arrival(
                sent(f"{mail.key} {name}"),
                dealer=DEALER,
                reference=name,
                receipt=f"{receipt_of(mail)} {number}",
                named=False,
            ),
        ).case
        for number, name in enumerate(references, 1)
    ]


def answering(store: Store, *ids: str, subject: str = f"Re: {OURS}") -> str:
    return case_answered(store, a_mail("answer", subject, *ids), DEALER)


@pytest.mark.parametrize("ours", [False, True])
def test_of_two_cars_of_one_mail_none_is_meant_where_one_is_sold(store: Store, ours: bool) -> None:
    mail = a_mail("first")
    leaf, golf = came(store, mail, "leaf", "golf")
    told = answer_id(mail, [leaf.id, golf.id]) if ours else mail.message_id
    assert answering(store, told) == ""
    sold(store, golf.id, by="anna")
    assert answering(store, told) == "", "it may be the sold one's price"
    assert answering(store, told, subject="Re: leaf") == leaf.id
    assert answering(store, told, subject="Re: golf") == ""


def test_an_answer_of_ours_that_tells_of_one_car_is_about_that_one(store: Store) -> None:
    first, second = a_mail("first"), a_mail("second", "Re: leaf")
    leaf, golf = came(store, first, "leaf", "golf")
    assert answering(store, answer_id(second, [leaf.id])) == leaf.id, "the second mail came by no receipt"
    assert answering(store, first.message_id, answer_id(second, [golf.id])) == golf.id
    assert answer_id(second, [golf.id]) == answer_id(second, [golf.id]) != answer_id(first, [golf.id])
    sold(store, golf.id, by="anna")
    assert answering(store, first.message_id, answer_id(second, [golf.id])) == ""


def test_a_car_that_came_by_no_mail_is_found_by_our_answer(store: Store) -> None:
    case = arrive(store, "a", dealer=DEALER, reference="17", place="/nowhere")
    assert answering(store, answer_id(a_mail("x"), [case.id]), subject="Re: 17") == case.id
    other = a_mail("answer", "Re: 17", answer_id(a_mail("x"), [case.id]))
    assert case_answered(store, replace(other, dealer="Other Oy"), "Other Oy") == ""


def test_the_nearest_mail_of_a_thread_counts(store: Store) -> None:
    first, second = a_mail("first"), a_mail("second", "Re: golf")
    leaf, golf = *came(store, first, "leaf"), *came(store, second, "golf")
    assert answering(store, first.message_id, second.message_id) == golf.id
    assert answering(store, second.message_id, first.message_id) == leaf.id
    assert answering(store, first.message_id, second.message_id, subject="Re: leaf") == leaf.id
    assert answering(store, first.message_id, "<unknown@auto.example>") == leaf.id


def test_a_car_that_was_joined_to_another_is_that_one(store: Store) -> None:
    mail = a_mail("first")
    leaf, again = came(store, mail, "leaf", "leaf again")
    join(store, again.id, leaf.id, by="anna")
    assert answering(store, mail.message_id) == leaf.id
    assert answering(store, answer_id(mail, [again.id])) == leaf.id


def test_a_car_that_is_gone_takes_nothing(store: Store) -> None:
    for state in (State.SOLD, State.WITHDRAWN, State.ERASED):
        case = in_state(store, state, dealer=DEALER, name=state.value)
        assert answering(store, answer_id(a_mail("x"), [case.id])) == ""
