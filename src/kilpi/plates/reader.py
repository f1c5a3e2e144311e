"""PlateReader: reads straightened plates with the network that Kilpi trained; one distribution a character.

The network has ten slots for a mark's characters, left-aligned, and says of each slot which character it
holds or that it holds none. It also names the country and the number of rows by the plate's looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import grow_quad, quad_from_box
from kilpi.grammar import ANY
from kilpi.images import warp_pixels
from kilpi.types import Box, CountryGuess, Guess, Pixels, Place, Quad, Reading
from kilpi.weights import Network, named_by, open_network

WIDTH, HEIGHT = 192, 64  # pixels into which plates of one and of two rows are stretched
# Beside it the network sees the plate's left end in its own proportions, so many pixels wide: stretched, the
# letters of a country's strip are three pixels wide each.
END = 64
SHAPE = (HEIGHT, WIDTH + END, 3)  # of what the network sees
# Parts of a plate's width and height that are left around it when it is cut, since corners are never exact:
# the middle of what the training cuts leave.
MARGIN = (0.035, 0.09)
# Every plate is looked at as it was cut and, in the same run, this much closer (parts of width and height),
# and the scores are averaged. What is then not sure is looked at further, wider, shorter, longer and closer
# still: the cut may be too loose or too tight. recipes/LOG.md has what else was tried.
CLOSER = (-0.03, -0.08)
FURTHER = ((0.02, 0.04), (-0.05, 0.0), (0.04, 0.0), (-0.05, -0.14))
# Not sure: a character scores less than the first, or any in a place taken for empty more than the second.
SURE, MISSED = 0.9, 0.1
KEPT = 5  # guesses a slot
LEAST = 1e-4  # score below which a guess is not worth keeping
SEEN = 0.15  # mean score of the best guesses below which nothing was seen
BATCH = 16  # crops at a time, two looks at each in one run: more need memory and win nothing
NAMED = 0.9  # score from which a country is named: a wrong name misleads the grammars, none does not
LEAST_NAMED = 0.005  # score below which a country is not worth keeping

Floats = NDArray[np.float32]
Zooms = Sequence[tuple[float, float]]


class Scores(NamedTuple):
    """What the network says of n plates; all 0..1."""

    slots: Floats  # (n, 10, characters + blank)
    countries: Floats  # (n, countries)
    two_rows: Floats  # (n,)
    places: Floats  # (n, 10, 2 lines of columns + nowhere): where each slot looks; none: (n, 0, 0)

    def of(self, which: slice | list[int]) -> Scores:
        """Those of some of the plates."""
        return Scores(*(part[which] for part in self))


class PlateReader:
    """Kilpi's own reader; a `ports.Reader`."""

    def __init__(self, network: Network) -> None:
        """`network` is an opened reader.onnx."""
        self.network, card = network, network.card
        self.alphabet = str(card.input["alphabet"])
        self.countries = tuple(card.input["countries"])
        self.name = named_by(card)

    @classmethod
    def load(cls, weights: Path | None = None, threads: int = 0) -> PlateReader:
        """Opens reader.onnx of a folder (default as in `kilpi.weights`). Raises WeightsError."""
        return cls(open_network("reader", weights, threads))

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """Per crop ((h, w, 3) uint8 RGB, upright, any size) its reading; no slots where nothing is seen."""
        return self.read_fitted([fit_crop(crop) for crop in crops])

    def read_fitted(self, crops: Sequence[Pixels]) -> list[Reading]:
        """`read` for what `fit_crop` made."""
        looks = (self.look(np.stack(crops[part])) for part in batches(len(crops)))
        return [one for scores in looks for one in self.told(scores)]

    def look_once(self, crops: Sequence[Pixels]) -> Scores:
        """The scores of a single look at each, a half or a third of the work: what is worth reading?"""
        seen = [self.see(np.stack(crops[part])) for part in batches(len(crops))]
        return Scores(*map(np.concatenate, zip(*seen, strict=True)))

    def read_on(self, crops: Sequence[Pixels], once: Scores) -> list[Reading]:
        """`read_fitted` of crops at which `look_once` looked: that look is not made again, and of the further
        ones only the first is, for whoever asks whether something can be read at all.
        """
        looks = (self.look(np.stack(crops[p]), once.of(p), FURTHER[:1]) for p in batches(len(crops)))
        return [one for scores in looks for one in self.told(scores)]

    def told(self, scores: Scores) -> list[Reading]:
        """What scores say of each plate."""
        return [self.reading(s, c, float(r), p) for s, c, r, p in zip(*scores, strict=True)]

    def look(self, batch: Pixels, once: Scores | None = None, further: Zooms = FURTHER) -> Scores:
        """The scores of a batch (n, *SHAPE), averaged over two looks, and `further` ones where these are not
        sure; `once` are the first one's where that was made.
        """
        n = len(batch)
        closer = [zoomed(crop, *CLOSER) for crop in batch]
        if once is None:
            both = self.see(np.concatenate([batch, closer]))
        else:
            both = Scores(*map(np.concatenate, zip(once, self.see(np.stack(closer)), strict=True)))
        slots, countries, two_rows = (0.5 * (part[:n] + part[n:]) for part in both[:3])
        scores = Scores(slots, countries, two_rows, both.places[:n])
        unsure = [i for i, slots in enumerate(scores.slots) if not self.sure(slots)]
        if unsure:
            more = self.see(np.stack([zoomed(batch[i], *by) for by in further for i in unsure]))
            for mean, parts in zip(scores[:3], more[:3], strict=True):
                seen = parts.reshape(len(further), len(unsure), *parts.shape[1:]).sum(axis=0)
                mean[unsure] = (2 * mean[unsure] + seen) / (2 + len(further))
        return scores

    def sure(self, slots: Floats) -> bool:
        """Whether scores (10, characters + blank) leave little doubt of any character, and of none left
        out.
        """
        weakest = min((slot[0].score for slot in decode_slots(slots, self.alphabet)), default=0.0)
        return weakest >= SURE and left_out(slots, len(self.alphabet)) <= MISSED

    def see(self, batch: Pixels) -> Scores:
        """One run of the network on (n, *SHAPE) uint8."""
        slots, countries, two_rows, *places = self.network.session.run(None, {"pixels": batch})
        nowhere = np.zeros((len(batch), 0, 0), np.float32)  # a network of an earlier version tells none
        return Scores(slots, countries, two_rows, places[0] if places else nowhere)

    def reading(self, slots: Floats, countries: Floats, two_rows: float, places: Floats) -> Reading:
        """One crop's scores -> its reading."""
        best = int(countries.argmax())
        country = None if self.countries[best] == ANY else self.countries[best]
        read = decode_slots(slots, self.alphabet)
        if sum(slot[0].score for slot in read) < SEEN * len(read):
            read = []  # a wall, a grille: characters named at random
        return Reading(
            slots=tuple(read),
            reader=self.name,
            country=country if countries[best] >= NAMED else None,
            rows=2 if two_rows >= 0.5 else 1,
            left_out=left_out(slots, len(self.alphabet)),
            countries=self.named(countries),
            places=places_of(slots, len(self.alphabet), places) if read else (),
        )

    def named(self, scores: Floats) -> tuple[CountryGuess, ...]:
        """The countries' scores (n,) as guesses, best first."""
        order = np.argsort(-scores, kind="stable")
        return tuple(
            CountryGuess(self.countries[i], float(scores[i])) for i in order if scores[i] >= LEAST_NAMED
        )


def batches(count: int) -> Iterator[slice]:
    """The parts of `count` crops that go through a network together."""
    return (slice(at, at + BATCH) for at in range(0, count, BATCH))


def decode_slots(scores: Floats, alphabet: str) -> list[tuple[Guess, ...]]:
    """(slots, characters + blank) scores -> the guesses of every slot that holds a character, best first.

    A slot whose blank is likelier than all its characters together is dropped, also between two that hold
    some: what is left keeps its order. Scores are not rescaled, so a slot that might be empty keeps that
    doubt.
    """
    read = []
    for row in scores:
        characters, blank = row[: len(alphabet)], float(row[len(alphabet)])
        if blank >= float(characters.sum()):
            continue
        order = np.argsort(-characters, kind="stable")[:KEPT]
        guesses = [Guess(alphabet[i], float(characters[i])) for i in order if characters[i] >= LEAST]
        read.append(tuple(guesses) or (Guess(alphabet[order[0]], float(characters[order[0]])),))
    return read


def places_of(scores: Floats, alphabet: int, places: Floats) -> tuple[Place, ...]:
    """Where the slots that `decode_slots` keeps were seen: the middle of where each looks, and its line.

    Of 1,571 characters of drawn plates the middle lay within 0.2 % of the plate's width of the drawn one's
    in the median, within 1.1 % in 99 of 100.
    """
    if not places.size:
        return ()
    found = []
    for row, seen in zip(scores, places, strict=True):
        if float(row[alphabet]) >= float(row[:alphabet].sum()):
            continue
        lines = seen[:-1].reshape(2, -1)  # both lines are equally long; the last number is "nowhere"
        columns = lines.sum(axis=0)
        middles = (np.arange(len(columns)) + 0.5) / len(columns)
        x = float(columns @ middles / max(float(columns.sum()), 1e-6))
        found.append(Place(x, int(lines[1].sum() > lines[0].sum())))
    return tuple(found)


def left_out(scores: Floats, alphabet: int) -> float:
    """The highest score for any character in a slot that `decode_slots` drops, 0..0.5."""
    characters = scores[:, :alphabet].sum(axis=1)
    return float(characters[characters <= scores[:, alphabet]].max(initial=0.0))


def fit_crop(crop: Pixels) -> Pixels:
    """A crop of any size -> `SHAPE`: stretched, and its left end in its own proportions. An empty one
    becomes grey.
    """
    if crop.shape[0] < 1 or crop.shape[1] < 1:
        return np.full(SHAPE, 127, np.uint8)
    return np.concatenate([resized(crop, WIDTH, HEIGHT), left_end(crop)], axis=1)


def left_end(crop: Pixels) -> Pixels:
    """(64, END, 3): a crop's left end; one narrower than that is repeated at its border."""
    h = crop.shape[0]
    shown = crop[:, : max(1, round(END * h / HEIGHT))]
    end = resized(shown, max(1, min(END, round(shown.shape[1] * HEIGHT / h))), HEIGHT)
    return np.pad(end, ((0, 0), (0, END - end.shape[1]), (0, 0)), mode="edge")


def resized(crop: Pixels, width: int, height: int) -> Pixels:
    """A crop at another size; areas are averaged only where it shrinks, or steps would be drawn."""
    h, w = crop.shape[:2]
    if w > width or h > height:
        size = min(w, width), min(h, height)
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    if crop.shape[:2] != (height, width):
        crop = np.asarray(cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return crop


def zoomed(seen: Pixels, wider: float, higher: float) -> Pixels:
    """What the network sees (`SHAPE`), with parts of the plate's width and height more around it (repeated
    at the border), or less; the left end stays.
    """
    plate = warp_pixels(seen[:, :WIDTH], seen_around(wider, higher), WIDTH, HEIGHT)
    return np.concatenate([plate, seen[:, WIDTH:]], axis=1)


@cache
def seen_around(wider: float, higher: float) -> Quad:
    """What `zoomed` shows: the corners, in pixels of what the network sees."""
    return grow_quad(quad_from_box(Box(0, 0, WIDTH, HEIGHT)), wider, higher)
