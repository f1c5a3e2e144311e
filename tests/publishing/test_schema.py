from __future__ import annotations

import pytest

from kilpi.errors import UsageError
from kilpi.publishing.schema import Column, Fault, Schema, check, column_fault, feed_names, load_schema

SMALL = Schema(
    "x", "x.csv", ",", False, (Column("id", required=True, unique=True), Column("note", longest=5))
)


def test_feeds_are_the_files_there_are() -> None:
    assert {"plain", "meta", "google_listings", "google_ads"} <= set(feed_names())


@pytest.mark.parametrize("name", feed_names())
def test_schemas_load(name: str) -> None:
    schema = load_schema(name)
    assert schema.name == name
    assert any(column.required for column in schema.columns)
    assert len({column.name for column in schema.columns}) == len(schema.columns)


def test_an_unknown_feed() -> None:
    with pytest.raises(UsageError, match="google_ads"):
        load_schema("nettiauto")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (Column("a", required=True), "", "is missing"),
        (Column("a"), "", None),
        (Column("a", longest=2), "abc", "has 3 characters; 2 are allowed"),
        (Column("a", words=("SUV", "VAN")), "suv", None),
        (Column("a", words=("SUV", "VAN")), "bus", "must be one of SUV, VAN"),
        (Column("a", pattern="[0-9]+"), "12", None),
        (Column("a", pattern="[0-9]+"), "12 km", "is not of the form [0-9]+"),
    ],
)
def test_columns(column: Column, value: str, message: str | None) -> None:
    assert column_fault(column, value) == message


def test_faults_name_car_and_column() -> None:
    faults = check(SMALL, [("car-1", {"note": "too long"}), ("car-2", {"id": "2", "more": "x"})])
    assert Fault("car-1", "id", "is missing") in faults
    assert Fault("car-1", "note", "has 8 characters; 5 are allowed") in faults
    assert Fault("car-2", "more", "is no column of this feed") in faults


def test_a_value_that_must_be_unique_puts_out_both() -> None:
    faults = check(SMALL, [("a", {"id": "1"}), ("b", {"id": "1"}), ("c", {"id": "2"})])
    assert [fault.car for fault in faults] == ["a", "b"]
