"""class Kilpi: the only place where the steps are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from types import MappingProxyType

from kilpi.adverts.dealer_stock.values import in_own_money
from kilpi.adverts.listing import TemplateWriter, credible
from kilpi.decision.strangers import with_followers
from kilpi.decision.verifier import LstmVerifier, default_verifier, home_of
from kilpi.errors import RegisterError, UsageError, as_kilpi_error
from kilpi.grammar import Grammars, load_grammars
from kilpi.memory import give_back
from kilpi.odometer.of_car import check_car
from kilpi.odometer.text import LazyTextReader
from kilpi.photos.end_place import placed_on_end
from kilpi.photos.examined import Examined, examine_file, photo_notes
from kilpi.photos.in_order import InOrder
from kilpi.photos.quality import may_show_end, measure
from kilpi.photos.shelf import Shelf
from kilpi.photos.view import default_viewer, views_of
from kilpi.pictures.of_car import Said, Studio, car_gallery
from kilpi.pictures.profile import load_profile
from kilpi.pictures.search import Search, make_search
from kilpi.plates.corners import corrected
from kilpi.plates.cut_out import cut_out
from kilpi.plates.detector import PlateDetector
from kilpi.plates.hidden_parts import SeeingReader
from kilpi.plates.looking import read_and_look_again
from kilpi.plates.loose import read_crop
from kilpi.plates.no_plate import Parted
from kilpi.plates.read_photo import one_or_more, read_file, read_plates
from kilpi.ports import Detector, Reader, Register, TextReader, Verifier, Viewer, Writer
from kilpi.types import (
    NO_WISHES,
    Car,
    Decision,
    Listing,
    Mark,
    Offer,
    Photo,
    PhotoRead,
    Pixels,
    Plate,
    Problem,
    Quad,
    Shown,
    Sighting,
    Vehicle,
    Verdict,
    ViewGuess,
    Wishes,
)
from kilpi.vehicle.identity import Identifier
from kilpi.vehicle.lookup import own_sightings
from kilpi.vehicle.ties import load_shares

NOTHING: Mapping[str, Quad] = MappingProxyType({})
OfferOf = Callable[[Mark | None], Offer]
Answered = Callable[[Decision], Decision]


class Kilpi:
    """Photos in, adverts out. Every part can be given; what is not given is loaded when first needed."""

    def __init__(
        self,
        *,
        detector: Detector | None = None,
        reader: Reader | None = None,
        verifier: Verifier | None = None,
        viewer: Viewer | None = None,
        text_reader: TextReader | None = None,
        register: Register | None = None,
        writer: Writer | None = None,
        language: str = "en",
        profile: str = "site",
        lookups: int = 1,
        home: Collection[str] = (),
        cover: Pixels | None = None,
        words: Collection[str] = (),
        jobs: int = 1,
    ) -> None:
        """`profile` names the pictures' consumer; `lookups` is how many marks a car may be asked for.

        `home` are the countries that the cars are registered in, as in `decision.rules.Rules`;
        `cover` is the dealer's own plate image, (h, w, 3) uint8 RGB, laid over plates instead of grey;
        `words` are the dealer's show plates; `jobs` is how many photos are worked on at a time.
        """
        self._detector, self._reader, self._viewer = detector, reader, viewer
        self.text_reader: TextReader = text_reader or LazyTextReader()
        self.verifier: Verifier = verifier or default_verifier(home=home, words=words)
        self.writer: Writer = writer or TemplateWriter(language, asks=register is not None)
        self.language, self.profile = language, load_profile(profile)
        self.register, self.lookups, self.cover, self.jobs = register, lookups, cover, jobs
        self.texts: TextReader | None = None  # reads all writing in pictures, where numbers in it are covered
        self.shares: Path | None = None  # what `kilpi registers table` wrote
        self.each = InOrder(jobs)

    @property
    def threads(self) -> int:
        """Of each network: one, where several photos are worked on at a time; 0: ONNX Runtime chooses."""
        return 1 if self.jobs > 1 else 0

    @cached_property
    def detector(self) -> Detector:
        """The given detector, or Kilpi's own."""
        return self._detector or PlateDetector.load(threads=self.threads)

    @cached_property
    def reader(self) -> Reader:
        """The given reader, or Kilpi's own."""
        return self._reader or SeeingReader.load(threads=self.threads)

    @cached_property
    def viewer(self) -> Viewer | None:
        """The given viewer, or Kilpi's own where its network is there."""
        return self._viewer or default_viewer(self.threads)

    @cached_property
    def search(self) -> Search:
        """How a finished picture is searched again: more suspiciously than the photo was."""
        parts = self.detector, self.reader, self.grammars, self.viewer, self.threads
        return make_search(*parts, line=lambda photo: self.parted(photo, self.sightings(photo)).all)

    @property
    def identifier(self) -> Identifier:
        """How a car is identified with register and dealer's row; lifted by its ties only where p is ours."""
        policy = self.verifier.policy if isinstance(self.verifier, LstmVerifier) else None
        least = max(policy.p, policy.tied) if policy else None
        return Identifier(self.register, self.lookups, least, shares=load_shares(self.shares))

    @cached_property
    def grammars(self) -> Grammars:
        """The rules of all countries."""
        return load_grammars()

    def sightings(self, photo: Photo) -> list[Sighting]:
        """Where plates are, corners refined."""
        return self.detector.find([photo])[0]

    def plates(self, photo: Photo, guess: ViewGuess | None = None) -> list[Plate]:
        """Every plate of one photo, read, best first; `guess` is what it shows."""
        return self.parted(photo, self.sightings(photo), guess).plates

    def read_plates(self, photo: Photo, sightings: Sequence[Sighting]) -> list[Plate]:
        """Straighten and read what was found, whatever it is."""
        return read_plates(photo, sightings, self.reader, self.grammars)

    def parted(
        self,
        photo: Photo,
        sightings: Sequence[Sighting],
        guess: ViewGuess | None = None,
        detector: Detector | None = None,
    ) -> Parted:
        """What was found, read: plates, and what is none; `detector` looks on where it stopped early."""
        view = cache(lambda: guess or self.view_of(photo))
        pair = self.detector, detector or self.detector
        return read_and_look_again(photo, sightings, pair, self.reader, self.read_plates, view, self.grammars)

    def read(self, paths: str | Path | Iterable[str | Path]) -> Iterator[PhotoRead]:
        """Photos one by one, in order; one that cannot be used carries its error. A path alone is one."""
        return (read_file(path, self.sightings, self.parted) for path in one_or_more(paths))

    def read_crops(self, paths: str | Path | Iterable[str | Path]) -> Iterator[PhotoRead]:
        """Like `read`, for pictures that are one plate each, tightly or loosely cut, straight or not."""
        return (read_crop(path, self.detector, self.read_plates) for path in one_or_more(paths))

    def read_bytes(self, name: str, data: bytes) -> PhotoRead:
        """Like `read`, for one photo's file that is in memory."""
        return read_file(name, self.sightings, self.parted, data)

    def decide(self, plates: Sequence[Plate], views: Mapping[str, ViewGuess] | None = None) -> Decision:
        """One decision for one car from the plates of all its photos; `views`: by photo id what it shows."""
        return self.verifier.decide(plates, Shown.by(views or {}))

    def vehicle(self, mark: Mark) -> Vehicle:
        """The register's data. Raises RegisterError, also where no register is given."""
        if self.register is None:
            raise RegisterError("no register is set; give one: Kilpi(register=...) or --register FILE")
        return self.register.look_up(mark)

    def listing(self, vehicle: Vehicle | None, offer: Offer | None = None) -> Listing:
        """The advert's text."""
        return self.writer.write(vehicle, offer or Offer())

    def advert(
        self,
        *paths: str | Path,
        reference: str = "",
        offer: Offer | OfferOf | None = None,
        answered: Answered | None = None,
        corners: Mapping[str, Quad] = NOTHING,
        wishes: Wishes = NO_WISHES,
    ) -> Car:
        """One car's photo files -> its advert, as `car` does. Files that cannot be used are in `problems`.

        Raises UsageError where no file is given.
        """
        if not paths:
            raise UsageError("advert: give the photos of one car")
        shelf = Shelf()
        examine = partial(self.examine, corners=corners)
        seen = self.each(lambda path: examine_file(path, shelf, examine), paths)
        return self.car_of(shelf, list(seen), reference, offer, answered, corners, wishes)

    def car(
        self,
        photos: Sequence[Photo],
        reference: str = "",
        offer: Offer | OfferOf | None = None,
        problems: Sequence[Problem] = (),
        answered: Answered | None = None,
        corners: Mapping[str, Quad] = NOTHING,
        wishes: Wishes = NO_WISHES,
    ) -> Car:
        """One car's opened photos -> its advert.

        `offer` is what the dealer knows, or a function that finds it once the mark is accepted (or None);
        `problems` are files that could not be opened; `answered` makes of the photos' decision a person's;
        `corners`, by photo id, are where a person says that a plate is; `wishes` are for the pictures.
        """
        shelf = Shelf(photos)
        examined = self.each(partial(self.examine, corners=corners), list(shelf.values()))
        seen = [*map(Examined.failed, problems), *examined]
        return self.car_of(shelf, seen, reference, offer, answered, corners, wishes)

    def car_of(
        self,
        shelf: Shelf,
        seen: Sequence[Examined],
        reference: str,
        offer: Offer | OfferOf | None,
        answered: Answered | None,
        corners: Mapping[str, Quad],
        wishes: Wishes = NO_WISHES,
    ) -> Car:
        """All that follows once each photo was examined; photos that could not be are none of the car's."""
        good = {one.look.photo_id: one for one in seen if one.look}  # a file given twice counts once
        guesses = {key: one.guess for key, one in good.items() if one.guess}
        decision = self.decide([plate for one in good.values() for plate in one.plates], guesses)
        decision = answered(decision) if answered else decision
        if callable(offer):
            offer = offer(decision.mark if decision.verdict is Verdict.ACCEPTED else None)
        offer, confirmed = offer or Offer(reference), answered is not None
        identity = self.identifier.identify(decision, shelf, offer, confirmed)
        vehicle, decision = identity.vehicle, with_followers(identity.decision, [*good], guesses)
        offer = in_own_money(offer, decision.mark, home_of(self.verifier))
        own_views = {key: guess for key, guess in guesses.items() if key not in decision.strangers}
        odometer = check_car(shelf, own_views, self.text_reader, offer.odometer_km, vehicle)
        said, own = Said(confirmed, corners, wishes), own_sightings(decision) or None
        gallery = car_gallery(self.studio, shelf, good, guesses, decision, own, said)
        give_back()
        return Car(
            reference=reference,
            photos=tuple(one.path for one in good.values()),
            decision=decision,
            vehicle=vehicle,
            offer=offer,
            listing=self.listing(vehicle, credible(offer, vehicle, decision)),
            pictures=gallery.pictures,
            problems=(*(one.problem for one in seen if one.problem), *gallery.problems),
            left_out=gallery.left_out,
            notes=(*gallery.notes, *photo_notes(good.values())),
            crops=tuple(cut_out(shelf, decision.plates)) if decision.verdict is not Verdict.ACCEPTED else (),
            asked_in_vain=identity.in_vain,
            odometer=odometer.check if odometer else None,
            odometer_crop=odometer.crop if odometer else None,
            views=gallery.views,
        )

    @property
    def studio(self) -> Studio:
        """What pictures are made with."""
        return Studio(self.search, self.profile, self.grammars, self.cover, self.each, self.texts)

    def examine(self, photo: Photo, corners: Mapping[str, Quad] = NOTHING) -> Examined:
        """One photo's plates, view and quality; one that could not be searched is none of the car's."""
        try:
            guess = self.view_of(photo)
            detector = self.detector_for(guess)
            found = corrected(detector.find([photo])[0], corners.get(photo.id))
            seen, look = self.parted(photo, found, guess, detector), measure(photo, guess)
            plates = tuple(placed_on_end(plate, guess) for plate in seen.plates)
            return Examined(photo.path, plates, guess, look, photo.note, aside=tuple(seen.aside))
        except Exception as error:
            return Examined(photo.path, problem=Problem(photo.path, as_kilpi_error(error, photo.path)))

    def detector_for(self, guess: ViewGuess | None) -> Detector:
        """How closely a photo is searched for the car's plate: what surely shows no end of it only once."""
        own, closely = self.detector, may_show_end(guess)
        return own.for_line(closely) if isinstance(own, PlateDetector) else own

    def view_of(self, photo: Photo) -> ViewGuess | None:
        """What a photo shows; None without the network, or where it fails: nothing then hangs on it."""
        return views_of([photo], self.viewer).get(photo.id) if self.viewer else None
