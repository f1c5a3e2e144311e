"""POST /v1/plates: the plates in photos, as `kilpi read --json` tells them; nothing is kept."""

from __future__ import annotations

import threading
from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile

from kilpi.errors import UsageError
from kilpi.schemas import read_to_json
from kilpi.web.problems import Problem
from kilpi.web.routes.v1_cases import PROBLEMS
from kilpi.web.serving import MAX_PHOTO, Served
from kilpi.web.visitor import Machine

router = APIRouter(tags=["plates"], responses=PROBLEMS)
MOST_PHOTOS = 20  # of one request
ONE_AT_A_TIME = threading.Lock()  # photos are worked on by all cores; more at once would only wait longer


@router.post("/v1/plates")
def plates(
    visitor: Machine,
    serving: Served,
    photos: Annotated[list[UploadFile], File(description="photos", max_length=MOST_PHOTOS)],
) -> list[dict[str, Any]]:
    """Per photo its plates, the best first: corners in pixels, characters, candidates of marks by country.

    A photo that cannot be used carries its error; the others go on.
    """
    if serving.maker is None:
        raise UsageError("plates: this server reads none; start it with `kilpi serve`")
    line, told = serving.maker.line, []
    for number, photo in enumerate(photos, 1):
        if (photo.size or 0) > MAX_PHOTO:
            raise Problem(413, "too_large")
        name, data = photo.filename or f"{number}", photo.file.read()
        with ONE_AT_A_TIME:
            told.append(read_to_json(line.read_file(name, line.sightings, data)))
    return told
