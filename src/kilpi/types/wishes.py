"""What a person wants of a car's pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kilpi.types.geometry import Box, Quad
from kilpi.types.view import View


@dataclass(frozen=True, slots=True)
class Wishes:
    """By photo id; places in native pixels of the photo as displayed. Photos that are not there are ignored.

    A cover that is taken away comes back where the finished picture could still be read there.
    """

    order: tuple[str, ...] = ()  # those that are not named follow, in the usual order
    shown: Mapping[str, bool] = field(default_factory=dict)  # left out, or shown though Kilpi would not
    crops: Mapping[str, Box] = field(default_factory=dict)  # the part to show
    covers: Mapping[str, tuple[Quad, ...]] = field(default_factory=dict)
    uncovered: Mapping[str, tuple[Quad, ...]] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)  # what a photo shows, whatever the network says


NO_WISHES = Wishes()
