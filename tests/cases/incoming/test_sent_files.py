"""Files that come in at the same time, and under several names."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from tests.sent_cars import a_photo

from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.cases import SentFile, SentKind, keep, known
from kilpi.cases.incoming import sent_files
from kilpi.cases.incoming.sent_files import why_not
from kilpi.store import Originals, Store


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def test_the_same_zip_twice_at_once_is_kept_both_times(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second comes and ends while the first is being read."""
    content, real = zipped(a_jpg=a_photo(tmp_path, 1)), sent_files._members
    second: list[SentFile] = []

    def meanwhile(*given: object) -> object:
        if not second:
            second.append(SentFile("", "", SentKind.REFUSED))
            second[0] = keep(store, "B Oy", "y.zip", io.BytesIO(content))
        yield from real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sent_files, "_members", meanwhile)
    first = keep(store, "A Oy", "x.zip", io.BytesIO(content))
    assert [(one.kind, len(one.members)) for one in (first, second[0])] == [(SentKind.ARCHIVE, 1)] * 2
    assert known(store, "A Oy", [first.sha256]) and known(store, "B Oy", [first.sha256])
    assert store.originals and not store.originals.has(first.sha256), "the archive itself is not kept"


def test_a_photo_stays_that_is_also_there_under_a_name_of_no_use(store: Store, tmp_path: Path) -> None:
    photo = a_photo(tmp_path, 1)
    kept = keep(store, "", "x.zip", io.BytesIO(zipped(a_jpg=photo, a_psd=photo, b_pdf=b"%PDF-1.4")))
    assert [one.kind for one in kept.members] == [SentKind.PHOTO, SentKind.LEFT_OUT, SentKind.LEFT_OUT]
    assert store.originals and store.originals.has(kept.members[0].sha256)
    assert not store.originals.has(kept.members[2].sha256)


def test_what_a_killed_reader_left_aside_goes(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    with originals.aside(io.BytesIO(b"zip"), ".zip") as (path, sha256):
        assert path.suffix == ".zip" and path.read_bytes() == b"zip" and len(sha256) == 64
        path.rename(tmp_path / "kept")
        (tmp_path / "kept").rename(path.with_name("dead.part.zip"))
    os.utime(tmp_path / "dead.part.zip", (1, 1))
    assert list(originals.older_than(2)) == [] and list(tmp_path.iterdir()) == []


def test_a_register_that_is_dropped_among_photos_is_no_stock_list(store: Store) -> None:
    """Its mileage of years ago would become the dealer's word."""
    header = "mark,make,trade_name,mass_kg,next_inspection,odometer_km,odometer_date,vin"
    register = f"{header}\nABC-123,VW,Golf,1310,,79650,,\n"
    kept = keep(store, "A Oy", "register.csv", io.BytesIO(register.encode()))
    assert (kept.kind, kept.why) == (SentKind.LEFT_OUT, "register_list")
    for language in LANGUAGES:
        assert "--register" in why_not(kept, load_wording(language))
    assert store.originals and not store.originals.has(kept.sha256)
    stock = "Rek.nro;Hinta;Ensirek;Omamassa;Seuraava katsastus\nABC-123;15900;1.2.2018;1310;1.2.2027\n"
    assert keep(store, "A Oy", "varasto.csv", io.BytesIO(stock.encode())).kind is SentKind.LIST
