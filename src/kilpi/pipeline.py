"""class Kilpi: the only place where the steps are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from kilpi.adverts.listing import TemplateWriter
from kilpi.decision.verifier import LstmVerifier, default_verifier
from kilpi.errors import RegisterError, UsageError, as_kilpi_error
from kilpi.grammar import Grammars, load_grammars
from kilpi.images import decode_photo, open_photo
from kilpi.odometer.of_car import check_car
from kilpi.odometer.text import LazyTextReader
from kilpi.photos.opened import open_all, photo_notes
from kilpi.photos.view import default_viewer
from kilpi.pictures.gallery import Gallery, make_gallery
from kilpi.pictures.hide import Search
from kilpi.pictures.profile import load_profile
from kilpi.pictures.to_cover import all_to_cover, with_said
from kilpi.plates.corners import corrected
from kilpi.plates.cut_out import cut_out
from kilpi.plates.detector import PlateDetector
from kilpi.plates.loose import in_crop, surest
from kilpi.plates.read_photo import read_plates
from kilpi.plates.reader import PlateReader
from kilpi.ports import Detector, Reader, Register, TextReader, Verifier, Viewer, Writer
from kilpi.text import shown
from kilpi.types import (
    Car,
    Decision,
    LeftOut,
    Listing,
    Mark,
    Offer,
    Photo,
    PhotoRead,
    Pixels,
    Plate,
    Problem,
    Quad,
    Reason,
    Sighting,
    Timing,
    Vehicle,
    Verdict,
    ViewGuess,
)
from kilpi.vehicle.identity import Identifier
from kilpi.vehicle.lookup import own_sightings

SEARCH_THRESHOLD = 0.2  # of the detector's score, where its own is about twice that

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
    ) -> None:
        """`profile` names the pictures' consumer; `lookups` is how many marks a car may be asked for.

        `home` are the countries that the cars are registered in, as in `decision.rules.Rules`;
        `cover` is the dealer's own plate image, (h, w, 3) uint8 RGB, laid over plates instead of grey;
        `words` are what the dealer's show plates say.
        """
        self._detector, self._reader, self._viewer = detector, reader, viewer
        self.text_reader: TextReader = text_reader or LazyTextReader()
        self.verifier: Verifier = verifier or default_verifier(home=home, words=words)
        self.register = register
        self.writer: Writer = writer or TemplateWriter(language)
        self.language = language
        self.profile = load_profile(profile)
        self.lookups = lookups
        self.cover = cover

    @cached_property
    def detector(self) -> Detector:
        """The given detector, or Kilpi's own."""
        return self._detector or PlateDetector.load()

    @cached_property
    def reader(self) -> Reader:
        """The given reader, or Kilpi's own."""
        return self._reader or PlateReader.load()

    @cached_property
    def viewer(self) -> Viewer | None:
        """The given viewer, or Kilpi's own where its network is there."""
        return self._viewer or default_viewer()

    @cached_property
    def search(self) -> Search:
        """How a finished picture is searched again: more suspiciously than the photo was."""
        if isinstance(self.detector, PlateDetector):
            return Search(self.detector.for_hiding(SEARCH_THRESHOLD), self.reader, self.grammars)
        return Search(self.detector, self.reader, self.grammars)

    @property
    def identifier(self) -> Identifier:
        """How a car is identified with register and dealer's row; lifted by its ties only where p is ours."""
        least = self.verifier.policy.p if isinstance(self.verifier, LstmVerifier) else None
        return Identifier(self.register, self.lookups, least)

    @cached_property
    def grammars(self) -> Grammars:
        """The rules of all countries."""
        return load_grammars()

    def sightings(self, photo: Photo) -> list[Sighting]:
        """Where plates are, corners refined."""
        return self.detector.find([photo])[0]

    def plates(self, photo: Photo) -> list[Plate]:
        """Find, straighten and read every plate of one photo, best first."""
        return self.read_plates(photo, self.sightings(photo))

    def read_plates(self, photo: Photo, sightings: Sequence[Sighting]) -> list[Plate]:
        """Straighten and read what was found."""
        return read_plates(photo, sightings, self.reader, self.grammars)

    def read(self, paths: str | Path | Iterable[str | Path]) -> Iterator[PhotoRead]:
        """Photos one by one, in their order; one that cannot be used carries its error, the rest goes on.

        A single str or Path is one photo.
        """
        return (self.read_file(path, self.sightings) for path in each(paths))

    def read_crops(self, paths: str | Path | Iterable[str | Path]) -> Iterator[PhotoRead]:
        """Like `read`, for pictures that are one plate each, tightly or loosely cut, straight or not."""
        return (self.read_file(path, lambda p: in_crop(p, self.detector), surest) for path in each(paths))

    def read_file(
        self,
        path: str | Path,
        find: Callable[[Photo], list[Sighting]],
        choose: Callable[[Sequence[Plate]], list[Plate]] = list,
        data: bytes | None = None,
    ) -> PhotoRead:
        """One file (`data`: its bytes), timed: decode it, `find` its plates, read them, `choose` some."""
        start = time.perf_counter()
        try:
            photo = open_photo(path) if data is None else decode_photo(data, str(path))
            decoded = time.perf_counter()
            sightings = find(photo)
            found = time.perf_counter()
            plates = choose(self.read_plates(photo, sightings))
        except Exception as error:  # one photo's, whatever it is: the others go on
            return PhotoRead(shown(str(path)), error=as_kilpi_error(error, shown(str(path))))
        ms = Timing(*(1000 * t for t in (decoded - start, found - decoded, time.perf_counter() - found)))
        return PhotoRead(photo.path, photo.width, photo.height, tuple(plates), ms, note=photo.note)

    def decide(self, plates: Sequence[Plate], views: Mapping[str, ViewGuess] | None = None) -> Decision:
        """One decision for one car from the plates of all its photos; `views`: by photo id what it shows."""
        return self.verifier.decide(plates, {key: guess.end for key, guess in (views or {}).items()})

    def vehicle(self, mark: Mark) -> Vehicle:
        """The register's data. Raises RegisterError; UsageError's advice where no register is given."""
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
    ) -> Car:
        """One car's photo files -> its advert, as `car` does. Files that cannot be used are in `problems`.

        Raises UsageError where no file is given.
        """
        if not paths:
            raise UsageError("advert: give the photos of one car")
        photos, problems = open_all(paths)
        return self.car(photos, reference, offer, problems, answered, corners)

    def car(
        self,
        photos: Sequence[Photo],
        reference: str = "",
        offer: Offer | OfferOf | None = None,
        problems: Sequence[Problem] = (),
        answered: Answered | None = None,
        corners: Mapping[str, Quad] = NOTHING,
    ) -> Car:
        """One car's opened photos -> its advert.

        `offer` is what the dealer knows, or a function that finds it once the mark is accepted (or None);
        `problems` are files that could not be opened; `answered` makes of the photos' decision a person's;
        `corners`, by photo id, are where a person says that a plate is.
        """
        photos, plates, faults = self.plates_of(photos, corners)
        guesses = self.views_of(photos)
        decision = self.decide([plate for photo in photos for plate in plates[photo.id]], guesses)
        decision = answered(decision) if answered else decision
        if callable(offer):
            offer = offer(decision.mark if decision.verdict is Verdict.ACCEPTED else None)
        offer, confirmed = offer or Offer(reference), answered is not None
        identity = self.identifier.identify(decision, photos, offer, confirmed)
        vehicle, decision = identity.vehicle, identity.decision
        odometer = check_car(photos, guesses, self.text_reader, offer.odometer_km, vehicle)
        gallery = self.gallery(photos, plates, decision, confirmed, guesses, corners)
        return Car(
            reference=reference,
            photos=tuple(photo.path for photo in photos),
            decision=decision,
            vehicle=vehicle,
            offer=offer,
            listing=self.listing(vehicle, offer),
            pictures=gallery.pictures,
            problems=(*problems, *faults, *gallery.problems),
            left_out=gallery.left_out,
            notes=(*gallery.notes, *photo_notes(photos)),
            crops=tuple(cut_out(photos, decision.plates)) if decision.verdict is not Verdict.ACCEPTED else (),
            asked_in_vain=identity.in_vain,
            odometer=odometer.check if odometer else None,
            odometer_crop=odometer.crop if odometer else None,
            views=gallery.views,
        )

    def gallery(
        self,
        photos: Sequence[Photo],
        plates: Mapping[str, Sequence[Plate]],
        decision: Decision,
        confirmed: bool,
        guesses: Mapping[str, ViewGuess],
        corners: Mapping[str, Quad] = NOTHING,
    ) -> Gallery:
        """The finished pictures. In review nothing is published, and a person sees every photo."""
        own = own_sightings(decision) or None
        hidden = with_said(all_to_cover(plates, own, decision, self.grammars, confirmed=confirmed), corners)
        strangers = decision.strangers if decision.verdict is Verdict.ACCEPTED else ()
        pictured = [photo for photo in photos if photo.id not in strangers]
        made = make_gallery(pictured, hidden, self.search, self.profile, self.cover, own, guesses)
        strange = [LeftOut(p.path, Reason("other_car")) for p in photos if p.id in strangers]
        return replace(made, left_out=(*made.left_out, *strange))

    def views_of(self, photos: Sequence[Photo]) -> dict[str, ViewGuess]:
        """What each photo shows, by its id; nothing without the network, and of a photo where it fails."""
        guesses: dict[str, ViewGuess] = {}
        viewer = self.viewer
        if viewer is None:
            return guesses
        for photo in photos:
            with suppress(Exception):
                guesses[photo.id] = viewer.read([photo])[0]
        return guesses

    def plates_of(
        self, photos: Sequence[Photo], corners: Mapping[str, Quad] = NOTHING
    ) -> tuple[list[Photo], dict[str, list[Plate]], list[Problem]]:
        """The photos that could be searched, their plates by photo, and what went wrong with the others.

        A photo that could not be searched is none of the car's: a plate might be in it.
        """
        plates: dict[str, list[Plate]] = {}
        faults: list[Problem] = []
        for photo in photos:
            try:
                seen = corrected(self.sightings(photo), corners.get(photo.id))
                plates[photo.id] = self.read_plates(photo, seen)
            except Exception as error:
                faults.append(Problem(photo.path, as_kilpi_error(error, photo.path)))
        return [photo for photo in photos if photo.id in plates], plates, faults


def each(paths: str | Path | Iterable[str | Path]) -> Iterable[str | Path]:
    """One path as several: a str would otherwise be taken letter by letter."""
    return [paths] if isinstance(paths, str | Path) else paths
