"""Which of a car's photos to publish, and in which order.

Everything is measured on what is at hand: the decoded photo and the plates in it. What a photo shows the view
network says, or the plate's place and red lamps beside it; "unsure" is an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kilpi.hashing import is_near
from kilpi.photos.quality import DARK, MIN_SHARPNESS, Look
from kilpi.pictures.profile import Profile
from kilpi.pictures.wished import in_wished_order
from kilpi.types import FRONTS, NO_WISHES, REARS, LeftOut, Reason, View, Wishes

PERSON = "person"  # why a photo is left out: somebody said so

# What buyers look for, by the words of a profile's `wanted_views`; any of the views shows it.
SHOWN: Mapping[str, tuple[View, ...]] = {
    "front": FRONTS,
    "rear": REARS,
    "side": (View.SIDE, View.FRONT_QUARTER, View.REAR_QUARTER),
    "cockpit": (View.COCKPIT,),
    "instruments": (View.INSTRUMENTS,),
    "seats": (View.SEATS,),
    "boot": (View.BOOT,),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The photos to publish, in order, and the others with the reason."""

    kept: tuple[Look, ...]
    left_out: tuple[LeftOut, ...]


def choose(looks: Sequence[Look], profile: Profile, wishes: Wishes = NO_WISHES) -> Choice:
    """The photos that a profile wants, in its order; the others stay listed with the reason.

    Where every photo is blurred or dark, the sharpest stays: a car with one poor picture is seen by a person.
    A person's wishes go before; papers are shown to nobody all the same.
    """
    away = [LeftOut(one.path, Reason(PERSON)) for one in looks if wishes.shown.get(one.photo_id) is False]
    looks = [look for look in looks if wishes.shown.get(look.photo_id) is not False]
    wanted = {look.photo_id for look in looks if wishes.shown.get(look.photo_id) and not is_paper(look)}
    faults = {look.photo_id: None if look.photo_id in wanted else fault(look, profile) for look in looks}
    if looks and all(faults.values()):
        best = max(looks, key=lambda look: look.sharpness)
        if (why := faults[best.photo_id]) and why.code in {"blurred", "dark"}:
            faults[best.photo_id] = None
    good = [look for look in looks if faults[look.photo_id] is None]
    left = [LeftOut(look.path, why) for look in looks if (why := faults[look.photo_id])]
    single, doubles = without_doubles([look for look in good if look.photo_id not in wanted])
    single += [look for look in good if look.photo_id in wanted]
    ranks = {view: rank for rank, view in enumerate(profile.order)}
    ordered = in_wished_order(sorted(single, key=lambda look: ranks.get(look.view, len(ranks))), wishes)
    cut = [LeftOut(look.path, Reason("too_many", {"most": profile.most})) for look in ordered[profile.most :]]
    return Choice(tuple(ordered[: profile.most]), (*away, *left, *doubles, *cut))


def views_missing(looks: Sequence[Look], profile: Profile) -> tuple[str, ...]:
    """The wanted views that no photo shows, nor may show where it is unsure; none where no network was asked.

    Ends that were told by the plate's place alone may be either.
    """
    if not looks or any(look.best is None for look in looks):
        return ()
    open_ones = {View.UNSURE, View.END, View.END_QUARTER}
    seen = {look.best if look.view in open_ones else look.view for look in looks}
    return tuple(word for word in profile.wanted_views if not seen & set(SHOWN[word]))


def is_paper(look: Look) -> bool:
    """Whether a photo shows papers, which may name people."""
    return look.view is View.DOCUMENT


def fault(look: Look, profile: Profile) -> Reason | None:
    """Why a photo is of no use, or None."""
    if is_paper(look):
        return Reason("document")
    wide, tall = sorted((look.width, look.height), reverse=True)
    if wide < profile.min_width or tall < profile.min_height:
        return Reason("too_small", {"width": look.width, "height": look.height})
    if look.sharpness < MIN_SHARPNESS:
        return Reason("blurred")
    if look.bright < DARK:
        return Reason("dark")
    return None


def without_doubles(looks: Sequence[Look]) -> tuple[list[Look], list[LeftOut]]:
    """Of photos that show the same thing the best one, at the first one's place."""
    kept: list[Look] = []
    doubles: list[LeftOut] = []
    for look in looks:
        twin = next((i for i, other in enumerate(kept) if is_near(look.fingerprint, other.fingerprint)), None)
        if twin is None:
            kept.append(look)
            continue
        worse, kept[twin] = sorted((look, kept[twin]), key=lambda one: one.quality)
        doubles.append(LeftOut(worse.path, Reason("near_duplicate")))
    return kept, doubles
