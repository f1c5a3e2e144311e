"""Every code of every provider's table ends in one word of the vocabulary."""

from __future__ import annotations

from typing import Any

import pytest

from kilpi.registers.mapping import Choice, apply_map, field_map, find_in_json
from kilpi.registers.provider import ADAPTERS, provider
from kilpi.registers.values import LISTS, WORDS

CODES = [
    (name, field, choice, code, meant)
    for name in ADAPTERS
    for field, choices in provider(name).fields.fields.items()
    for choice in choices
    if choice.words
    for code, meant in provider(name).fields.codes[choice.words].items()
]


@pytest.mark.parametrize(("name", "field", "choice", "code", "meant"), CODES)
def test_code(name: str, field: str, choice: Choice, code: str, meant: Any) -> None:
    def find(path: str) -> list[Any]:
        return [code.upper()] if path == choice.paths[0] else []

    mapped = apply_map(provider(name).fields, find)
    value = mapped.values[field]
    expected = meant if isinstance(meant, list) else [meant]
    assert value == (expected if field in LISTS else expected[0])
    if field in WORDS:
        assert all(word in set(WORDS[field]) for word in (value if field in LISTS else [value]))
    assert mapped.raw[field]["from"] == choice.paths[0]


@pytest.mark.parametrize("name", ADAPTERS)
def test_unknown_codes_leave_the_field_empty_and_are_kept_raw(name: str) -> None:
    mapped = apply_map(provider(name).fields, lambda path: ["?unknown?"])
    assert not set(mapped.values) & set(WORDS)
    coded = {f for f, choices in provider(name).fields.fields.items() if f in WORDS and choices[0].words}
    assert coded <= set(mapped.raw)


@pytest.mark.parametrize(
    ("name", "path", "value"), [("dvla", "taxStatus", "Untaxed"), ("rdw", "vehicle.export_indicator", "Nee")]
)
def test_a_status_that_tells_nothing_is_none_that_is_not_known(name: str, path: str, value: str) -> None:
    mapped = apply_map(provider(name).fields, lambda one: [value] if one == path else [])
    assert "status" not in mapped.values and "status" not in mapped.raw


@pytest.mark.parametrize("name", ["traficom", "svv", "rdw"])
def test_a_type_approvals_variant_is_no_trim(name: str) -> None:
    """ACCZDA reads like a word, and stood in the title of an advert."""
    assert "variant" not in provider(name).fields.fields


def test_a_variant_that_is_not_told_is_none() -> None:
    mapped = apply_map(provider("motorapi").fields, lambda path: ["UOPLYST"])
    assert (mapped.values, mapped.raw) == ({}, {})


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_empty_reply_maps_to_nothing(name: str) -> None:
    mapped = apply_map(provider(name).fields, lambda path: [None, ""])
    assert (mapped.values, mapped.raw) == ({}, {})


def test_units_picks_and_what_follows() -> None:
    spec = {
        "codes": {},
        "fields": {
            "litres_per_100km": {"from": "kml", "unit": "km/l"},
            "kwh_per_100km": {"from": "wh", "unit": "Wh/km"},
            "power_kw": {"from": "motors.*.kw", "pick": "max"},
            "co2_g_km": [{"from": "wltp", "with": {"co2_cycle": "WLTP"}}, {"from": "nedc"}],
        },
    }
    reply = {"kml": "20,0", "wh": 127, "motors": [{"kw": 60}, {"kw": "75.5"}, {}], "wltp": "-", "nedc": 99}
    values = apply_map(field_map(spec), lambda path: find_in_json(reply, path)).values
    assert values == {"litres_per_100km": 5.0, "kwh_per_100km": 12.7, "power_kw": 75.5, "co2_g_km": 99.0}


def test_zero_in_a_ratio_is_no_value() -> None:
    spec = {"codes": {}, "fields": {"litres_per_100km": {"from": "kml", "unit": "km/l"}}}
    assert apply_map(field_map(spec), lambda path: [0]).values == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"owner": "x"},
        {"make": {"from": "x", "unit": "miles"}},
        {"make": {"from": "x", "pick": "best"}},
        {"colour": {"from": "x", "words": "none"}},
    ],
)
def test_wrong_maps_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        field_map({"fields": fields, "codes": {}})


def test_paths() -> None:
    reply = {"a": [{"b": 1}, {"b": [2, 3]}, {"c": 4}], "d": None}
    assert find_in_json(reply, "a.0.b") == [1]
    assert find_in_json(reply, "a.*.b.*") == [2, 3]
    assert find_in_json(reply, "a.9.b") == find_in_json(reply, "d") == find_in_json(reply, "a") == []
