"""PlateReader: reads straightened plates with the network that Kilpi trained; one distribution a character.

The network has ten slots for a mark's characters, left-aligned, and says of each slot which character it
holds or that it holds none. It also names the country and the number of rows by the plate's looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import grow_quad, quad_from_box
from kilpi.images import warp_pixels
from kilpi.types import Box, Guess, Pixels, Reading
from kilpi.weights import Network, open_network

WIDTH, HEIGHT = (
    192,
    64,
)  # pixels of what the network sees; plates of one and of two rows are stretched into it
# Parts of a plate's width and height that are left around it when it is cut, since corners are never exact:
# the middle of what the training cuts leave.
MARGIN = (0.035, 0.09)
# Two further looks at what is not sure, by these parts of width and height: one closer, one wider, since the
# cut may be too loose or too tight. recipes/LOG.md has what else was tried.
FURTHER = ((-0.03, -0.08), (0.02, 0.04))
SURE = 0.9  # score of the weakest character from which one look is enough: more change nothing there
EMPTY = 0.1  # the same for a place taken for empty: the score of any character in it
KEPT = 5  # guesses a slot
LEAST = 1e-4  # score below which a guess is not worth keeping
SEEN = 0.15  # mean score of the best guesses below which nothing was seen
BATCH = 16  # crops a run, in one look: more need memory and win nothing
NAMED = 0.9  # score from which a country is named: a wrong name misleads the grammars, none does not
RESEMBLES = 0.5  # score from which a plate looks like a country's: a verifier wants to know
ANYWHERE = "XX"  # the network's word for a country that it does not know

Floats = NDArray[np.float32]


class PlateReader:
    """Kilpi's own reader; a `ports.Reader`."""

    def __init__(self, weights: Path | None = None, threads: int = 0) -> None:
        """`weights` is a folder with reader.onnx and reader.json; default as in `kilpi.weights`. Raises
        WeightsError.
        """
        self.network: Network = open_network("reader", weights, threads)
        card = self.network.card
        self.alphabet = str(card.input["alphabet"])
        self.countries = tuple(card.input["countries"])
        self.name = f"kilpi-reader {card.sha256[:8]}"

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """Per crop ((h, w, 3) uint8 RGB, upright, any size) its reading; no slots where nothing is seen."""
        readings: list[Reading] = []
        for begin in range(0, len(crops), BATCH):
            batch = np.stack([fit_crop(crop) for crop in crops[begin : begin + BATCH]])
            scores = self.see(batch)
            self.look_again(batch, scores)
            readings += [self.reading(s, c, float(r)) for s, c, r in zip(*scores, strict=True)]
        return readings

    def look_again(self, batch: Pixels, scores: tuple[Floats, Floats, Floats]) -> None:
        """Averages the scores of those crops of a batch that are not sure with those of the further looks."""
        unsure = [i for i, slots in enumerate(scores[0]) if self.unsure(slots)]
        if not unsure:
            return
        more = self.see(np.stack([zoomed(batch[i], *by) for by in FURTHER for i in unsure]))
        for first, further in zip(scores, more, strict=True):
            looks = further.reshape(len(FURTHER), len(unsure), *further.shape[1:])
            first[unsure] = (first[unsure] + looks.sum(axis=0)) / (1 + len(FURTHER))

    def unsure(self, slots: Floats) -> bool:
        """Whether one look's scores (10, characters + blank) leave a character in doubt."""
        read = decode_slots(slots, self.alphabet)
        return (
            not read
            or min(slot[0].score for slot in read) < SURE
            or left_out(slots, len(self.alphabet)) > EMPTY
        )

    def see(self, batch: Pixels) -> tuple[Floats, Floats, Floats]:
        """(n, 64, 192, 3) uint8 -> scores of slots (n, 10, characters + blank), countries (n, c), two rows
        (n,).
        """
        slots, countries, rows = self.network.session.run(None, {"pixels": batch})
        return slots, countries, rows

    def reading(self, slots: Floats, countries: Floats, two_rows: float) -> Reading:
        """One crop's scores -> its reading."""
        best = int(countries.argmax())
        country = None if self.countries[best] == ANYWHERE else self.countries[best]
        read = decode_slots(slots, self.alphabet)
        if sum(slot[0].score for slot in read) < SEEN * len(read):
            read = []  # a wall, a grille: characters named at random
        return Reading(
            slots=tuple(read),
            reader=self.name,
            country=country if countries[best] >= NAMED else None,
            rows=2 if two_rows >= 0.5 else 1,
            left_out=left_out(slots, len(self.alphabet)),
            resembles=country if countries[best] >= RESEMBLES else None,
        )


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


def left_out(scores: Floats, alphabet: int) -> float:
    """The highest score for any character in a slot that `decode_slots` drops, 0..0.5."""
    characters = scores[:, :alphabet].sum(axis=1)
    return float(characters[characters <= scores[:, alphabet]].max(initial=0.0))


def fit_crop(crop: Pixels) -> Pixels:
    """A crop of any size -> (64, 192, 3), stretched to fill it. An empty one becomes grey."""
    h, w = crop.shape[:2]
    if h < 1 or w < 1:
        return np.full((HEIGHT, WIDTH, 3), 127, np.uint8)
    if (h, w) == (HEIGHT, WIDTH):
        return np.ascontiguousarray(crop)
    # Area averaging only where both sides shrink: where one grows it would draw steps.
    small = crop
    if w > WIDTH or h > HEIGHT:
        size = min(w, WIDTH), min(h, HEIGHT)
        small = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    if small.shape[:2] != (HEIGHT, WIDTH):
        small = np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.ascontiguousarray(small)


def zoomed(crop: Pixels, wider: float, higher: float) -> Pixels:
    """A crop with parts of its width and height more around it (repeated at the border), or less."""
    h, w = crop.shape[:2]
    return warp_pixels(crop, grow_quad(quad_from_box(Box(0, 0, w, h)), wider, higher), WIDTH, HEIGHT)
