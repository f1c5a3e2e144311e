"""What all adapters share: who a provider is, which marks it may be asked, and whose car a reply is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from kilpi.errors import RegisterRefused, RegisterUnavailable
from kilpi.registers.mapping import FieldMap, Find, Mapped, UnbelievableValue, apply_map, field_map
from kilpi.registers.maps import load_map, providers
from kilpi.text import compact_mark, is_vin
from kilpi.types import Mark

ADAPTERS = providers()
"""Every provider: the maps that say who is asked, maps/<name>.toml."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The head of a field map. `authoritative`: run by the keeper of the register itself."""

    name: str
    countries: tuple[str, ...]
    authoritative: bool
    key: str  # name of the credential in Settings
    key_required: bool
    daily_budget: int | None
    spec: Mapping[str, Any]  # the whole map
    fields: FieldMap

    def spell(self, mark: Mark) -> str:
        """The mark as asked: compact. Raises RegisterRefused for marks that this provider cannot know."""
        if not mark.identifies_car:
            raise RegisterRefused(f"{self.name}: a trade plate names no car; use another photo")
        if mark.country is not None and mark.country not in self.countries:
            raise RegisterRefused(f"{self.name}: knows {', '.join(self.countries)}, not {mark.country}")
        if not 2 <= len(text := compact_mark(mark.text)) <= 10:
            raise RegisterRefused(f"{self.name}: a mark has 2 to 10 letters and digits")
        return text

    def spell_vin(self, vin: str) -> str:
        """The VIN as asked. Raises RegisterRefused for what can be none, or where none is taken."""
        if "vin" not in self.spec:
            raise RegisterRefused(f"{self.name}: takes no VIN; give a registration mark")
        if not is_vin(text := compact_mark(vin)):
            raise RegisterRefused(f"{self.name}: a VIN has 17 letters and digits, none of them I, O or Q")
        return text

    def told_mark(self, told: object) -> Mark:
        """The mark that a reply to a VIN tells. Raises RegisterUnavailable where it tells none."""
        if not isinstance(told, str) or not compact_mark(told):
            raise RegisterUnavailable(f"{self.name}: the reply names no mark; not used", lasting=True)
        return Mark(told.strip().upper(), self.countries[0])

    def check_same(self, asked: str, told: object) -> None:
        """Raises RegisterUnavailable unless the reply's own mark is the one asked."""
        if not isinstance(told, str) or compact_mark(told) != asked:
            words = f"{self.name}: the reply is for another car, or names none; not used"
            raise RegisterUnavailable(words, lasting=True)

    def mapped(self, find: Find) -> Mapped:
        """The fields that a reply gives. Raises RegisterUnavailable where a value makes it doubtful."""
        try:
            return apply_map(self.fields, find)
        except UnbelievableValue as error:
            raise self.malformed(str(error), lasting=True) from None

    def malformed(self, what: str, lasting: bool = False) -> RegisterUnavailable:
        """The error for a reply that cannot be understood; `lasting` where it will be so again."""
        step = "not used" if lasting else "try again later"
        return RegisterUnavailable(f"{self.name}: malformed reply ({what}); {step}", lasting)

    def found(self, mark: Mark) -> Mark:
        """The mark with its country, for the vehicle."""
        return replace(mark, country=mark.country or self.countries[0])


@cache
def provider(name: str) -> Provider:
    """The provider of maps/<name>.toml. Raises ValueError where the map is wrong."""
    spec = load_map(name)
    head = spec["provider"]
    return Provider(
        name=head["name"],
        countries=tuple(head["countries"]),
        authoritative=head["authoritative"],
        key=head["key"],
        key_required=head["key_required"],
        daily_budget=head.get("daily_budget"),
        spec=spec,
        fields=field_map(spec),
    )
