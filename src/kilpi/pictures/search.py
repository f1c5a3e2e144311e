"""Searches a finished picture for what may still be read as a mark: more suspiciously than the photo was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kilpi.geometry import Floats, clip_polygon, is_convex, polygon_area, quad_to_array
from kilpi.grammar import Grammars
from kilpi.pictures.lie import UPRIGHT, Lie
from kilpi.pictures.stand import Line, seen_standing
from kilpi.pictures.written import Written
from kilpi.plates.any_angle import AnyAngleFinder, upside_down
from kilpi.plates.crop import straighten
from kilpi.plates.detector import PlateDetector, best_of
from kilpi.plates.readable import (
    PART,
    clarity,
    is_mixed,
    is_strange,
    is_writing,
    reads_as_mark,
    reads_clearly,
    vouched_for,
    without_weak_end,
    worth_reading,
    worth_reading_clearly,
)
from kilpi.plates.reader import MARGIN as READER_MARGIN
from kilpi.plates.reader import PlateReader, fit_crop
from kilpi.ports import Detector, Reader, Viewer
from kilpi.types import Box, Photo, Pixels, Quad, Reading, Sighting

SEARCH_THRESHOLD = 0.2  # of the detector's score, where its own is about twice that
INSIDE_COVER = 0.7  # share of a sighting's area; what is found that far inside a cover is the cover itself
# Clarity by which a find reads more clearly one way round than another, which is then none: a menu's word may
# read as a mark on its head. Of 342 plates of dev-market and dev-parking the wrong way leads by 0.06 at most.
WRONG_WAY = 0.1


@dataclass(frozen=True)
class Search:
    """How a finished picture is searched again.

    `detector` should be set to a lower threshold than the one that found the plates. Without a `reader`
    every find counts as readable; `grammars` know which words are marks. With a `closer` what the detector
    finds is only suspected, at any angle, and looked at again. A `viewer` tells how a picture lies (`lie`).
    With `written` the car's own number is looked for in all writing, too; with a `line` a picture that lies
    turned is also searched as it would stand.
    """

    detector: Detector
    reader: Reader | None = None
    grammars: Grammars | None = None
    closer: AnyAngleFinder | None = None
    viewer: Viewer | None = None
    written: Written | None = None
    line: Line | None = None


def make_search(
    detector: Detector,
    reader: Reader,
    grammars: Grammars,
    viewer: Viewer | None = None,
    threads: int = 0,
    line: Line | None = None,
) -> Search:
    """The search for a line's parts: at any angle where the scout is there, else only more suspicious."""
    if not isinstance(detector, PlateDetector):
        return Search(detector, reader, grammars, viewer=viewer, line=line)
    near = detector.for_hiding(SEARCH_THRESHOLD)
    finder = AnyAngleFinder.load(near, threads=threads)
    return Search(finder or near, reader, grammars, finder, viewer, line=line)


def readable(finished: Photo, outlines: Sequence[Floats], search: Search, lie: Lie = UPRIGHT) -> list[Quad]:
    """What may still be read in a finished picture, as quads in its own pixels.

    `outlines` are its covers', (n, 2) each; `lie` tells how it may lie.
    """
    closer = search.closer
    found = closer.find_turned(finished) if closer and lie.closely else search.detector.find([finished])[0]
    suspects = uncovered(found, outlines)
    left = uncovered(closer.look(finished, suspects), outlines) if closer and suspects else suspects
    if search.reader is None:
        return [s.quad for s in left]
    ways = ways_of(left, search)
    crops = straightened(finished, ways)
    marks = [
        (s, clarity(r))
        for s, r in read_ways(ways, crops, search.reader)
        if may_be_mark(s, r, search.grammars) and not is_told_apart(s, r, lie)
    ]
    if closer:
        marks += mirrored_marks(ways, crops, search.reader, search.grammars)
    if closer and lie.closely:
        whole = ways_of(uncovered(closer.as_suspected(finished, suspects), outlines), search)
        crops = straightened(finished, whole)
        marks += clear_marks(read_ways(whole, crops, search.reader, clearly=True))
    if search.line and search.grammars:
        standing = seen_standing(finished, lie.ways, search.line, search.grammars)
        marks += [pair for pair in standing if uncovered([pair[0]], outlines)]
    return [s.quad for s in best_of([s for s, _ in sorted(marks, key=lambda pair: -pair[1])])]


def is_told_apart(sight: Sighting, read: Reading, lie: Lie) -> bool:
    """Whether what may read as a mark is none by how the picture lies: writing in an inside, and a sign that
    reads as a mark on its head where all else stands, unless it reads clearly.
    """
    if lie.inside and is_writing(read):
        return True
    return lie.stands and not lie.closely and sight.quad != head_up(sight.quad) and not reads_clearly(read)


def named(finished: Photo, outlines: Sequence[Floats], search: Search) -> list[Quad]:
    """The lines of writing that tell the car's own number, where they are looked for; as `readable`."""
    return [s.quad for s in uncovered(search.written.find(finished), outlines)] if search.written else []


def mirrored_marks(
    ways: Sequence[Sequence[Sighting]],
    crops: Sequence[Pixels],
    reader: Reader,
    grammars: Grammars | None,
) -> list[tuple[Sighting, float]]:
    """Of what was found and `straightened`, what is a country's mark where it is read as in a mirror,
    clearly; with its clarity.

    A plate in a window, in paint, on a wet floor or in a mirror, or all of a photo that was mirrored, is read
    by whoever mirrors the picture back. As it stands it reads as no country's. It does not tell how the
    picture is held, for on a wet floor it stands on its head: its corners begin at the upper edge.
    """
    mirrored = [np.ascontiguousarray(crop[:, ::-1]) for crop in crops]
    read = read_ways(ways, mirrored, reader, clearly=True)
    clear = ((sight, one) for sight, one in read if reads_clearly(one, fewest=PART))
    marks = [(sight, one) for sight, one in clear if may_be_mark(sight, one, grammars)]
    return [(replace(sight, quad=head_up(sight.quad)), clarity(one)) for sight, one in marks]


def head_up(quad: Quad) -> Quad:
    """The corners from the upper edge on."""
    return quad if quad.tl.y + quad.tr.y <= quad.bl.y + quad.br.y else upside_down(quad)


def clear_marks(read: Iterable[tuple[Sighting, Reading]]) -> list[tuple[Sighting, float]]:
    """Of what was read, each one way round or the other, what is a country's mark the way it reads more
    clearly; with its clarity. The detector does not see a turned plate that a lamp parts.
    """
    best: dict[Box, tuple[float, Sighting, Reading]] = {}
    for sight, reading in read:
        sure = clarity(reading)
        if sure > best.get(sight.quad.box, (0.0,))[0]:
            best[sight.quad.box] = sure, sight, reading
    return [(sight, sure) for sure, sight, reading in best.values() if reads_clearly(reading)]


def uncovered(found: Sequence[Sighting], outlines: Sequence[Floats]) -> list[Sighting]:
    """Those that are not the covers themselves."""
    return [s for s in found if covered_share(s.quad, outlines) < INSIDE_COVER]


def ways_of(found: Sequence[Sighting], search: Search) -> list[list[Sighting]]:
    """Of each find the ways round that it may lie: where it was looked for at any angle, two."""
    return [[s, replace(s, quad=upside_down(s.quad))] if search.closer else [s] for s in found]


def may_be_mark(sight: Sighting, read: Reading, grammars: Grammars | None) -> bool:
    """Whether a find may be a readable mark, whole or cut off at an end."""
    return any(
        reads_as_mark(one, sight.score + vouched_for(one), sight.quad, grammars)
        for one in (read, without_weak_end(read))
    )


def straightened(finished: Photo, ways: Sequence[Sequence[Sighting]]) -> list[Pixels]:
    """Each way round of each find, straightened, in turn."""
    return [straighten(finished, s.quad, margin=READER_MARGIN) for turns in ways for s in turns]


def read_ways(
    ways: Sequence[Sequence[Sighting]], crops: Sequence[Pixels], reader: Reader, clearly: bool = False
) -> Iterator[tuple[Sighting, Reading]]:
    """What is read in each find, of which `ways` has the ways round that it may lie; `crops` are those,
    `straightened`. Left out is a way that reads far less clearly than another, and one where one look tells
    that nothing is there; `clearly`: that nothing is there that more looks would read clearly.
    """
    sights = [s for turns in ways for s in turns]
    if not isinstance(reader, PlateReader):
        seen = reader.read(crops) if crops else []
        clear = clear_ways(ways, seen)
        yield from (pair for pair, kept in zip(zip(sights, seen, strict=True), clear, strict=True) if kept)
        return
    if not crops:
        return
    fitted = [fit_crop(crop) for crop in crops]
    scores = reader.look_once(fitted)
    once = reader.told(scores)
    kept = [
        at
        for at, (s, read, clear) in enumerate(zip(sights, once, clear_ways(ways, once), strict=True))
        if clear
        and (worth_reading_clearly(read) if clearly else worth_reading(read, s.score + vouched_for(read)))
    ]
    read_on = reader.read_on([fitted[at] for at in kept], scores.of(kept))
    yield from zip([sights[at] for at in kept], read_on, strict=True)


def clear_ways(ways: Sequence[Sequence[Sighting]], readings: Sequence[Reading]) -> list[bool]:
    """Of each way round, in turn, whether no other way of the same find reads far more clearly.

    What is of letters and digits and looks like no country's leads by nothing: so does a plate on its head.
    """
    kept, rest = [], iter(readings)
    for turns in ways:
        own = [next(rest) for _ in turns]
        leads = max((clarity(r) for r in own if not (is_mixed(r) and is_strange(r))), default=0.0)
        kept += [clarity(read) >= leads - WRONG_WAY for read in own]
    return kept


def covered_share(quad: Quad, outlines: Sequence[Floats]) -> float:
    """The share of a quad's area inside the outline that covers most of it, 0..1."""
    area = abs(polygon_area(quad_to_array(quad)))
    if area == 0 or not is_convex(quad):
        return 0.0
    shared = (clip_polygon(quad_to_array(quad), polygon) for polygon in outlines)
    return max((abs(polygon_area(p)) / area for p in shared if len(p) >= 3), default=0.0)
