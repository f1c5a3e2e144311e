"""Searches a picture that lies turned as it would stand: upright, the line sees all that it ever sees.

The search at any angle looks for single plates, and misses what is hard: parted by a lamp, small, seen from
aside. Where the car in the picture tells how it lies, the whole picture is stood upright instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from kilpi.geometry import Floats, quad_from_array, quad_to_array
from kilpi.grammar import Grammars
from kilpi.pictures.to_cover import marks_among
from kilpi.plates.detector import EMPTY
from kilpi.plates.readable import clarity
from kilpi.types import Photo, Plate, Quad, Sighting

Line = Callable[[Photo], Sequence[Plate]]
"""All that the line finds in one photo, whatever it takes it for, read."""


def stood(photo: Photo, degrees: int) -> tuple[Photo, Floats]:
    """The picture turned by `degrees` to the left around its middle, by quarters whole, else as wide and tall
    as it was; and the matrix, 2 x 3, that takes its native pixels, counted from their corners, back.
    """
    height, width = photo.pixels.shape[:2]
    size = (height, width) if degrees % 180 == 90 else (width, height)
    turn = np.radians(degrees)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle, other = np.array([width, height]) / 2, np.array(size) / 2
    start = middle - back @ other
    shown = np.column_stack([back, start + back @ (0.5, 0.5) - 0.5])  # OpenCV's pixel centres are at integers
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(photo.pixels, shown, size, flags=flags, borderValue=(EMPTY,) * 3)
    scale = photo.width / width
    copy = Photo(photo.id, photo.path, size[0], size[1], np.asarray(pixels, np.uint8))
    return copy, np.column_stack([back, start]) * scale


def seen_standing(
    photo: Photo, ways: Sequence[int], line: Line, grammars: Grammars
) -> list[tuple[Sighting, float]]:
    """What the line sees that reads as a mark in the picture as it would stand, with its clarity; its corners
    are in the picture as it lies.
    """
    seen = []
    for degrees in ways:
        copy, back = stood(photo, degrees)
        for one in marks_among(line(copy), grammars):
            sure = clarity(one.reading) if one.reading else 0.0
            seen.append((replace(one.sighting, quad=laid(one.sighting.quad, back)), sure))
    return seen


def laid(quad: Quad, back: Floats) -> Quad:
    """A quad of a picture that was stood upright, in the picture as it lies."""
    return quad_from_array(quad_to_array(quad) @ back[:, :2].T + back[:, 2])
