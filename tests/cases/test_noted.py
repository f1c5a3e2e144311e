"""What `kilpi publish` sent, noted in the cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.helping import arrive, publish, ready, review, worked

from kilpi.cases import (
    SaidNotThese,
    answer,
    backlog,
    find,
    history,
    noted,
    photos,
    read_case,
    sold,
    to_take_down,
)
from kilpi.store import Store
from kilpi.types import Mark


def test_all_that_is_over_is_noted_as_down_also_where_it_is_much(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noted, "MOST", 2)  # cases a page
    for n in range(5):
        case = worked(store, arrive(store, f"a{n}"), ready(Mark(f"ABC-{100 + n}", "FI")))
        sold(store, publish(store, case).id, by="anna")
    stays = publish(store, worked(store, arrive(store, "b"), ready()))
    elsewhere = publish(store, worked(store, arrive(store, "d"), ready(Mark("KLM-200", "FI"))), "there")
    sold(store, elsewhere.id, by="anna")
    assert len(to_take_down(store)) == 6
    noted.note_sent(store, tmp_path, "site", unsent=())
    assert [case.id for case in to_take_down(store)] == [elsewhere.id]
    assert stays.id in {case.id for case in find(store).cases if case.live}
    assert backlog(store).waiting == 1, "the other place's job"


def test_a_corrected_advert_is_not_kept_while_it_is_asked_about(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Read:
        id, vin = "public", None

    monkeypatch.setattr(noted, "read_record", lambda path: Read)
    case = publish(store, worked(store, arrive(store, "a", "b"), ready()))
    answer(store, case.id, SaidNotThese((photos(store, case.id)[0].sha256,)), by="bo")
    assert noted.to_keep(store, tmp_path, "site") == {"public": None}, "it may be made again yet"
    worked(store, case, review())
    assert noted.to_keep(store, tmp_path, "site") == {}
    noted.note_sent(store, tmp_path, "site", unsent=())
    assert read_case(store, case.id).live == 0
    assert history(store, case.id)[-1].data["why"] == "corrected"
    assert backlog(store).waiting == 0
