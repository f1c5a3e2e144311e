"""Another car's plate in the folder: a neighbour's in the photo, a stray photo, two cars mixed."""

from __future__ import annotations

from dataclasses import replace

from kilpi.draw.composite import paste_plate
from kilpi.draw.plates import RenderedPlate
from kilpi.evaluation.mishaps.folder import Folder, Shot, Stage
from kilpi.evaluation.mishaps.hidden import drawn, finnish
from kilpi.evaluation.mishaps.materials import KEPT_APART, LOOKED_AT, polygon, put
from kilpi.geometry import quad_to_array
from kilpi.grammar import SampledMark
from kilpi.types import Mark

MIXES = ((2, 1), (3, 2), (4, 1))


def neighbour(kind: str, number: int, stage: Stage, apart: bool) -> Folder:
    """The own plate is covered in every photo, and a neighbour's plate stands large beside it."""
    rng = stage.rng
    own, other = finnish(rng), finnish(rng)
    plate, beside = drawn(own, rng), drawn(other, rng)
    shots: list[Shot] = []
    while len(shots) < 3:
        shot = hidden_plate(stage, plate, apart)
        assert shot.plate is not None
        pasted = paste_plate(shot.pixels, beside, rng, [shot.plate], (0.12, 0.28), 35.0)
        if pasted is not None:
            shots.append(stage.finish(Shot(pasted.pixels, shot.plate)))
    return Folder(kind, number, own.mark, tuple(shots), note=other.mark.text)


def hidden_plate(stage: Stage, plate: RenderedPlate, apart: bool) -> Shot:
    """A photo whose own plate is painted over, or covered by a board, a cloth, snow."""
    if stage.rng.random() < 0.5:
        return stage.without_plate(plate)
    shot = stage.with_plate(plate)
    assert shot.plate is not None
    _, paint = list((KEPT_APART if apart else LOOKED_AT).values())[int(stage.rng.integers(4))]
    mask = polygon(shot.pixels.shape[:2], quad_to_array(shot.plate))
    return replace(shot, pixels=put(shot.pixels, mask, paint, stage.rng))


def stray(kind: str, number: int, stage: Stage, apart: bool, strange: int = 1) -> Folder:
    """Four photos; `strange` of them are of another car and show its plate, the others show none."""
    rng = stage.rng
    own, other = finnish(rng), finnish(rng)
    plate, others = drawn(own, rng), drawn(other, rng)
    shots = [hidden_plate(stage, plate, apart) for _ in range(4 - strange)]
    shots += [replace(stage.with_plate(others), stranger=True) for _ in range(strange)]
    order = [shots[int(i)] for i in rng.permutation(4)]
    return Folder(kind, number, own.mark, tuple(map(stage.finish, order)), note=other.mark.text)


def mixed(kind: str, number: int, stage: Stage, apart: bool, even: bool = False) -> Folder:
    """Two cars' photos in one folder: 2 and 2, or 2+1, 3+2, 4+1 with marks that follow each other."""
    rng = stage.rng
    own = finnish(rng)
    other = finnish(rng) if even else next_mark(own)
    first, second = (2, 2) if even else MIXES[number % len(MIXES)]
    plates = drawn(own, rng), drawn(other, rng)
    shots = [stage.with_plate(plates[0]) for _ in range(first)]
    shots += [replace(stage.with_plate(plates[1]), stranger=True) for _ in range(second)]
    order = [shots[int(i)] for i in rng.permutation(len(shots))]
    truth = None if even else own.mark
    return Folder(
        kind, number, truth, tuple(map(stage.finish, order)), note=f"{first}+{second} {other.mark.text}"
    )


def next_mark(sample: SampledMark) -> SampledMark:
    """The mark whose number is one higher, as a fleet's cars have them."""
    letters, digits = sample.mark.text.split("-")
    number = str(int(digits) + 1) if digits != "9" * len(digits) else str(int(digits) - 1)
    mark = Mark(f"{letters}-{number}", "FI", sample.mark.series)
    groups = ((letters, number),) if sample.plate.rows == 1 else ((letters,), (number,))
    return SampledMark(mark, sample.plate, groups)
