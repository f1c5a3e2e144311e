"""/v1/plates: plates in photos, for machines. Nothing is kept: no case, no photo, no mark."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile
from pydantic import BaseModel, Field

from kilpi.schemas import read_to_json
from kilpi.web.problems import Problem
from kilpi.web.routes.v1_cases import PROBLEMS
from kilpi.web.serving import MAX_PHOTO, Served
from kilpi.web.visitor import Machine

router = APIRouter(prefix="/v1/plates", tags=["plates"], responses=PROBLEMS)
MOST_PHOTOS = 20  # of one request
Photos = Annotated[list[UploadFile], File(alias="photos", description="photos", max_length=MOST_PHOTOS)]


class CandidateShape(BaseModel):
    """What a plate may say, spelt as its country spells it."""

    text: str
    country: str | None
    score: float


class PlateShape(BaseModel):
    """One plate. Coordinates are pixels of the photo as displayed."""

    text: str = Field(description="the best candidate, else what was read")
    country: str | None
    quad: list[tuple[float, float]] = Field(description="four corners, from the plate's top left, clockwise")
    box: tuple[float, float, float, float] = Field(description="x1, y1, x2, y2")
    score: float = Field(description="the detector's; no probability")
    raw: str
    candidates: list[CandidateShape]


class ErrorShape(BaseModel):
    """Why a photo could not be read."""

    kind: str
    message: str


class ReadShape(BaseModel):
    """One photo, as `kilpi read --json` prints it."""

    photo: str
    width: int
    height: int
    plates: list[PlateShape]
    ms: dict[str, float]
    error: ErrorShape | None
    note: str = ""


@router.post("")
def read(visitor: Machine, serving: Served, files: Photos) -> list[ReadShape]:
    """The plates of each photo, best first, in the order of the photos; a broken photo carries its error."""
    if serving.maker is None:
        raise Problem(503, "other")
    line, found = serving.maker.line, list[Any]()
    for number, file in enumerate(files, 1):
        if (file.size or 0) > MAX_PHOTO:
            raise Problem(413, "too_large")
        name = (file.filename or f"{number}.jpg").replace("\\", "/").rpartition("/")[2]
        data = file.file.read()
        with serving.reading:  # one photo at a time: networks and their memory are shared
            found.append(line.read_bytes(name, data))
    return [ReadShape(**read_to_json(one)) for one in found]
