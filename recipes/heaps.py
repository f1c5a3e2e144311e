"""How well heaps are sorted: python recipes/heaps.py --labels FOLDER/labels.jsonl --reads reads.pickle

The labels name each photo's `car`; photos are found beside them. Each photo goes through the networks once
(kept in --reads); then --heaps heaps of 2 to 5 of the cars, drawn by --seed, are sorted in three ways:

    in order    names count up through one car's photos after the other's, as a camera gives them
    scrambled   the same names, dealt out by lot
    astray      in order, but one photo of the heap stands somewhere else

A photo is wrong where most of the group it is in is another car's, or where its own car has a larger group: a
car that was cut in two counts as an error. Intervals: 95 %, from drawing the cars again 2,000 times, since
heaps share cars (a heap counts as often as its cars were drawn, multiplied). One JSON line a way.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kilpi.cases import looker
from kilpi.photos.grouping import sort_heap
from kilpi.photos.heap import HeapPhoto, Sorting
from kilpi.pipeline import Kilpi

Cars = Mapping[str, Sequence[HeapPhoto]]
Named = list[tuple[str, HeapPhoto]]  # (car, photo), the photo under its new name


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--reads", type=Path, required=True, help="Made where it is not there yet.")
    parser.add_argument("--heaps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if not asked.reads.is_file():
        asked.reads.write_bytes(pickle.dumps(read_cars(asked.labels)))
    cars: Cars = pickle.loads(asked.reads.read_bytes())
    for name, way in WAYS.items():
        print(json.dumps({"way": name} | measure(cars, way, asked.heaps, asked.seed)))


def read_cars(labels: Path) -> dict[str, list[HeapPhoto]]:
    """Every photo once through detector, reader and view network."""
    look, cars = looker(Kilpi()), defaultdict(list)
    for line in labels.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        cars[row["car"]].append(look(labels.parent / row["image"], Path(row["image"]).name))
    return dict(cars)


def in_order(heap: Named, chance: random.Random) -> Named:
    return renamed(heap, list(range(len(heap))))


def scrambled(heap: Named, chance: random.Random) -> Named:
    numbers = list(range(len(heap)))
    chance.shuffle(numbers)
    return renamed(heap, numbers)


def astray(heap: Named, chance: random.Random) -> Named:
    heap = list(heap)
    one = heap.pop(chance.randrange(len(heap)))
    heap.insert(chance.randrange(len(heap) + 1), one)
    return renamed(heap, list(range(len(heap))))


def renamed(heap: Named, numbers: Sequence[int]) -> Named:
    return [(car, replace(p, name=f"IMG_{1000 + n}.JPG")) for (car, p), n in zip(heap, numbers, strict=True)]


Way = Callable[[Named, random.Random], Named]
WAYS: dict[str, Way] = {"in order": in_order, "scrambled": scrambled, "astray": astray}


@dataclass
class Count:
    """Per car: its photos, those placed, those placed wrongly. Per heap: its cars, whether it was sure."""

    photos: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    heaps: list[tuple[list[str], bool]] = field(default_factory=list)


Times = Mapping[str, int]  # how often each car was drawn


def share(part: Counter[str], whole: Counter[str], times: Times) -> float:
    """Of photos."""
    among = sum(whole[car] * n for car, n in times.items())
    return sum(part[car] * n for car, n in times.items()) / max(among, 1)


def sure_share(heaps: Sequence[tuple[list[str], bool]], times: Times) -> float:
    """Of heaps."""
    weights = [math.prod(times.get(car, 0) for car in cars) for cars, _ in heaps]
    return sum(n for n, (_, sure) in zip(weights, heaps, strict=True) if sure) / max(sum(weights), 1)


def told(of: Callable[[Times], float], names: Sequence[str]) -> dict[str, float]:
    """A share and its interval by car."""
    chance = random.Random(0)
    draws = [of(Counter(chance.choices(names, k=len(names)))) for _ in range(2000)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"share": round(of(Counter(names)), 5), "from": round(float(low), 5), "to": round(float(high), 5)}


def measure(cars: Cars, way: Way, heaps: int, seed: int) -> dict[str, Any]:
    """All heaps of one way."""
    chance, count, names = random.Random(seed), Count(), sorted(cars)
    for _ in range(heaps):
        chosen = chance.sample(names, chance.randint(2, 5))
        heap = way([(car, photo) for car in chosen for photo in cars[car]], chance)
        sorting = sort_heap([photo for _, photo in heap])
        score(sorting, heap, count)
        count.heaps.append((chosen, sorting.sure))
    wrong, placed, photos = (sum(part.values()) for part in (count.wrong, count.placed, count.photos))
    return {
        "cars": len(names),
        "heaps": heaps,
        "sure": sum(sure for _, sure in count.heaps),
        "sure_share": told(partial(sure_share, count.heaps), names),
        "photos": photos,
        "placed": placed,
        "placed_share": told(partial(share, count.placed, count.photos), names),
        "wrong": wrong,
        "wrong_share": told(partial(share, count.wrong, count.placed), names),
    }


def score(sorting: Sorting, heap: Named, count: Count) -> None:
    """Counts a heap's photos."""
    car_of = {photo.id: car for car, photo in heap}
    counts = [Counter(car_of[one.photo] for one in group.photos) for group in sorting.cars]
    main = [found.most_common(1)[0][0] for found in counts]
    largest = {car: max((found[car], -n) for n, found in enumerate(counts)) for car in set(main)}
    for n, found in enumerate(counts):
        for car, photos in found.items():
            count.placed[car] += photos
            right = car == main[n] and largest[car] == (found[car], -n)
            count.wrong[car] += 0 if right else photos
    count.photos.update(car for car, _ in heap)


if __name__ == "__main__":
    main()
