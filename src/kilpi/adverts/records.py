"""What only the dealer sees of a car (`decision.json`): mark, VIN, reasons, problems. Never published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kilpi.adverts.inspection import inspection_notes
from kilpi.adverts.listing import not_understood, with_odometer, with_pictures
from kilpi.adverts.personal import redact_mark
from kilpi.adverts.public_advert import digits, small_name, vin_of
from kilpi.adverts.wording import load_wording
from kilpi.disclosure import quoted
from kilpi.errors import NotUsed
from kilpi.types import Car, PublicAdvert, Reason, Record, ShownPicture, Trouble, Vehicle, Verdict

DECISION = "decision.json"
QUIET = frozenset({"odometer_unseen", "odometer_unknown"})
READY, DRAFT, REVIEW, NO_PLATE = "ready", "draft", "review", "no_plate"


def state_of(car: Car) -> str:
    """ready, draft, review or no_plate."""
    if car.decision.verdict is not Verdict.ACCEPTED:
        return str(car.decision.verdict)
    if car.listing is None:
        return REVIEW
    told = redact_mark(car.listing, car.decision.mark, vin_of(car), load_wording(car.listing.language))
    told = with_odometer(with_pictures(told, car.pictures), car.odometer, car.offer)
    return DRAFT if told.is_draft else READY


def record(
    car: Car,
    identity: str,
    advert: PublicAdvert | None,
    files: Mapping[str, str],
    inputs: str = "",
    case: str = "",
) -> Record:
    """The decision of one car, with the names and hashes of its files."""
    mark, vehicle = car.decision.mark, car.vehicle
    return Record(
        reference=car.reference,
        id=identity,
        state=state_of(car),
        verdict=str(car.decision.verdict),
        mark=mark.text if mark else None,
        country=mark.country if mark else None,
        p=car.decision.p,
        vin=vin_of(car),
        register=vehicle.source if vehicle else None,
        title=advert.title if advert else car.reference,
        price=advert.price if advert else None,
        picture=small_name(car.pictures[0].name) if car.pictures else None,
        pictures=len(car.pictures),
        photos=car.photos,
        reasons=car.decision.reasons,
        missing=advert.missing if advert else (),
        problems=(
            *(Trouble(p.where, p.error.kind, str(p.error)) for p in car.problems),
            *register_troubles(vehicle),
        ),
        left_out=car.left_out,
        files=dict(files),
        inputs=inputs,
        notes=(*car.notes, *odometer_notes(car), *inspection_notes(vehicle)),
        plates=car.decision.plates,
        odometer=car.odometer,
        views={path: str(view) for path, view in car.views.items()},
        case=case,
        amount=None if car.offer.price is None else digits(car.offer.price),
        currency=car.offer.currency,
        register_km=vehicle.odometer_km if vehicle else None,
        dealer=car.offer.dealer or "",
        shown=tuple(ShownPicture(p.name, p.photo_id, p.covers, p.window) for p in car.pictures),
    )


def odometer_notes(car: Car) -> Iterator[Reason]:
    """What the instruments say, where it is worth telling and is not asked already as a gap of the draft."""
    check = car.odometer
    asked = check is not None and check.asks and not car.offer.odometer_stands
    if check is not None and not asked and check.reason.code not in QUIET:
        yield check.reason


def register_troubles(vehicle: Vehicle | None) -> Iterator[Trouble]:
    """What the register gave and nobody could use, by column and value."""
    if vehicle is None:
        return
    for origin in not_understood(vehicle).values():
        value = quoted(origin.get("value"), vehicle.mark.text)
        words = f"{vehicle.source}: {origin.get('from')}: {value} {origin['problem']}"
        yield Trouble(vehicle.source, NotUsed.__name__, words)
