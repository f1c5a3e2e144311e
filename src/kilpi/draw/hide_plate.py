"""Ways to hide what is at a place in a photo: painted over from around it, cloned, covered, blurred.

For the view network's places of plates (`kilpi.learn.view.place_examples`). The same arts are used where no
plate is, so that it is not they that tell a plate's place. Photos are (h, w, 3) uint8 RGB; places are corners
(4, 2), tl, tr, br, bl, pixels. Nothing is changed in place.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.types import Pixels

Rng = np.random.Generator
Floats = NDArray[np.floating]

WIDER, TALLER = 0.12, 0.3  # parts of its sides by which a place is grown at most before it is hidden
LETTERS = "ABCDEFGHIKLMNOPRSTUVXYZ"


def hide(photo: Pixels, place: Floats, rng: Rng) -> Pixels:
    """The photo with one place hidden in one of these ways, chosen by lot."""
    place = grown(place, rng.uniform(0, WIDER), rng.uniform(0, TALLER))
    arts = (painted_over, painted_over, cloned, covered, covered, blurred)
    return arts[int(rng.integers(len(arts)))](photo, place, rng)


def grown(place: Floats, along: float, down: float) -> Floats:
    """The corners moved outwards by parts of the place's sides."""
    tl, tr, br, bl = np.asarray(place, np.float64)
    right, lower = (tr + br - tl - bl) / 2 * along, (bl + br - tl - tr) / 2 * down
    return np.array([tl - right - lower, tr + right - lower, br + right + lower, bl - right + lower])


def laid(photo: Pixels, filling: NDArray[Any], place: Floats, soft: float) -> Pixels:
    """The photo with `filling` (h, w, 3) at the place, its edge softened by so many pixels."""
    mask = mask_of(photo, place)
    if soft > 0:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)
    mixed = photo * (1 - mask[..., None]) + filling * mask[..., None]
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def mask_of(photo: Pixels, place: Floats) -> NDArray[np.float32]:
    """1 inside the place, 0 elsewhere."""
    mask = np.zeros(photo.shape[:2], np.float32)
    cv2.fillConvexPoly(mask, np.round(place).astype(np.int32), 1.0)
    return mask


def painted_over(photo: Pixels, place: Floats, rng: Rng) -> Pixels:
    """Filled smoothly from around it: means of what is known, near ones first, with a little noise."""
    known = 1 - mask_of(photo, place)
    sides = np.ptp(place, axis=0)
    reach = max(4.0, 0.25 * float(sides.min()))
    total = np.zeros(photo.shape, np.float32)
    weight = np.full(photo.shape[:2], 1e-12, np.float32)
    for sigma, part in ((0.3 * reach, 1.0), (reach, 1e-2), (3 * reach, 1e-4)):
        total += part * cv2.GaussianBlur(photo * known[..., None], (0, 0), sigma)
        weight += part * cv2.GaussianBlur(known, (0, 0), sigma)
    noise = rng.normal(0, rng.uniform(0, 4), photo.shape)
    return laid(photo, total / weight[..., None] + noise, place, 1.0)


def cloned(photo: Pixels, place: Floats, rng: Rng) -> Pixels:
    """Filled with what is above, below or beside it; painted over where the photo ends there."""
    height, width = photo.shape[:2]
    (x1, y1), (x2, y2) = np.floor(place.min(axis=0)).astype(int), np.ceil(place.max(axis=0)).astype(int)
    ways = np.array(
        [(0, -1.3 * (y2 - y1)), (0, 1.3 * (y2 - y1)), (1.15 * (x2 - x1), 0), (-1.15 * (x2 - x1), 0)]
    )
    for dx, dy in rng.permutation(ways).astype(int):
        inside = min(x1, y1, x1 + dx, y1 + dy) >= 0 and max(x2, x2 + dx) < width and max(y2, y2 + dy) < height
        if inside:
            filling = photo.copy()
            filling[y1:y2, x1:x2] = photo[y1 + dy : y2 + dy, x1 + dx : x2 + dx]
            return laid(photo, filling, place, 2.0)
    return painted_over(photo, place, rng)


def covered(photo: Pixels, place: Floats, rng: Rng) -> Pixels:
    """Under a board: grey or of any colour, in one or two fields, with a word or without."""
    kind = int(rng.integers(5))
    colour = rng.integers(0, 256, 3) if kind else np.full(3, rng.integers(20, 255))
    shade = np.ones(photo.shape, np.float64) * colour
    if rng.random() < 0.4:
        shade += np.linspace(-1, 1, photo.shape[0])[:, None, None] * rng.uniform(-60, 60)
    board = np.ascontiguousarray(np.clip(shade, 0, 255), np.uint8)
    if kind == 3:
        middle = place[:, 1].mean() + rng.uniform(-0.3, 0.3) * np.ptp(place[:, 1])
        board[max(0, int(middle)) :] = rng.integers(0, 256, 3)
    if kind >= 2 and rng.random() < 0.6:
        write(board, place, rng)
    return laid(photo, board, place, float(rng.uniform(0.3, 1.5)))


def write(board: Pixels, place: Floats, rng: Rng) -> None:
    """A word along the place, in the board itself."""
    word = "".join(rng.choice(list(LETTERS), int(rng.integers(3, 10))))
    wide = float(np.ptp(place[:, 0]))
    size = wide / (22 * len(word))  # a letter of this typeface is some 20 pixels wide at size 1
    at = int(place[:, 0].min() + 0.08 * wide), int(place[:, 1].mean() + 8 * size)
    ink = [float(value) for value in rng.integers(0, 256, 3)]
    cv2.putText(board, word, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, max(1, int(2 * size)), cv2.LINE_AA)


def blurred(photo: Pixels, place: Floats, rng: Rng) -> Pixels:
    """Blurred until nothing can be read."""
    sigma = max(2.0, float(np.ptp(place[:, 1]) * rng.uniform(0.25, 0.8)))
    return laid(photo, np.asarray(cv2.GaussianBlur(photo, (0, 0), sigma), np.float32), place, 1.0)
