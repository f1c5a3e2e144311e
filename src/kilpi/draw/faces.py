"""Which face a plate is set in: of what kind one is for a country, and any of all that can be drawn."""

from __future__ import annotations

from functools import cache

import numpy as np

from kilpi.draw.glyphs import face_names, habit, more_face_names
from kilpi.draw.letterforms import reshaped_name
from kilpi.draw.random_fonts import PREFIX, PRESSED, chance_names, pressed_names

ANY_FACES = 360  # that `any_face` chooses from
RESHAPED = 0.55  # how often one of them is reshaped


def kind_of_face(face: str, country: str) -> str:
    """ "own": stands for the country's own typeface. "chance": an alphabet by chance. "other": neither."""
    if face in habit(country).faces:
        return "own"
    return "chance" if face.startswith((PREFIX, PRESSED)) else "other"


def any_face(rng: np.random.Generator) -> str:
    """Any face at all: alphabets by chance, dies, typefaces, most of them reshaped."""
    names = _any_faces()
    return names[int(rng.integers(len(names)))]


@cache
def _any_faces() -> tuple[str, ...]:
    """A fixed number of faces and shapes, so that each is drawn once and kept."""
    rng = np.random.default_rng(67)
    faces = []
    for number in range(ANY_FACES):
        kinds = (pressed_names(), pressed_names(), chance_names(), (*face_names(), *more_face_names()))
        names = kinds[number % 4]
        face = names[int(rng.integers(len(names)))]
        faces.append(reshaped_name(face, rng) if rng.random() < RESHAPED else face)
    return tuple(faces)
