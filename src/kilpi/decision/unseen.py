"""What a network says is hidden on a plate: a character, a part of one, the room above a letter.

It sees what rules about places and shapes cannot: that something lies there. What it does not see, such as
ink painted over in the ground's own colour, only they tell; so both are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from kilpi.decision.policy import DecisionPolicy
from kilpi.types import Hidden, Plate, Reason


def doubts_of_unseen(plates: Sequence[Plate], policy: DecisionPolicy) -> list[Reason]:
    """A reason where something hides a part of the mark in all photos, or more surely in most of them.
    `plates` are those that read the mark and show it whole.
    """
    seen = hidden_of(plates)
    if not seen:
        return []
    worst = [max(hidden.ink) for hidden in seen]
    often = median(worst) >= policy.unseen_often or min(worst) >= policy.unseen
    if not (often if len(worst) > 1 else worst[0] >= policy.unseen_alone):
        return []
    place = max(range(len(seen[0].ink)), key=lambda at: median(hidden.ink[at] for hidden in seen))
    return [Reason("maybe_covered", {"place": place + 1})]


def hidden_of(plates: Sequence[Plate]) -> list[Hidden]:
    """What each photo says, those left out that say nothing."""
    return [plate.layout.hidden for plate in plates if plate.layout and plate.layout.hidden]


def shows_room(at: int, plates: Sequence[Plate], policy: DecisionPolicy) -> bool:
    """Whether all photos show that nothing hides the room above character `at`, nor anything else of the
    mark.
    """
    seen = hidden_of(plates)
    if not seen or len(seen) < len(plates):
        return False
    return max(h.room[at] for h in seen) < policy.room and max(max(h.ink) for h in seen) < policy.unseen


def hides_room(at: int, plates: Sequence[Plate], policy: DecisionPolicy) -> bool:
    """Whether something hides the room above character `at`, in the median photo."""
    seen = hidden_of(plates)
    return bool(seen) and median(hidden.room[at] for hidden in seen) >= policy.no_roof
