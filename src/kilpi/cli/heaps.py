"""kilpi advert --sort: folders with photos of several cars, sorted, shown, made into cars."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kilpi.adverts.wording import Wording, load_wording
from kilpi.cases import Heap, LookAt, look_at, looker, parts_of
from kilpi.cases.forgetting.heap_sheets import sheets_of
from kilpi.cases.incoming.heaps import car_of
from kilpi.cases.making.maker import notes_of
from kilpi.cli import output
from kilpi.contact_sheet import Tile, contact_sheet
from kilpi.files import write_whole
from kilpi.images import encode_png, open_photo
from kilpi.photos.heap import HeapPhoto, Placed
from kilpi.photos.intake import CarPhotos, Survey
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.text import shown


@dataclass(frozen=True, slots=True)
class Sorter:
    """How the heaps of one run are sorted. `confirmed`: cars are made though photos are aside."""

    store: Store
    look: LookAt
    out: Path
    words: Wording
    confirmed: bool
    as_json: bool

    def sort(self, found: Survey) -> Survey:
        """The survey with every heap as the cars that it holds; without those that a person must look at."""
        cars = [car for heap in found.cars for car in self.cars_of(heap)]
        return replace(found, cars=tuple(cars))

    def cars_of(self, heap: CarPhotos) -> list[CarPhotos]:
        """The cars of one folder; where a person must look first, only those it was sorted into before."""
        with output.progress_bar() as bar:
            task = bar.add_task(f"sorting {heap.reference}", total=len(heap.photos))

            def look(path: Path, name: str) -> HeapPhoto:
                bar.advance(task)
                return self.look(path, name)

            sorted_heap = look_at([(path, path.name) for path in heap.photos], look)
        placed = sorted_heap.sorting.cars
        if sorted_heap.sure and len(placed) == 1 and not parts_of(self.store, heap):
            return [heap]  # one car: as without --sort
        made = sorted_heap.sure or self.confirmed
        sheets = self.write_sheets(heap, sorted_heap)
        self.tell(heap, sorted_heap, sheets, made)
        cars = [car_of(heap, car, sorted_heap.files, n) for n, car in enumerate(placed, 1)] if made else []
        parts = parts_of(self.store, heap, cars)
        tell_unused(heap, parts, self.words)
        return parts

    def write_sheets(self, heap: CarPhotos, found: Heap) -> list[Path]:
        """A contact sheet a car, and one of what is aside; only for their owner, for plates are uncovered."""
        folder = sheets_of(self.out, heap.reference)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        groups = [(f"car-{n}", car.photos) for n, car in enumerate(found.sorting.cars, 1)]
        if found.sorting.aside:
            groups.append(("aside", found.sorting.aside))
        written = []
        for name, photos in groups:
            tiles = [
                Tile(open_photo(found.files[one.photo]).pixels, f"{one.name}\n{self.why(one)}")
                for one in photos
            ]
            written.append(folder / f"{name}.png")
            write_whole(written[-1], encode_png(contact_sheet(tiles)), private=True)
        return written

    def why(self, one: Placed) -> str:
        """Why a photo is where it is, in words."""
        return self.words.text("heap", one.why.value)

    def tell(self, heap: CarPhotos, found: Heap, sheets: Sequence[Path], made: bool) -> None:
        """What was found, and what to do."""
        cars, aside = found.sorting.cars, found.sorting.aside
        if self.as_json:
            parts = [
                {"photos": [self.told(one) for one in car.photos], "mark": car.mark or None} for car in cars
            ]
            output.print_json({"heap": heap.reference, "sure": found.sure, "made": made, "cars": parts,
                               "aside": [self.told(one) for one in aside],
                               "sheets": [str(path) for path in sheets]})  # fmt: skip
        else:
            for n, car in enumerate(cars, 1):
                names = ", ".join(one.name for one in car.photos)
                output.console.print(output.escape(f"{heap.reference}-{n}: {len(car.photos)}: {names}"))
            for one in aside:
                output.console.print(output.escape(f"? {one.name}: {self.why(one)}"))
            output.console.print(output.escape(str(sheets[0].parent if sheets else self.out)))
        for problem in found.problems:
            output.warn(f"{problem.where}: {problem.error}")
        if not made:
            text = self.words.text("heap", "look", cars=len(cars), photos=len(aside) + len(found.problems))
            output.warn(f"{heap.reference}: {text}")

    def told(self, one: Placed) -> dict[str, str]:
        """A photo as JSON."""
        return {"photo": one.name, "sha256": one.photo, "why": one.why.value}


def as_sorted(store: Store, found: Survey, language: str) -> Survey:
    """The survey with folders that were sorted before as the cars they hold; photos of none are named."""
    words, cars = load_wording(language), []
    for heap in found.cars:
        parts = parts_of(store, heap)
        cars += parts or [heap]
        left = len(heap.photos) - sum(len(part.photos) for part in parts)
        if parts and left:
            output.warn(f"{heap.reference}: {words.text('heap', 'left', photos=left)}")
        tell_unused(heap, parts, words)
    return replace(found, cars=tuple(cars))


def tell_unused(heap: CarPhotos, parts: Sequence[CarPhotos], words: Wording) -> None:
    """In a folder that holds several cars, what is said of one is nobody's: nothing says whose."""
    for path in (*([heap.car_file] if heap.car_file else []), *notes_of(heap)) if parts else ():
        output.warn(f"{shown(str(path))}: {words.text('heap', 'unused')}")


def sorter(store: Store, line: Kilpi, out: Path, confirmed: bool, as_json: bool) -> Sorter:
    """A sorter with the line's networks."""
    return Sorter(store, looker(line), out, load_wording(line.language), confirmed, as_json)
